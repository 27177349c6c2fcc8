"""``/widget/byline.js``: one script with both custom elements and their style sheet."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.etags import matches

router = APIRouter()

_PARTS = ("texts.js", "results.js", "elements.js")
#: Pages name it without a version, so browsers look again after a day, and meanwhile use theirs.
_CACHED = "public, max-age=86400, stale-while-revalidate=604800"
#: Any page may load it, as a module or with an integrity hash too.
_FOR_ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def _read(name: str) -> str:
    return (files("api.embeds") / "static" / name).read_text("utf-8")


def _script() -> str:
    parts = "\n".join(_read(name) for name in _PARTS)
    style = json.dumps(STYLE)
    return (
        f'{_read("intro.js")}(() => {{\n"use strict";\n'
        'if (customElements.get("byline-search")) return;\n'
        f"const STYLE = {style};\n\n{parts}}})();\n"
    )


#: The widget's style sheet, which the frame has too.
STYLE = _read("byline.css")
SCRIPT = _script()


def _served(request: Request, text: str, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _CACHED, **_FOR_ANY_PAGE}
    known = request.headers.get("if-none-match")
    if known is not None and matches(known, tag):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)


@router.api_route("/widget/byline.js", methods=["GET", "HEAD"])
def script(request: Request) -> Response:
    return _served(request, SCRIPT, "text/javascript")


@router.api_route("/widget/byline.css", methods=["GET", "HEAD"])
def style(request: Request) -> Response:
    return _served(request, STYLE + _read("frame.css"), "text/css")
