"""``/articles``: whole articles, lists of them, and those like one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import documents
from api.access import Searching
from api.caching import json_answer, read_json, unchanged
from api.described import answers
from api.etags import article_tag, tag
from api.parameters import ArticleParameters, Highlight, ListParameters, SimilarParameters
from api.paths import ArticleId, ArticleRoute
from byline.archive import stored_article
from byline.engines.base import Reader
from byline.paging import search_page
from byline.query.tree import Query as Asked
from byline.similar import similar_to, whole_vector
from byline.wire import Document

router = APIRouter(tags=["articles"], route_class=ArticleRoute)


@router.get("/articles", response_class=Response, responses=answers("articles"))
def articles(
    request: Request, parameters: Annotated[ListParameters, Query()], access: Searching
) -> Response:
    """List articles by date, without their bodies."""

    def read(reader: Reader) -> Document:
        wanted = parameters.request(access, reader)
        return documents.articles(*search_page(reader, wanted, None, parameters.cursor))

    return read_json(request, access, read)


@router.get(
    "/articles/{article_id:path}/similar", response_class=Response, responses=answers("similar")
)
def similar_articles(
    request: Request,
    article_id: ArticleId,
    parameters: Annotated[SimilarParameters, Query()],
    access: Searching,
) -> Response:
    """Articles like this one: by the meaning of the whole, or by its most telling words where
    the archive has no vectors. Never itself."""

    def read(reader: Reader) -> Document:
        condition = parameters.narrowed(Asked(""), reader).condition
        stored = stored_article(reader, article_id)
        found = similar_to(reader, stored, parameters.limit, condition)
        by = "words" if whole_vector(stored) is None else "meaning"
        return documents.similar(article_id, by, found)

    return read_json(request, access, read)


@router.get("/articles/{article_id:path}", response_class=Response, responses=answers("show"))
def article(
    request: Request,
    article_id: ArticleId,
    parameters: Annotated[ArticleParameters, Query()],
    access: Searching,
) -> Response:
    """A whole article. With `q`, where its title, authors, summary and body match the query's
    words, and its sentences that are nearest in meaning."""
    query = parameters.query(access)
    with access.archive.engine.reader() as reader:
        stored = stored_article(reader, article_id)
        current = article_tag(stored.article)
        html = parameters.highlight is Highlight.HTML
        if parameters.q or html:
            current = tag(current, parameters.q, parameters.mode, html, reader.version)
        same = unchanged(request, access, current)
        if same is not None:
            return same
        model = reader.manifest.model
    found = access.archive.highlights(stored, query, model, parameters.mode)
    return json_answer(documents.article(stored, found, html=html), access, current)
