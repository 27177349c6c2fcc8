"""Whole results as files: CSV, JSON Lines, RIS, BibTeX, CSL JSON; a piece at a time.

Articles come in the order of the search. Hits are fetched in pages from one reader, so an export
is of one version of the archive and keeps to bounded memory, however long it is.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from byline import citations
from byline.request import SearchRequest
from byline.search import Answer, Hit
from byline.wire import hit_object

#: Hits that are fetched together.
_PAGE = 200

CSV_COLUMNS = (
    "rank",
    "score",
    "id",
    "title",
    "authors",
    "publication",
    "date",
    "date_precision",
    "url",
    "topics",
    "section",
    "language",
    "words_rank",
    "words_score",
    "meaning_rank",
    "meaning_score",
    "passage",
)


class ExportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    RIS = "ris"
    BIBTEX = "bibtex"
    CSL_JSON = "csl-json"


@dataclass(frozen=True, slots=True)
class _Kind:
    """``passages``: whether its records show passages."""

    media_type: str
    ending: str
    write: Callable[[Iterable[Hit]], Iterator[str]]
    passages: bool = False


def all_hits(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> Iterator[Hit]:
    """The hits of ``request`` up to its limit, however many, a page at a time."""
    left, offset = request.limit, request.offset
    while left > 0:
        page = replace(request, limit=min(left, _PAGE), offset=offset, facets=(), timeline=None)
        hits = search(page).hits
        yield from hits
        if len(hits) < page.limit:
            return
        left -= len(hits)
        offset += len(hits)


def export(hits: Iterable[Hit], form: ExportFormat) -> Iterator[str]:
    """The file's text in pieces."""
    return _KINDS[form].write(hits)


def media_type(form: ExportFormat) -> str:
    """As it is registered, or as what reads it takes it for."""
    return _KINDS[form].media_type


def ending(form: ExportFormat) -> str:
    """Of the file's name, with its dot."""
    return _KINDS[form].ending


def shows_passages(form: ExportFormat) -> bool:
    """Whether passages are wanted of the hits."""
    return _KINDS[form].passages


def csv_rows(hits: Iterable[Hit]) -> Iterator[str]:
    """RFC 4180 with a header, a row at a time. Cells that a spreadsheet would take for a formula
    begin with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for hit in hits:
        writer.writerow(_row(hit))
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def json_lines(hits: Iterable[Hit]) -> Iterator[str]:
    """An item of ``hits`` in ``docs/search.schema.json`` a line."""
    for hit in hits:
        yield _json(hit_object(hit)) + "\n"


def _csl_json(hits: Iterable[Hit]) -> Iterator[str]:
    """One JSON array, an item a line."""
    before = "[\n"
    for hit in hits:
        yield before + _json(citations.csl_json(hit.article))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _ris(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        yield citations.ris(hit.article)


def _bibtex(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        yield citations.bibtex(hit.article)


_KINDS: dict[ExportFormat, _Kind] = {
    ExportFormat.CSV: _Kind("text/csv; charset=utf-8", ".csv", csv_rows, passages=True),
    ExportFormat.JSONL: _Kind("application/jsonl", ".jsonl", json_lines, passages=True),
    ExportFormat.RIS: _Kind("application/x-research-info-systems", ".ris", _ris),
    ExportFormat.BIBTEX: _Kind("application/x-bibtex; charset=utf-8", ".bib", _bibtex),
    ExportFormat.CSL_JSON: _Kind("application/vnd.citationstyles.csl+json", ".json", _csl_json),
}


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _row(hit: Hit) -> list[str | int | float | None]:
    article = hit.article
    date = article.date
    return [
        hit.rank,
        hit.score,
        safe_cell(article.id),
        safe_cell(article.title),
        safe_cell("; ".join(article.authors)),
        safe_cell(article.publication or ""),
        date.isoformat() if date else "",
        date.precision.value if date else "",
        safe_cell(article.url or ""),
        safe_cell("; ".join(article.topics)),
        safe_cell(article.section or ""),
        safe_cell(article.language or ""),
        hit.words.rank if hit.words else None,
        hit.words.score if hit.words else None,
        hit.meaning.rank if hit.meaning else None,
        hit.meaning.score if hit.meaning else None,
        safe_cell(hit.passages[0].text if hit.passages else ""),
    ]


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula.

    White space and characters that nobody sees are looked through where they stand before the
    sign: some programs drop them. A NUL ends the text for some, and goes.
    """
    shown = text.replace("\0", "")
    first = next((letter for letter in shown if not _unseen(letter)), "")
    return f"'{shown}" if (first and first in _FORMULA) or shown.startswith(("\t", "\r")) else shown


_FORMULA = "=+-@＝＋－＠"


def _unseen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf")
