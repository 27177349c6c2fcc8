"""CSV and TSV: a record a row, the first row names the fields."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.sources.events import Event, Noted, Rejected, Unreadable
from indexer.sources.fields import FieldMap, Where, article_events

_DELIMITERS = (",", ";", "\t", "|")
_ROWS_LOOKED_AT = 30
_SAMPLE = 256 * 1024
#: What a byte that is not UTF-8 was read as: see :func:`.encodings.decode_records`.
_WRONG_BYTE = re.compile(r"[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are parted and quoted. ``escape``: by a backslash instead of doubling. ``quote``:
    ``None`` where a quote is a character like any other, as in some TSV."""

    delimiter: str
    quote: str | None = '"'
    escape: bool = False
    skip_space: bool = False

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            iter(lines),
            delimiter=self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            doublequote=not self.escape,
            escapechar="\\" if self.escape else None,
            skipinitialspace=self.skip_space,
            strict=True,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` and ``last`` count from 1. ``fields`` is an error where it cannot be read."""

    line: int
    last: int
    fields: list[str] | csv.Error

    @property
    def blank(self) -> bool:
        fields = self.fields
        return isinstance(fields, list) and len(fields) < 2 and not "".join(fields).strip()


def read_table(
    source: str, text: str, field_map: FieldMap, delimiter: str | None = None
) -> Iterator[Event]:
    """Every row; those whose number of fields is not the header's are rejected by line.

    Raises:
        Unreadable: no header could be made out.
    """
    # A field of several megabytes is read whole.
    csv.field_size_limit(sys.maxsize)
    lines = io.StringIO(text, newline="").readlines()
    dialect = _dialect(lines, delimiter)
    rows = (row for row in _rows(lines, dialect) if not row.blank)
    header = next(rows, None)
    if header is None or isinstance(header.fields, csv.Error) or len(header.fields) < 2:
        raise Unreadable(
            "no-header", "No header with field names could be made out in the first line."
        )
    broken = bool(_WRONG_BYTE.search(text))
    if broken and _WRONG_BYTE.search("\n".join(header.fields)):
        raise Unreadable("bad-encoding", "The header is UTF-8 but for a byte; mend that.")
    names, doubled = _names(header.fields)
    if doubled:
        listed = ", ".join(doubled)
        message = f"The header names {listed} more than once; the first that is filled is taken."
        yield Noted(source, f"line {header.line}", "doubled-field", message)
    any_row = False
    for row in rows:
        any_row = True
        where = f"line {row.line}"
        if isinstance(row.fields, csv.Error):
            message = f"The row cannot be read: {row.fields}."
            yield Rejected(source, where, "bad-quoting", message)
        elif len(row.fields) != len(names):
            message = f"The row has {len(row.fields)} fields, the header {len(names)}."
            yield Rejected(source, where, "ragged-row", message)
        elif broken and _WRONG_BYTE.search("\n".join(row.fields)):
            message = "It is UTF-8 but for a byte in this row; mend that."
            yield Rejected(source, where, "bad-encoding", message)
        else:
            yield from _record(source, where, _filled_first(names, row.fields), field_map)
    if not any_row:
        yield Noted(source, "", "no-records", "It has a header, but no records below it.")


def _names(header: list[str]) -> tuple[list[str], list[str]]:
    """The names, and which stand there more than once."""
    names = [name.strip() for name in header]
    return names, [name for name, times in Counter(names).items() if times > 1 and name]


def _filled_first(names: list[str], fields: list[str]) -> dict[str, str]:
    record: dict[str, str] = {}
    for name, value in zip(names, fields, strict=True):
        if not record.get(name):
            record[name] = value
    return record


def _rows(lines: list[str], dialect: Dialect) -> Iterator[Row]:
    """Row after row. After one that cannot be read, reading goes on in the line after the one it
    began in: a quote that is never closed would take all that follows with it."""
    start = 0
    while start < len(lines):
        # By number: to pass over the lines that were read takes the longer the more there are.
        reader = dialect.rows(lines[number] for number in range(start, len(lines)))
        done = 0
        failure: csv.Error | None = None
        while failure is None:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                failure = error
            else:
                last: int = reader.line_num  # type: ignore[attr-defined]
                yield Row(start + done + 1, start + last, fields)
                done = last
        yield Row(start + done + 1, start + done + 1, failure)
        start += done + 1


def _record(
    source: str, where: str, record: dict[str, str], field_map: FieldMap
) -> Iterator[Event]:
    raw = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        yield from article_events(record, Where(source, where, raw), field_map)
    except Unreadable as error:
        yield Rejected(source, where, error.code, error.message)


def _dialect(lines: list[str], delimiter: str | None) -> Dialect:
    """The one in which the first rows have as many fields as the header, and the most."""
    sample = _beginning(lines)
    delimiters = (delimiter,) if delimiter else _DELIMITERS
    candidates = [found for parting in delimiters for found in _quotings(sample, parting)]
    # The plainest first: of two that fit as well, it is the one.
    return max(candidates, key=lambda dialect: _fitness(sample, dialect))


def _quotings(sample: list[str], delimiter: str) -> Iterator[Dialect]:
    """Only those of which something is to be seen: each forgives what is an error in another."""
    yield Dialect(delimiter)
    text = "".join(sample)
    begins = rf"(?:^|{re.escape(delimiter)})"
    if re.search(re.escape(delimiter) + ' +"', text):
        yield Dialect(delimiter, skip_space=True)
    if '\\"' in text:
        yield Dialect(delimiter, escape=True)
        yield Dialect(delimiter, escape=True, skip_space=True)
    single, double = (len(re.findall(begins + quote, text, re.MULTILINE)) for quote in ("'", '"'))
    if single > max(double, 1):
        yield Dialect(delimiter, "'")
        yield Dialect(delimiter, "'", escape=True)
    if delimiter == "\t" and '"' in text:
        yield Dialect(delimiter, None)


def _beginning(lines: list[str]) -> list[str]:
    size = 0
    for number, line in enumerate(lines):
        size += len(line)
        if size > _SAMPLE and number >= 1:
            return lines[: number + 1]
    return lines


def _fitness(lines: list[str], dialect: Dialect) -> tuple[float, int, int]:
    filled = (row for row in _rows(lines, dialect) if not row.blank)
    fields = [row.fields for row in itertools.islice(filled, _ROWS_LOOKED_AT)]
    readable = [row for row in fields if not isinstance(row, csv.Error)]
    if not readable or len(readable[0]) < 2:
        return 0.0, 0, 0
    width = len(readable[0])
    # Quotes around a whole field that are still there were not read as quotes.
    left = sum(
        1 for row in readable for field in row if len(field) > 1 and field[0] == field[-1] in "\"'"
    )
    fitting = sum(len(row) == width for row in readable)
    return fitting / len(fields), width, -left
