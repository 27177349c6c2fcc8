"""Entity tags: what a client sends back to learn whether anything has changed.

They are weak (``W/"…"``): they name what an article says, however it was encoded or compressed on
the way. ``If-Match`` compares their quoted part.
"""

from __future__ import annotations

import hashlib
import json

from starlette.requests import Request
from starlette.responses import Response

from byline import wire
from byline.records import Article


def tag(*parts: object) -> str:
    """An entity tag of whatever makes one answer different from another."""
    written = json.dumps([str(part) for part in parts]).encode("utf-8", "surrogatepass")
    return f'W/"{hashlib.sha256(written).hexdigest()[:32]}"'


def article_tag(article: Article) -> str:
    """Of what an article says; where it came from does not count."""
    return tag(json.dumps(wire.article_object(article), sort_keys=True), article.body)


def matches(header: str, current: str) -> bool:
    """Whether an ``If-Match`` or ``If-None-Match`` header names ``current``."""
    if header.strip() == "*":
        return True
    return _opaque(current) in {_opaque(one) for one in header.split(",")}


def _opaque(written: str) -> str:
    return written.strip().removeprefix("W/").removesuffix("-gzip")


def not_modified(request: Request, current: str) -> Response | None:
    """The answer to a conditional read of what the client has already, else ``None``."""
    header = request.headers.get("if-none-match")
    if header is None or not matches(header, current):
        return None
    return Response(status_code=304, headers={"ETag": current})
