"""JSON Lines, and JSON files that hold a list of records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from byline.jsontext import from_json, strict_json
from indexer.sources.encodings import decode, decode_line, detect, unescaped
from indexer.sources.events import Event, Noted, Rejected, Unreadable
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
    rest = iter(lines)
    any_record = False
    for number, line in enumerate(rest, start=1):
        if number == 1 and (detect(line).startswith("utf-16") or line.lstrip().startswith(b"[")):
            yield from _whole(source, b"".join([line, *rest]), field_map)
            return
        if line.strip():
            any_record = True
            yield from _line(source, number, line, field_map)
    if not any_record:
        yield _no_records(source)


def _whole(source: str, data: bytes, field_map: FieldMap) -> Iterator[Event]:
    """UTF-16, whose lines are told apart only when they are text; and a list after all."""
    text = decode(data) if detect(data).startswith("utf-16") else ""
    if (text or data.decode("utf-8", "replace")).lstrip("\ufeff \r\n\t").startswith("["):
        try:
            value = _parsed(text or decode(data))
        except Unreadable:
            value = None
        # A line that is a list is no record, but a file that is one holds records.
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            yield from read_document(source, text or decode(data), field_map)
            return
    lines = [line.encode() for line in text.split("\n")] if text else data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield from _line(source, number, line, field_map)


def _no_records(source: str) -> Noted:
    return Noted(source, "", "no-records", "It can be read, but holds no records.")


def _line(source: str, number: int, line: bytes, field_map: FieldMap) -> Iterator[Event]:
    where = Where(source, f"line {number}", line.strip())
    try:
        yield from _record(_value(where.raw), where, field_map)
    except Unreadable as error:
        yield Rejected(source, where.record, error.code, error.message)


def _value(line: bytes) -> Any:
    try:
        return strict_json(line)
    except (ValueError, RecursionError):
        return _parsed(decode_line(line))


def read_document(source: str, text: str, field_map: FieldMap) -> Iterator[Event]:
    """A list of records, an object that holds such a list, or one record.

    Raises:
        Unreadable: it is not JSON, or holds no records.
    """
    records = _records(_parsed(text))
    if not records:
        yield _no_records(source)
    for number, value in enumerate(records, start=1):
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
        return unescaped(from_json(text), text)
    except json.JSONDecodeError as error:
        place = (
            f"line {error.lineno}, column {error.colno}"
            if error.lineno > 1
            else (f"column {error.colno}")
        )
        raise Unreadable(
            "bad-json", f"It is not JSON: {error.msg.removesuffix(' starting at')} at {place}."
        ) from error
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
