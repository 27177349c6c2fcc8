"""``/export``: a whole result as a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from api.access import Access, Searching
from api.caching import cache_control, reading_tag, unchanged
from api.described import text_answers
from api.parameters import Selection
from byline import exporting
from byline.analysis import Form, terms
from byline.exporting import ExportFormat
from byline.request import SearchRequest, Sort
from byline.search import Answer, search

router = APIRouter(tags=["export"])

#: Characters that are sent together.
_CHUNK = 64 * 1024
#: More than any archive has.
_ALL = 10**12
_NAMED_WORDS = 6


class ExportParameters(Selection):
    """What to export, whole."""

    format: ExportFormat = Field(description="The kind of file.", examples=["ris", "csv"])
    sort: Sort = Field(Sort.RELEVANCE, description="What comes first.", examples=["newest"])


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=text_answers(
        "A file.",
        {exporting.media_type(form): f"export{exporting.ending(form)}" for form in ExportFormat},
    ),
)
def export(
    request: Request, parameters: Annotated[ExportParameters, Query()], access: Searching
) -> Response:
    """Everything a search finds, in its order, as one version of the archive has it; sent as it
    is read, so that the size of a result does not matter."""
    # Of the version before, if somebody writes just now. It is then never the current one again,
    # so nobody is told that an older file is as new.
    with access.archive.engine.reader() as reader:
        current = reading_tag(request, access, reader)
    same = unchanged(request, access, current)
    if same is not None:
        return same
    form = parameters.format
    pieces = _file(parameters, access)
    # What is wrong with the search shows before the answer begins, and what was opened for it is
    # closed even if nobody reads on.
    first = next(pieces, b"")
    headers = {
        "Content-Disposition": f'attachment; filename="{_file_name(parameters.q, form)}"',
        "Cache-Control": cache_control(access),
        "ETag": current,
    }
    return StreamingResponse(
        chain((first,), pieces), media_type=exporting.media_type(form), headers=headers
    )


def _file(parameters: ExportParameters, access: Access) -> Iterator[bytes]:
    form = parameters.format
    with access.archive.engine.reader() as reader:
        base = parameters.base(access, reader)
        request = replace(
            base,
            sort=parameters.sort,
            limit=_ALL,
            passages=1 if exporting.shows_passages(form) else 0,
        )

        def find(page: SearchRequest) -> Answer:
            return search(reader, page, access.archive.embedder)

        yield from _chunks(exporting.export(exporting.all_hits(find, request), form))


def _chunks(texts: Iterable[str]) -> Iterator[bytes]:
    """Texts in UTF-8, joined to pieces of some size."""
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text.encode("utf-8", "replace"))
        size += len(waiting[-1])
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _file_name(q: str, form: ExportFormat) -> str:
    """The query's first words and the day, in letters that every system allows."""
    words = (re.sub(r"[^a-z0-9]", "", word) for word in terms(q, Form.EXACT))
    named = [word for word in words if word][:_NAMED_WORDS]
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return "-".join(["byline", *named, day])[:100] + exporting.ending(form)
