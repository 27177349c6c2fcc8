"""JSON Lines, and JSON files that hold a list of records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from indexer.sources.encodings import decode, decode_line, detect, unescaped
from indexer.sources.events import Event, Rejected, Unreadable
from indexer.sources.fields import FieldMap, Where, article_events

#: Where programs put the list inside an object.
_LISTS = (
    "articles",
    "items",
    "posts",
    "records",
    "documents",
    "docs",
    "results",
    "data",
    "entries",
)


def read_lines(source: str, lines: Iterable[bytes], field_map: FieldMap) -> Iterator[Event]:
    """A record a line. Memory holds one line at a time."""
    wide = None
    for number, line in enumerate(lines, start=1):
        if number == 1 and detect(line).startswith("utf-16"):
            wide = [line]
            break
        if line.strip():
            yield from _line(source, number, line, field_map)
    if wide is not None:
        text = decode(b"".join([*wide, *lines]))
        for number, wide_line in enumerate(text.splitlines(), start=1):
            if wide_line.strip():
                yield from _line(source, number, wide_line.encode("utf-8"), field_map)


def _line(source: str, number: int, line: bytes, field_map: FieldMap) -> Iterator[Event]:
    where = Where(source, f"line {number}", line.strip())
    try:
        yield from _record(_parsed(decode_line(line)), where, field_map)
    except Unreadable as error:
        yield Rejected(source, where.record, error.code, error.message)


def read_document(source: str, text: str, field_map: FieldMap) -> Iterator[Event]:
    """A list of records, an object that holds such a list, or one record.

    Raises:
        Unreadable: it is not JSON, or holds no records.
    """
    for number, value in enumerate(_records(_parsed(text)), start=1):
        raw = json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
        where = Where(source, f"record {number}", raw)
        try:
            yield from _record(value, where, field_map)
        except Unreadable as error:
            yield Rejected(source, where.record, error.code, error.message)


def _records(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        held = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
        return [value] if held is None else held
    raise Unreadable("not-a-record", "The file is JSON, but holds no list of records.")


def _parsed(text: str) -> Any:
    try:
        return unescaped(json.loads(text), text)
    except json.JSONDecodeError as error:
        place = (
            f"line {error.lineno}, column {error.colno}"
            if error.lineno > 1
            else (f"column {error.colno}")
        )
        raise Unreadable("bad-json", f"It is not JSON: {error.msg} at {place}.") from error
    except RecursionError as error:
        raise Unreadable("bad-json", "It is JSON nested too deep to be read.") from error
    except ValueError as error:
        # Python's own bound, against numbers that take long to read.
        raise Unreadable("bad-json", "It holds a number of more than 4,300 digits.") from error


def _record(value: Any, where: Where, field_map: FieldMap) -> Iterator[Event]:
    if not isinstance(value, dict):
        raise Unreadable(
            "not-a-record", f"It is {type(value).__name__}, not an object with fields."
        )
    yield from article_events(value, where, field_map)
