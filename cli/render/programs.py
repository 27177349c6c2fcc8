"""Output for programs: JSON, JSON Lines, CSV. Always UTF-8 or plain ASCII, whatever the
terminal speaks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from byline.wire import hit_object
from cli.terminal import complain_of

if TYPE_CHECKING:
    from byline.request import SearchRequest
    from byline.search import Answer, Hit


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
    for hit in _hits(search, request):
        print_json_line(hit_object(hit))


def print_hits_csv(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> None:
    # Imported late, here and below: most commands print no hits.
    from byline.exporting import csv_rows

    for rows in csv_rows(_hits(search, request)):
        _write_utf8(rows)


def _hits(search: Callable[[SearchRequest], Answer], request: SearchRequest) -> Iterator[Hit]:
    """The hits; notes, for which neither form has a place, go to standard error, each once."""
    from byline.exporting import all_hits

    said = dict.fromkeys(request.query.notes)
    complain_of(said)

    def noted(page: SearchRequest) -> Answer:
        answer = search(page)
        new = [note for note in answer.notes if note not in said]
        said.update(dict.fromkeys(new))
        complain_of(new)
        return answer

    return all_hits(noted, request)


def _write_utf8(text: str) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
    else:
        binary.write(text.encode("utf-8", "replace"))
