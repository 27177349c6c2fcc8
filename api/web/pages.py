"""The routes at ``/``: pages for people, and what browsers ask for beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.access import Searching
from api.problems import Problem
from api.web.asked import Asked
from api.web.assets import asset
from api.web.authors import author_page
from api.web.overview import overview
from api.web.reading import reading
from api.web.results import modes, results
from api.web.shown import listed_similar, title_html
from api.web.site import Site
from api.web.templating import page, xml
from byline import citations
from byline.records import Article
from byline.similar import similar_to

router = APIRouter()

_BOTH = ["GET", "HEAD"]
_SIMILAR = 20
_CITATIONS: dict[str, tuple[str, str, Callable[[Article], str]]] = {
    "ris": ("application/x-research-info-systems", "ris", citations.ris),
    "bibtex": ("application/x-bibtex; charset=utf-8", "bib", citations.bibtex),
    "csl-json": (
        "application/vnd.citationstyles.csl+json",
        "json",
        lambda article: json.dumps([citations.csl_json(article)], ensure_ascii=False, indent=1),
    ),
}


@router.api_route("/", methods=_BOTH)
def home(request: Request, access: Searching) -> HTMLResponse:
    site = Site.of(request)
    shown = overview(site, access.archive)
    return page(request, "home.html", modes=modes(access.archive, Asked()), overview=shown)


@router.api_route("/search", methods=_BOTH)
def search(request: Request, access: Searching) -> Response:
    asked = Asked.of(request.query_params)
    site = Site.of(request)
    access.limits.query(asked.q)
    if not asked.anything:
        return RedirectResponse(site.home, 303)
    found = results(site, access.archive, asked)
    return page(
        request,
        "results.html",
        asked=found.asked,
        modes=modes(access.archive, found.asked),
        results=found,
    )


@router.api_route("/article", methods=_BOTH)
@router.api_route("/article/{name:path}", methods=_BOTH)
def article(
    request: Request, access: Searching, name: str = "", p: str = "", at: str = ""
) -> HTMLResponse:
    asked = Asked.of(request.query_params)
    access.limits.query(asked.q)
    shown = reading(Site.of(request), access.archive, name, asked, p, at)
    return page(
        request,
        "article.html",
        asked=Asked(q=asked.q, mode=asked.mode),
        modes=modes(access.archive, asked),
        reading=shown,
    )


@router.api_route("/similar", methods=_BOTH)
@router.api_route("/similar/{name:path}", methods=_BOTH)
def similar_articles(request: Request, access: Searching, name: str = "") -> HTMLResponse:
    site, asked = Site.of(request), Asked.of(request.query_params)
    access.limits.query(asked.q)
    stored = access.archive.article(name)
    with access.archive.engine.reader() as reader:
        found = similar_to(reader, stored, _SIMILAR)
    return page(
        request,
        "similar.html",
        asked=Asked(q=asked.q, mode=asked.mode),
        modes=modes(access.archive, asked),
        title=title_html(stored.article.title),
        href=site.reading(name, asked),
        back=site.search(asked) if asked.anything else None,
        hits=[listed_similar(site, rank, row, asked) for rank, row in enumerate(found, start=1)],
    )


@router.api_route("/author", methods=_BOTH)
@router.api_route("/author/{name:path}", methods=_BOTH)
def author(request: Request, access: Searching, name: str = "") -> HTMLResponse:
    number = Asked.of(request.query_params).page
    shown = author_page(Site.of(request), access.archive, name, number)
    return page(request, "author.html", modes=modes(access.archive, Asked()), author=shown)


@router.api_route("/cite", methods=_BOTH)
@router.api_route("/cite/{name:path}", methods=_BOTH)
def cite(
    access: Searching,
    name: str = "",
    form: Annotated[str, Query(alias="format")] = "ris",
) -> Response:
    if form not in _CITATIONS:
        raise HTTPException(400, f"No citation format is called {form[:40]!r}")
    stored = access.archive.article(name)
    media_type, ending, write = _CITATIONS[form]
    key = citations.citation_key(stored.article)
    headers = {"Content-Disposition": f'attachment; filename="{key}.{ending}"'}
    return Response(write(stored.article), media_type=media_type, headers=headers)


@router.api_route("/help", methods=_BOTH)
def search_help(request: Request, access: Searching) -> HTMLResponse:
    return page(request, "help.html", modes=modes(access.archive, Asked()))


@router.api_route("/opensearch.xml", methods=_BOTH)
def opensearch(request: Request) -> Response:
    return xml(request, "opensearch.xml", "application/opensearchdescription+xml")


@router.api_route("/robots.txt", methods=_BOTH)
def robots(request: Request) -> PlainTextResponse:
    """The first page may be found; the articles are others', and results are no pages."""
    root = Site.of(request).root
    closed = ("search", "article", "similar", "author", "cite", "api")
    lines = ["User-agent: *", *(f"Disallow: {root}/{name}" for name in closed)]
    return PlainTextResponse("\n".join(lines) + "\n")


@router.api_route("/favicon.ico", methods=_BOTH)
def favicon() -> Response:
    return _asset("favicon.svg", None)


@router.api_route("/static/{version}/{name}", methods=_BOTH)
def static(version: str, name: str) -> Response:
    return _asset(name, version)


def _asset(name: str, version: str | None) -> Response:
    found = asset(name, version)
    if found is None:
        raise HTTPException(404, "There is no such file")
    return found


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """What went wrong and what to do, with a search box to go on from."""
    return page(
        request,
        "error.html",
        status=problem.status,
        problem=problem,
        request_id=getattr(request.state, "request_id", ""),
    )
