"""The API described: for programs at ``/openapi.json``, for people at ``/docs``, which loads
nothing from another host."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from api.etags import not_modified, tag

router = APIRouter(include_in_schema=False)

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_OURS = ("byline.js", "byline.css")
_SWAGGER = ("swagger-ui-bundle.js", "swagger-ui.css")


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """With the path under which a proxy has us."""
    document = request.app.openapi()
    root = request.scope.get("root_path", "").rstrip("/")
    if root:
        document = {**document, "servers": [{"url": root}]}
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    current = tag(content)
    same = not_modified(request, current)
    return same or Response(content, media_type="application/json", headers={"ETag": current})


@router.get("/docs")
async def docs() -> HTMLResponse:
    return HTMLResponse((files("api.reference") / "index.html").read_text("utf-8"))


@router.get("/docs/{name}")
def beside(name: str) -> Response:
    if name not in (*_OURS, *_SWAGGER):
        raise HTTPException(404)
    kind = _TYPES[Path(name).suffix]
    return Response(_content(name), media_type=kind, headers={"Cache-Control": "max-age=3600"})


@cache
def _content(name: str) -> bytes:
    if name in _OURS:
        return (files("api.reference") / name).read_bytes()
    # The package's own module would bring FastAPI a second application class; its files will do.
    found = find_spec("fastapi_offline")
    assert found is not None  # noqa: S101 - it is installed with this package
    assert found.origin is not None  # noqa: S101
    return (Path(found.origin).parent / "static" / name).read_bytes()
