"""``/search``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import marks
from api.access import Access, Searching
from api.parameters import Highlight, SearchParameters
from byline import wire

router = APIRouter(tags=["search"])
Document = dict[str, Any]


def _answer(parameters: SearchParameters, access: Access) -> Document:
    found = access.archive.search(parameters.request(access.archive))
    document = wire.search_document(found)
    if parameters.highlight is Highlight.HTML:
        for hit, shown in zip(document["hits"], found.hits, strict=True):
            for passage, one in zip(hit["passages"], shown.passages, strict=True):
                passage["html"] = marks.html(one)
    return document


@router.get("/search")
def search(parameters: Annotated[SearchParameters, Query()], access: Searching) -> Document:
    """Search by words, by meaning, or both. The answer is docs/search.schema.json's."""
    return _answer(parameters, access)


@router.post("/search")
def search_long(parameters: SearchParameters, access: Searching) -> Document:
    """The same for queries too long for an address."""
    return _answer(parameters, access)
