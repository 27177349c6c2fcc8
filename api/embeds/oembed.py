"""``/oembed``: for systems that turn a pasted address into a frame (https://oembed.com)."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from markupsafe import Markup
from starlette.datastructures import QueryParams

from api.access import Access, Framed
from api.embeds.frame import PATH, USUAL_LIMIT
from api.parameter_names import only_known_parameters
from api.refusals import Refused
from api.web.asked import Asked
from api.web.site import Site
from byline.wording.excerpt import one_line

router = APIRouter()

_WIDTH = 600
#: Of the frame: what stands around the list, an article of it, and the most that is asked for.
_AROUND, _AN_ARTICLE, _HIGHEST = 90, 170, 720
_CACHED = 3600
_IFRAME = Markup(
    '<iframe src="{src}" title="{title}" width="{width}" height="{height}" loading="lazy" '
    'style="border:0;max-width:100%"></iframe>'
)


class NotEmbedded(Refused):
    code = "not-our-page"
    status = 404
    default_remedy = "Give the address of a search, an article or an author of this archive."


class NoXml(Refused):
    code = "no-xml"
    status = 501
    default_remedy = "Ask with format=json, or leave format out."


@router.api_route("/oembed", methods=["GET", "HEAD"], dependencies=[Depends(only_known_parameters)])
def oembed(
    request: Request,
    access: Framed,
    url: str,
    maxwidth: Annotated[int, Query(ge=1)] = _WIDTH,
    maxheight: Annotated[int, Query(ge=1)] = _HIGHEST,
    format: str = "json",  # noqa: A002 - the standard's name
) -> JSONResponse:
    """A ``rich`` answer whose HTML is a frame of ``/embed``."""
    if format != "json":
        raise NoXml(f"oEmbed is answered as JSON here, not as {format[:40]!r}.")
    site = Site.of(request)
    asked_for = _parameters(site, url)
    title, articles = _described(access, asked_for)
    width, height = (
        min(_WIDTH, maxwidth),
        min(_HIGHEST, _AROUND + articles * _AN_ARTICLE, maxheight),
    )
    src = f"{site.origin}{site.path(PATH)}?{urlencode(asked_for)}"
    document: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "Byline",
        "provider_url": site.origin + site.home,
        "cache_age": _CACHED,
        "width": width,
        "height": height,
        "html": str(_IFRAME.format(src=src, title=title, width=width, height=height)),
    }
    return JSONResponse(document)


def _parameters(site: Site, url: str) -> list[tuple[str, str]]:
    """The frame's parameters for one of our pages.

    Raises:
        NotEmbedded: the address is of no page of ours that can be framed.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise NotEmbedded(f"{url[:200]!r} is no address.") from None
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.removeprefix(site.root)
    given = parse_qsl(parts.query, keep_blank_values=False)
    page, _, name = path.lstrip("/").partition("/")
    if origin == site.origin and parts.path.startswith(f"{site.root}/"):
        name = unquote(name) or dict(given).get("name", "")
        match page:
            case "search" | "embed" if not unquote(path).lstrip("/").partition("/")[2]:
                return given
            case "article" if name:
                return [("article", name), *_kept(given)]
            case "author" if name:
                return [("author", name), ("sort", "newest"), *_kept(given)]
    raise NotEmbedded(f"{url[:200]} is no page of this archive that can be embedded.")


def _kept(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What an article's or an author's address may have that the frame needs: a key."""
    return [(name, text) for name, text in given if name == "key"]


def _described(access: Access, parameters: list[tuple[str, str]]) -> tuple[str, int]:
    """The title, and how many articles the frame shows. Raises ArticleNotFound."""
    given = QueryParams(parameters)
    if "article" in given:
        found = access.archive.article(given["article"]).article
        return one_line(found.title) or "Untitled", 1
    asked = Asked.of(given)
    limit = given.get("limit", "")
    articles = int(limit) if limit.isascii() and limit.isdecimal() else USUAL_LIMIT
    if asked.q:
        return f"Articles on “{one_line(asked.q)}”", articles
    names = " and ".join(one_line(value.value) for value in asked.values)
    return (f"Articles: {names}" if names else "Articles of this archive"), articles
