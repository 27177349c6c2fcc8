"""CSV and TSV: a record a row, the first row names the fields."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator

from indexer.sources.events import Event, Rejected, Unreadable
from indexer.sources.fields import FieldMap, Where, article_events

_DELIMITERS = (",", ";", "\t", "|")
_ROWS_LOOKED_AT = 30


def read_table(
    source: str, text: str, field_map: FieldMap, delimiter: str | None = None
) -> Iterator[Event]:
    """Every row; those whose number of fields is not the header's are rejected by line.

    Raises:
        Unreadable: no header could be made out.
    """
    # A field of several megabytes is read whole.
    csv.field_size_limit(sys.maxsize)
    chosen = delimiter or _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=chosen, strict=True)
    header = next(_rows(reader), None)
    if not isinstance(header, list) or len(header) < 2:
        raise Unreadable(
            "no-header", "No header with field names could be made out in the first line."
        )
    names = [name.strip() for name in header]
    before = reader.line_num
    for row in _rows(reader):
        where = f"line {before + 1}"
        before = reader.line_num
        if isinstance(row, csv.Error):
            yield Rejected(source, where, "bad-quoting", f"The row cannot be read: {row}.")
        elif not row:
            continue
        elif len(row) != len(names):
            message = f"The row has {len(row)} fields, the header {len(names)}."
            yield Rejected(source, where, "ragged-row", message)
        else:
            yield from _record(source, where, dict(zip(names, row, strict=True)), field_map)


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str] | csv.Error]:
    """Rows, and in their place the errors of those that cannot be read."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


def _record(
    source: str, where: str, record: dict[str, str], field_map: FieldMap
) -> Iterator[Event]:
    raw = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        yield from article_events(record, Where(source, where, raw), field_map)
    except Unreadable as error:
        yield Rejected(source, where, error.code, error.message)


def _delimiter(text: str) -> str:
    """The one by which the first rows have as many fields as the header, and the most."""
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        widths = [
            len(row)
            for row, _ in zip(_rows(reader), range(_ROWS_LOOKED_AT), strict=False)
            if isinstance(row, list) and row
        ]
        if widths and widths[0] > 1:
            score = (widths.count(widths[0]) / len(widths), widths[0])
            if score > best_score:
                best, best_score = delimiter, score
    return best
