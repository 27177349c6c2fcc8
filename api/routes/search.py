"""``/search``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.access import Access, Searching
from api.caching import json_answer, read_json
from api.described import answers, schema
from api.fields import read_fields, trimmed
from api.parameters import Highlight, SearchParameters
from byline import wire
from byline.engines.base import Reader
from byline.paging import search_page
from byline.spelling import suggest

router = APIRouter(tags=["search"])


def _document(parameters: SearchParameters, access: Access, reader: Reader) -> wire.Document:
    kept = read_fields(parameters.fields, schema("search")) if parameters.fields else {}
    request = parameters.request(access, reader)
    answer, following = search_page(reader, request, access.archive.embedder, parameters.cursor)
    if access.archive.observe is not None:
        access.archive.observe(answer)
    first = not request.offset and parameters.cursor is None
    spelled = suggest(reader, request.query) if first else ()
    document = wire.search_document(answer, spelled)
    html = parameters.highlight is Highlight.HTML
    found: wire.Document = trimmed(documents.searched(document, answer, following, html=html), kept)
    return found


@router.get("/search", response_class=Response, responses=answers("search", trimmed=True))
def search(
    request: Request, parameters: Annotated[SearchParameters, Query()], access: Searching
) -> Response:
    """Search by words, by meaning, or both. What `byline search --json` prints, and the cursor
    of the next page."""
    return read_json(request, access, lambda reader: _document(parameters, access, reader))


@router.post(
    "/search", response_class=Response, responses=answers("search", trimmed=True, kept=False)
)
def search_long(request: Request, parameters: SearchParameters, access: Searching) -> Response:
    """The same for queries that are too long for an address."""
    # Where a setting wants it, the log has what was asked, which is in no address here.
    request.state.asked = parameters.q
    with access.archive.engine.reader() as reader:
        return json_answer(_document(parameters, access, reader), access)
