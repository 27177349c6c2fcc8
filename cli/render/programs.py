"""Output for programs: JSON, JSON Lines, CSV. Always UTF-8 or plain ASCII, whatever the
terminal speaks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from byline.wire import hit_object

if TYPE_CHECKING:
    from byline.search import Answer, SearchRequest


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
    # Imported late, here and below: most commands print no hits.
    from byline.exporting import all_hits

    for hit in all_hits(search, request):
        print_json_line(hit_object(hit))


def print_hits_csv(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> None:
    from byline.exporting import all_hits, csv_rows

    for rows in csv_rows(all_hits(search, request)):
        _write_utf8(rows)


def _write_utf8(text: str) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
    else:
        binary.write(text.encode("utf-8", "replace"))
