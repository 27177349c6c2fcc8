"""Reading sources: files of several formats into articles, and word of what could not be read.

Each format has a module of its own. What they yield is in :mod:`.events`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from indexer.sources.encodings import decode, decode_records
from indexer.sources.events import (
    Event,
    Finished,
    Format,
    Found,
    Noted,
    ReadOptions,
    Rejected,
    Unreadable,
)
from indexer.sources.fields import FieldMap, Where, place_id
from indexer.sources.files import STDIN, SourceFile, locate, opened
from indexer.sources.json_records import read_document, read_lines
from indexer.sources.markdown import read_markdown
from indexer.sources.tables import read_table
from indexer.sources.text import read_text

__all__ = [
    "STDIN",
    "Event",
    "Finished",
    "Format",
    "Found",
    "Noted",
    "ReadOptions",
    "Rejected",
    "any_file",
    "place_id",
    "read_sources",
    "total_bytes",
]

_BY_SUFFIX = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
}
_NOT_YET = {".html", ".htm", ".xml", ".pdf", ".docx", ".doc", ".odt", ".epub", ".rtf"}


def total_bytes(arguments: Sequence[str]) -> int:
    """How much there is to read, for progress; standard input counts nothing."""
    return sum(found.size for found in locate(arguments) if isinstance(found, SourceFile))


def any_file(arguments: Sequence[str]) -> bool:
    """Whether any of the arguments leads to a file, readable or not."""
    return any(isinstance(found, SourceFile) for found in locate(arguments))


def read_sources(
    arguments: Sequence[str], options: ReadOptions, stdin: BinaryIO | None = None
) -> Iterator[Event]:
    """Everything in files, folders (with all below them), patterns and ``-``.

    Nothing stops the reading: what cannot be read is yielded as :class:`Rejected`, and the rest
    goes on. After each file comes :class:`Finished`.

    Raises:
        UsageError: ``options.fields`` names a field that articles do not have.
    """
    field_map = FieldMap(options.fields)
    for located in locate(arguments):
        if not isinstance(located, SourceFile):
            yield located
            continue
        complete = True
        try:
            yield from _events(located, options.format, field_map, stdin)
        except Unreadable as error:
            complete = False
            yield Rejected(located.path, "", error.code, error.message)
        yield Finished(located.path, complete, located.size)


def _events(
    file: SourceFile, wanted: Format | None, field_map: FieldMap, stdin: BinaryIO | None
) -> Iterator[Event]:
    with opened(file, stdin) as stream:
        known = wanted or _by_name(file)
        if known is Format.JSONL:
            yield from read_lines(file.path, stream, field_map)
            return
        data = stream.read()
        if not data.strip():
            raise Unreadable("empty-file", "The file is empty.")
        text = decode_records(data) if known in (Format.CSV, Format.TSV) else decode(data)
        chosen = known or _by_content(text)
        if chosen is Format.JSON and wanted is None and _is_json_lines(text):
            chosen = Format.JSONL
        where = Where(file.path, "", data)
        match chosen:
            case Format.JSONL:
                yield from read_lines(file.path, io.BytesIO(data), field_map)
            case Format.JSON:
                yield from read_document(file.path, text, field_map)
            case Format.CSV:
                yield from read_table(file.path, text, field_map)
            case Format.TSV:
                yield from read_table(file.path, text, field_map, "\t")
            case Format.MARKDOWN:
                yield from read_markdown(text, where, field_map)
            case Format.TEXT:
                yield from read_text(text, where)


def _by_name(file: SourceFile) -> Format | None:
    """What the name says; ``None`` where it says nothing.

    Raises:
        Unreadable: it says a format that is not read.
    """
    if file.path == STDIN:
        return None
    suffix = "." + file.name.rpartition(".")[2] if "." in file.name else ""
    if suffix in _NOT_YET:
        raise Unreadable(
            "unsupported-format",
            f"Files of the kind {suffix} are not read; convert it to text, JSON, CSV or Markdown.",
        )
    return _BY_SUFFIX.get(suffix)


def _by_content(text: str) -> Format:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return Format.JSON
    if start.startswith("{"):
        return Format.JSONL if _is_json_lines(text) else Format.JSON
    if start.startswith(("---\n", "---\r\n", "+++\n", "+++\r\n")):
        return Format.MARKDOWN
    header = start.partition("\n")[0]
    for delimiter, kind in (("\t", Format.TSV), (",", Format.CSV), (";", Format.CSV)):
        names = [name.strip(' "') for name in header.split(delimiter)]
        if len(names) > 1 and "body" in FieldMap({}).of(names):
            return kind
    return Format.TEXT


def _is_json_lines(text: str) -> bool:
    """Whether the first line is a whole object and another one follows."""
    first, _, rest = text.strip().partition("\n")
    return first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip().startswith("{")
