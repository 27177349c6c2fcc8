"""``/facets``, ``/timeline``, ``/authors`` and ``/suggest``: what there is to search for."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api import documents
from api.access import Searching
from api.caching import read_json
from api.described import answers
from api.parameters import (
    AuthorsParameters,
    FacetParameters,
    SuggestParameters,
    TimelineParameters,
)
from byline.authorship import profile
from byline.engines.base import FacetWanted, Reader
from byline.filters import matching_values
from byline.query.tree import ValueField
from byline.search import search
from byline.suggestions import complete
from byline.wire import Document, authors_document

router = APIRouter(tags=["browse"])

AuthorName: TypeAlias = Annotated[
    str, Path(description="As /authors lists it, percent-encoded.", examples=["Ivor Pell"])
]


@router.get("/facets", response_class=Response, responses=answers("facets"))
def facets(
    request: Request, parameters: Annotated[FacetParameters, Query()], access: Searching
) -> Response:
    """Count what a search finds by author, publication, topic, section and language."""

    def read(reader: Reader) -> Document:
        fields = dict.fromkeys(parameters.facet or ValueField)
        wanted = replace(
            parameters.base(access, reader),
            limit=0,
            facets=tuple(FacetWanted(field, parameters.size) for field in fields),
        )
        return documents.facets(search(reader, wanted, access.archive.embedder))

    return read_json(request, access, read)


@router.get("/timeline", response_class=Response, responses=answers("timeline"))
def timeline(
    request: Request, parameters: Annotated[TimelineParameters, Query()], access: Searching
) -> Response:
    """Count what a search finds by year, month or day."""

    def read(reader: Reader) -> Document:
        base = parameters.base(access, reader)
        wanted = replace(base, limit=0, timeline=parameters.period)
        answer = search(reader, wanted, access.archive.embedder)
        return documents.timeline(answer, parameters.period.value)

    return read_json(request, access, read)


@router.get("/authors", response_class=Response, responses=answers("authors"))
def authors(
    request: Request, parameters: Annotated[AuthorsParameters, Query()], access: Searching
) -> Response:
    """Who has written how much, and from when to when; those who wrote most first."""

    def read(reader: Reader) -> Document:
        rows = reader.values(ValueField.AUTHOR)
        if parameters.prefix:
            rows = matching_values(rows, parameters.prefix)
        if parameters.limit:
            rows = rows[: parameters.limit]
        return authors_document(rows)

    return read_json(request, access, read)


@router.get("/authors/{name:path}", response_class=Response, responses=answers("author"))
def author(request: Request, name: AuthorName, access: Searching) -> Response:
    """One author: counts by year, topics, publications, co-authors."""
    return read_json(request, access, lambda reader: documents.author(profile(reader, name)))


@router.get("/suggest", response_class=Response, responses=answers("suggest"))
def suggest(
    request: Request, parameters: Annotated[SuggestParameters, Query()], access: Searching
) -> Response:
    """Complete what somebody types: authors, topics and titles of which a word begins so."""

    def read(reader: Reader) -> Document:
        found = complete(reader, parameters.prefix, parameters.limit)
        return documents.suggestions(parameters.prefix, found)

    return read_json(request, access, read)
