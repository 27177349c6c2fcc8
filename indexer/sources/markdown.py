"""Markdown posts with YAML (``---``) or TOML (``+++``) front matter, as Jekyll and Hugo keep."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from typing import Any

from indexer.sources.events import Event, Unreadable
from indexer.sources.fields import FieldMap, Where, article_events
from indexer.sources.markdown_text import from_markdown

_FRONT = re.compile(r"\A\s*(---|\+\+\+)[^\S\n]*\n(.*?)\n\1[^\S\n]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\A\s*#{1,2}\s+(.+?)\s*#*\s*\n")
_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})[-_](.+)")
_BODY = "the text below"


def read_markdown(text: str, where: Where, field_map: FieldMap) -> Iterator[Event]:
    """The one article of a file.

    Raises:
        Unreadable: the front matter cannot be read, or there is no text below it.
    """
    front, below = split(text)
    stem = PurePath(where.source).name.split(".")[0]
    dated = _DATED_NAME.fullmatch(stem)
    record = dict(front)
    names = field_map.of(record)
    if not record.get(names.get("title", "")):
        heading = _HEADING.match(below)
        if heading:
            below = below[heading.end() :]
        name = dated[2] if dated else stem
        title = heading[1] if heading else re.sub(r"[-_]+", " ", name)
        record[names.get("title", "title")] = title
    if dated and not record.get(names.get("date", "")):
        record[names.get("date", "date")] = dated[1]
    # A field of the front matter that is called "text" is not the text.
    body_map = FieldMap({**field_map.explicit, "body": _BODY})
    body_map.told = field_map.told
    record[_BODY] = from_markdown(below)
    yield from article_events(record, where, body_map, body_is_text=True)


def split(text: str) -> tuple[dict[str, Any], str]:
    """Front matter and what stands below it.

    Raises:
        Unreadable: it is neither YAML nor TOML with names and values.
    """
    text = text.replace("\r\n", "\n")
    match = _FRONT.match(text)
    if not match:
        return {}, text
    front = _toml(match[2]) if match[1] == "+++" else _yaml(match[2])
    if not isinstance(front, dict):
        if front is None:
            return {}, text[match.end() :]
        raise Unreadable("bad-front-matter", "The front matter holds no names with values.")
    named = {str(name): value for name, value in front.items()}
    # Hugo keeps what is not its own under this name.
    for holder in ("params", "taxonomies"):
        if isinstance(named.get(holder), dict):
            named = {**named[holder], **{k: v for k, v in named.items() if k != holder}}
    return named, text[match.end() :]


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("bad-front-matter", f"The front matter is not TOML: {error}.") from error


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise Unreadable("bad-front-matter", f"The front matter is not YAML: {said}.") from error


@cache
def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def timestamp(loader: Any, node: Any) -> Any:
        try:
            return loader.construct_yaml_timestamp(node)
        except ValueError:
            # 30 February: no day, which is to be said of the date and not of the front matter.
            return node.value

    loader = type("Loader", (base,), {})
    yaml.add_constructor("tag:yaml.org,2002:timestamp", timestamp, Loader=loader)
    return loader
