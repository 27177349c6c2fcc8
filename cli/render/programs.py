"""Output for programs: JSON, JSON Lines, CSV. Always UTF-8 or plain ASCII, whatever the
terminal speaks."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from byline.wire import hit_object

if TYPE_CHECKING:
    from byline.search import Answer, Hit, SearchRequest

#: Hits are fetched and printed in pages, so that a long export keeps to bounded memory.
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


def print_json(document: Any) -> None:
    """One document, indented, with a line end."""
    json.dump(document, sys.stdout, ensure_ascii=not _utf8(), indent=2, allow_nan=False)
    sys.stdout.write("\n")


def print_json_line(document: Any) -> None:
    json.dump(
        document, sys.stdout, ensure_ascii=not _utf8(), separators=(",", ":"), allow_nan=False
    )
    sys.stdout.write("\n")


def _utf8() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or ""
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def print_hits_jsonl(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> None:
    for hit in _all_hits(search, request):
        print_json_line(hit_object(hit))


def print_hits_csv(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> None:
    """RFC 4180 with a header. Cells that a spreadsheet would take for a formula begin with an
    apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for hit in _all_hits(search, request):
        writer.writerow(_row(hit))
        _write_utf8(text.getvalue())
        text.seek(0)
        text.truncate()
    _write_utf8(text.getvalue())


def _write_utf8(text: str) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
    else:
        binary.write(text.encode("utf-8", "replace"))


def _all_hits(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> Iterator[Hit]:
    """The hits of ``request``, however many, a page at a time."""
    left, offset = request.limit, request.offset
    while left > 0:
        page = replace(request, limit=min(left, _PAGE), offset=offset, facets=(), timeline=None)
        hits = search(page).hits
        yield from hits
        if len(hits) < page.limit:
            return
        left -= len(hits)
        offset += len(hits)


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
    """``text`` so that no spreadsheet takes it for a formula."""
    return (
        f"'{text}"
        if text.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        else text
    )
