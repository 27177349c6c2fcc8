"""``/embed``: results as a page for other sites' frames, without any script.

It takes the parameters of the page of results (see :mod:`api.web.asked`), or ``article`` for one
article's card; beside these ``limit``, ``theme`` (``light``, ``dark`` or ``auto``) and ``key``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.access import Access, Framed
from api.envelope import CONTENT_SECURITY_POLICY
from api.problems import Problem
from api.web.asked import Asked
from api.web.markup import excerpt_html
from api.web.shown import title_html
from api.web.site import Site, web_address
from api.web.templating import page
from byline.passages import ShownPassage
from byline.records import Article, Span
from byline.wording.dates import spoken
from byline.wording.excerpt import clean, excerpt
from byline.wording.totals import total_line

router = APIRouter()

PATH = "/embed"
USUAL_LIMIT = 5
_MOST = 50
#: Characters of a passage that are shown: about four lines.
_EXCERPT = 300


class Theme(StrEnum):
    """``AUTO`` follows the reader's system, which the page around may not do."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Row:
    """One article. ``href`` is ``None`` where no page of it is known to be open to readers."""

    title: Markup
    href: str | None
    authors: str
    publication: str
    date: str
    passages: tuple[Markup, ...]


@router.api_route(PATH, methods=["GET", "HEAD"])
def embed(
    request: Request,
    access: Framed,
    article: str = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = USUAL_LIMIT,
    theme: Theme = Theme.LIGHT,
) -> HTMLResponse:
    """Only the key's own sites may frame what the key may see; else any site may."""
    site, asked = Site.of(request), Asked.of(request.query_params)
    access.limits.query(asked.q)
    ancestors = " ".join(access.key.origins) if access.key and access.key.origins else "*"
    if article:
        row = _card(site, access, article)
        return _frame(request, ancestors, theme, asked, rows=(row,), heading=_name(row))
    if not asked.anything:
        return _frame(request, ancestors, theme, asked, searchable=access.key is None)
    wanted = replace(asked.request(access.archive, limit), passages=1, offset=0)
    answer = access.archive.search(wanted)
    rows = tuple(
        _row(site, access, hit.article, asked, hit.title_highlights, hit.passages)
        for hit in answer.hits
    )
    more = answer.total.articles > len(rows) and access.key is None
    return _frame(
        request,
        ancestors,
        theme,
        asked,
        rows=rows,
        heading=asked.q or answer.description,
        total=total_line(answer),
        notes=(*asked.complaints, *(note.message for note in answer.notes)),
        whole=site.search(asked.on_page(1)) if more else None,
    )


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """What went wrong, shown in whatever frame it is in: it tells nothing of the archive."""
    theme = request.query_params.get("theme", "")
    known = Theme(theme) if theme in set(Theme) else Theme.LIGHT
    return _frame(request, "*", known, Asked(), status=problem.status, problem=problem)


def _frame(
    request: Request,
    ancestors: str,
    theme: Theme,
    asked: Asked,
    *,
    status: int = 200,
    rows: tuple[Row, ...] = (),
    heading: str = "",
    total: str = "",
    notes: tuple[str, ...] = (),
    whole: str | None = None,
    searchable: bool = False,
    problem: Problem | None = None,
) -> HTMLResponse:
    answer = page(
        request,
        "embed.html",
        status=status,
        asked=asked,
        theme=theme,
        rows=rows,
        heading=heading or "Search the archive",
        total=total,
        notes=notes,
        whole=whole,
        searchable=searchable,
        problem=problem,
    )
    policy = CONTENT_SECURITY_POLICY.replace("script-src 'self'; ", "")
    answer.headers["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
    )
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _card(site: Site, access: Access, article_id: str) -> Row:
    """One article with the beginning of it."""
    stored = access.archive.article(article_id)
    found = stored.article
    if found.summary:
        shown = tuple(Markup("{}").format(clean(point)) for point in found.summary[:1])
        return replace(_row(site, access, found, None, (), ()), passages=shown)
    first = stored.passages[:1]
    passages = tuple(
        ShownPassage(span.start, span.end, found.body[span.start : span.end], ()) for span in first
    )
    return _row(site, access, found, None, (), passages)


def _row(
    site: Site,
    access: Access,
    article: Article,
    asked: Asked | None,
    title_spans: tuple[Span, ...],
    passages: tuple[ShownPassage, ...],
) -> Row:
    # A page of ours would ask readers for the key.
    own = site.article(article.id, asked) if access.key is None else None
    return Row(
        title=title_html(article.title, title_spans),
        href=web_address(article.url) or own,
        authors=clean(", ".join(article.authors)),
        publication=clean(article.publication or ""),
        date=spoken(article.date) if article.date else "",
        passages=tuple(excerpt_html(excerpt(passage, _EXCERPT)) for passage in passages),
    )


def _name(row: Row) -> str:
    return row.title.striptags()
