"""``/feed.atom`` and ``/feed.json``: a search to follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import marks, syndication
from api.access import Access, Searching
from api.caching import cache_control, json_answer, reading_tag, unchanged
from api.described import text_answers
from api.parameters import FeedParameters
from api.syndication import Feed
from api.web.asked import Asked
from api.web.site import Site
from byline.query.dates import read_after, read_before
from byline.query.tree import Value, ValueField
from byline.records import Article
from byline.request import Sort
from byline.search import Answer, Hit, search

router = APIRouter(tags=["feeds"])

_ATOM, _JSON = "application/atom+xml", "application/feed+json"


@router.get(
    "/feed.atom", response_class=Response, responses=text_answers("A feed.", {_ATOM: "feed.atom"})
)
def atom_feed(
    request: Request, parameters: Annotated[FeedParameters, Query()], access: Searching
) -> Response:
    """The newest articles that match, as an Atom feed; each entry has the passage that matched."""

    def write(feed: Feed, current: str, headers: dict[str, str]) -> Response:
        said = {"ETag": current, "Cache-Control": cache_control(access), **headers}
        return Response(syndication.atom(feed), media_type=_ATOM, headers=said)

    return _feed(request, parameters, access, write)


@router.get(
    "/feed.json", response_class=Response, responses=text_answers("A feed.", {_JSON: "feed.json"})
)
def json_feed(
    request: Request, parameters: Annotated[FeedParameters, Query()], access: Searching
) -> Response:
    """The same as a JSON Feed (version 1.1)."""

    def write(feed: Feed, current: str, headers: dict[str, str]) -> Response:
        return json_answer(syndication.json_feed(feed), access, current, _JSON, headers)

    return _feed(request, parameters, access, write)


def _feed(
    request: Request,
    parameters: FeedParameters,
    access: Access,
    write: Callable[[Feed, str, dict[str, str]], Response],
) -> Response:
    with access.archive.engine.reader() as reader:
        current = reading_tag(request, access, reader)
        same = unchanged(request, access, current)
        if same is not None:
            return same
        wanted = replace(
            parameters.base(access, reader),
            sort=Sort.NEWEST,
            limit=access.limits.page(parameters.limit),
            passages=1,
        )
        answer = search(reader, wanted, access.archive.embedder)
    modified = syndication.last_updated(answer.hits)
    headers = {"Last-Modified": syndication.http_date(modified)}
    given = request.headers
    if "if-none-match" not in given and syndication.is_since(
        given.get("if-modified-since"), modified
    ):
        headers |= {"ETag": current, "Cache-Control": cache_control(access)}
        return Response(status_code=304, headers=headers)
    return write(_described(request, parameters, answer), current, headers)


def _described(request: Request, parameters: FeedParameters, answer: Answer) -> Feed:
    site = Site.of(request)
    asked = [item for item in request.query_params.multi_items() if item[0] != "key"]
    query = f"?{urlencode(asked)}" if asked else ""
    selected = sorted(item for item in asked if item[0] != "limit")
    said = Asked(
        q=parameters.q,
        mode=parameters.mode,
        sort=Sort.NEWEST,
        values=tuple(
            Value(field, value) for field in ValueField for value in getattr(parameters, field)
        ),
        first=_day(read_after(parameters.after).first) if parameters.after else "",
        last=_day(read_before(parameters.before).last) if parameters.before else "",
    )

    def article_page(article: Article) -> str:
        return site.origin + site.article(article.id, said)

    return Feed(
        title=f"Byline: {answer.description.rstrip('.')}",
        name=urlencode(selected),
        itself=f"{site.origin}{site.root}{request.url.path.removeprefix(site.root)}{query}",
        page=site.origin + site.search(said),
        hits=answer.hits,
        html=_html,
        article_page=article_page,
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _html(hit: Hit) -> str:
    shown = (marks.html(one).replace("\n", "<br>") for one in hit.passages)
    return "".join(f"<blockquote><p>{one}</p></blockquote>" for one in shown)
