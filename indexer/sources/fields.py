"""A record's fields, whatever they are called, as an article."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from byline.errors import BadDate, UsageError
from byline.records import Article, Origin, PartialDate, utc_now
from indexer.sources import authors
from indexer.sources.dates import read_date
from indexer.sources.events import Event, Found, Noted, Unreadable
from indexer.sources.files import STDIN
from indexer.sources.prose import one_line, plain_text

#: Ours → names that mean it, letters only, lower case, the surest first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "guid", "uuid", "articleid", "slug", "identifier"),
    "title": ("title", "headline", "head", "heading", "name", "titletext"),
    "authors": ("authors", "author", "byline", "creator", "writer", "writers", "creators",
                "authorname", "authornames", "columnist", "contributors"),
    "date": ("date", "published", "pubdate", "datepublished", "publishedat", "publicationdate",
             "publishdate", "publishedon", "pubtime", "created", "createdat", "issued", "year"),
    "body": ("body", "text", "content", "articlebody", "fulltext", "bodytext", "articletext",
             "contenthtml", "contenttext", "contentrendered", "story", "html", "article"),
    "publication": ("publication", "newspaper", "outlet", "publisher", "journal", "magazine",
                    "source", "sourcename", "site", "sitename", "paper", "ispartof"),
    "url": ("url", "link", "permalink", "weburl", "canonicalurl", "href", "sourceurl"),
    "summary": ("summary", "abstract", "standfirst", "description", "excerpt", "dek", "lead",
                "deck", "subtitle", "subheadline", "trailtext"),
    "topics": ("topics", "topic", "tags", "categories", "keywords", "subjects", "tag",
               "category", "labels", "keyword", "subject"),
    "section": ("section", "sectionname", "desk", "rubric", "department", "articlesection"),
    "language": ("language", "lang", "inlanguage", "locale"),
}  # fmt: skip
# Each begins where white space does, so that much of that is looked at once.
_COMMENT = re.compile(r"(?<!\s)\s++#\s.*$", re.DOTALL)
_LISTS = re.compile(r"(?<!\s)\s*+[;,|]\s*")
_DEEPEST = 50
_MOST_VALUES = 100_000
#: In bits.
_LONGEST_NUMBER = 4096
_ID_FIELDS_OF_OTHERS = ("_id",)


@dataclass(frozen=True, slots=True)
class Where:
    """Which record is being read."""

    source: str
    record: str
    raw: bytes

    def origin(self, told: bytes = b"") -> Origin:
        """``told``: how the record was told to be read; read otherwise, it is another."""
        digest = hashlib.sha256(self.raw + told).hexdigest()
        return Origin(self.source, self.record, digest, utc_now())


class FieldMap:
    """Which of a record's names means what. Explicit names go before known ones.

    Attributes:
        told: the explicit names as bytes that stand for them.
    """

    def __init__(self, explicit: Mapping[str, str]) -> None:
        unknown = [name for name in explicit if name not in NAMES]
        if unknown:
            near = get_close_matches(unknown[0], NAMES, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(
                f"--field: an article has no field {unknown[0]!r}.{hint}",
                remedy=f"The fields are {', '.join(NAMES)}.",
            )
        self.explicit = explicit
        self.told = json.dumps(sorted(explicit.items())).encode() if explicit else b""
        self._known: dict[tuple[str, ...], dict[str, str]] = {}

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """Ours → theirs."""
        key = tuple(names)
        if key not in self._known:
            self._known[key] = self._find(key)
        return self._known[key]

    def _find(self, names: tuple[str, ...]) -> dict[str, str]:
        plain = {_letters(name): name for name in reversed(names)}
        found = {
            ours: next((plain[name] for name in candidates if name in plain), None)
            for ours, candidates in NAMES.items()
        }
        if found["id"] is None:
            found["id"] = next((name for name in _ID_FIELDS_OF_OTHERS if name in names), None)
        found |= self.explicit
        return {ours: theirs for ours, theirs in found.items() if theirs is not None}


def _letters(name: str) -> str:
    """``Publication_Date``, ``publicationDate`` and ``publication date`` are one name."""
    return re.sub(r"[\W_]+", "", name.rsplit(":", maxsplit=1)[-1]).lower()


def article_events(
    record: Mapping[str, Any], where: Where, field_map: FieldMap, *, body_is_text: bool = False
) -> Iterator[Event]:
    """The article that a record holds, after what is to be noted of it.

    Args:
        body_is_text: markup in the body is its subject, and stays: it was made text already.

    Raises:
        Unreadable: it has no body.
    """
    names = field_map.of(record)
    if "body" in names and "body" not in field_map.explicit:
        names = names | {"body": _filled_body(record, names["body"])}
    given = {ours: record.get(theirs) for ours, theirs in names.items()}
    _refuse_what_does_not_end(given)
    if "body" not in names:
        raise Unreadable(
            "no-body",
            f"No field looks like a body; there are {_listed(record)}. Name one: "
            "--field body=NAME.",
        )
    body = _text(given["body"]) if body_is_text else plain_text(_text(given["body"]))
    if not body:
        raise Unreadable("empty-body", f"The field {names['body']} holds no text.")
    date, trouble = _date(given.get("date"))
    if trouble is not None:
        yield Noted(where.source, where.record, "bad-date", trouble)
    url = _text(given.get("url")) or None
    article = Article(
        id=_text(given.get("id")) or url or made_id(where),
        title=one_line(_text(given.get("title"))),
        body=body,
        authors=author_names(given.get("authors")),
        publication=one_line(_text(given.get("publication"))) or None,
        date=date,
        url=url,
        summary=_summary(given.get("summary"), body),
        topics=_values(given.get("topics")),
        section=one_line(_text(given.get("section"))) or None,
        language=_language(given.get("language")),
        origins=(where.origin(field_map.told),),
    )
    used = set(names.values())
    yield Found(article, tuple(name for name in record if name not in used))


def _filled_body(record: Mapping[str, Any], first: str) -> str:
    """The surest name for a body under which there is something."""
    if record[first]:
        return first
    known = {_letters(name): name for name in reversed(list(record))}
    filled = (known[name] for name in NAMES["body"] if name in known and record[known[name]])
    return next(filled, first)


def _refuse_what_does_not_end(given: Mapping[str, Any]) -> None:
    """YAML can hold a list that is in itself, or say little that is very much.

    Raises:
        Unreadable: a value is such.
    """
    level: list[Any] = list(given.values())
    depth = values = 0
    while level:
        depth += 1
        values += len(level)
        if depth > _DEEPEST or values > _MOST_VALUES:
            raise Unreadable("bad-value", "A field is nested too deep, or in itself.")
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                continue
            if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
                raise Unreadable("bad-value", "A field holds a number too long to be written.")
            if isinstance(value, Mapping):
                below += value.values()
            elif isinstance(value, list | tuple):
                below += value
        level = below


def made_id(where: Where) -> str:
    """For a record without an id or URL of its own: a hash of where it came from.

    Standard input is no place: what comes from there is known by what it is.
    """
    if where.source == STDIN:
        return hashlib.sha256(where.raw).hexdigest()[:20]
    return place_id(where.source, where.record)


def place_id(source: str, record: str) -> str:
    place = f"{source}\n{record}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(place).hexdigest()[:20]


def author_names(value: Any) -> tuple[str, ...]:
    """From a byline, a list of names, or objects that hold a name."""
    match value:
        case None | "":
            return ()
        case str():
            return authors.names(one_line(_uncommented(value)))
        case Mapping():
            return author_names(value.get("name") or value.get("displayName"))
        case list() | tuple():
            # In a list, each entry is one name, commas and all.
            found = [
                (one_line(authors.bare(_uncommented(item))),)
                if isinstance(item, str)
                else author_names(item)
                for item in value
            ]
            return authors.unique(name for names in found for name in names)
        case _:
            return (str(value),)


def _date(value: Any) -> tuple[PartialDate | None, str | None]:
    """The date, and what is wrong with it; an article is kept without a date it cannot have."""
    try:
        return read_date(value), None
    except BadDate as error:
        return None, f"{error.message.rstrip('.')}; the article is kept without a date."


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case list() | tuple():
            return "\n\n".join(_text(item) for item in value)
        case Mapping():
            inner = next(
                (
                    value[key]
                    for key in ("rendered", "text", "name", "html", "value", "#text", "$oid")
                    if key in value
                ),
                None,
            )
            return _text(inner)
        case bool():
            return ""
        case _:
            return str(value)


def _summary(value: Any, body: str) -> tuple[str, ...]:
    """The points, unless they are only the beginning of the body once more."""
    if value is None:
        return ()
    parts = value if isinstance(value, list | tuple) else [value]
    points = [point for part in parts for point in plain_text(_text(part)).split("\n") if point]
    cleaned = authors.unique(point.strip(" •*-–\t") for point in points)
    return tuple(point for point in cleaned if not body.startswith(point.rstrip("….[] ")))


def _values(value: Any) -> tuple[str, ...]:
    match value:
        case None | "":
            return ()
        case str():
            parts: Iterable[Any] = _LISTS.split(_uncommented(value))
        case list() | tuple():
            parts = value
        case Mapping():
            parts = [value.get("name")]
        case _:
            parts = [value]
    return authors.unique(one_line(_uncommented(_text(part))) for part in parts)


def _uncommented(text: str) -> str:
    """Without the comment of a front matter that a converter took for a part of the value."""
    return _COMMENT.sub("", text)


def _language(value: Any) -> str | None:
    text = _text(value).replace("_", "-").lower()
    return text if re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", text) else None


def _listed(record: Mapping[str, Any]) -> str:
    names = list(record)
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
