"""Answers that need not be sent twice.

What is read changes only when the archive does, so its version and what was asked make an entity
tag, and a client that has the answer already gets 304 without a search. ``Cache-Control: no-cache``
has it ask each time; what a key may see is for its holder's own cache alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.access import Access
from api.etags import not_modified, tag
from byline.engines.base import Reader

_PROGRAM = version("byline")


def reading_tag(request: Request, access: Access, reader: Reader) -> str:
    """Of what ``request`` reads from the archive as ``reader`` sees it."""
    asked = sorted(item for item in request.query_params.multi_items() if item[0] != "key")
    limits = access.key.filter if access.key is not None else None
    root = f"{request.url.scheme}://{request.url.netloc}"
    return tag(_PROGRAM, reader.version, limits, root, request.url.path, asked)


def unchanged(request: Request, access: Access, current: str) -> Response | None:
    """304 where the client has what ``current`` names, else ``None``."""
    response = not_modified(request, current)
    if response is not None:
        response.headers["Cache-Control"] = cache_control(access)
    return response


def read_json(request: Request, access: Access, make: Callable[[Reader], Any]) -> Response:
    """What ``make`` reads from the archive, as JSON; or 304, and nothing is read."""
    with access.archive.engine.reader() as reader:
        current = reading_tag(request, access, reader)
        same = unchanged(request, access, current)
        return same or json_answer(make(reader), access, current)


def cache_control(access: Access) -> str:
    return "no-cache" if access.key is None else "private, no-cache"


def json_answer(
    document: Any,
    access: Access,
    current: str | None = None,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """``document`` as it is sent. It is written here, so that no handler leaves that to the
    event loop."""
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    said = {"Cache-Control": cache_control(access), **(headers or {})}
    if current is not None:
        said["ETag"] = current
    return Response(content.encode("utf-8", "replace"), media_type=media_type, headers=said)
