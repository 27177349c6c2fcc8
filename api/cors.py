"""Which web sites' pages may read the API from a browser (the Fetch standard's CORS)."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.keys import KeyStore
from byline.errors import KeysUnreadable

_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": (
        "Authorization, X-API-Key, Content-Type, If-Match, If-None-Match"
    ),
    "Access-Control-Max-Age": "600",
}
_EXPOSED = (
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, "
    "Content-Disposition"
)


class CrossOrigin:
    """Sites on the list, and those that a key is made for; no other, and never with cookies."""

    def __init__(self, app: ASGIApp, *, origins: frozenset[str], keys: KeyStore) -> None:
        self._app = app
        self._origins = origins
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        allowed = origin is not None and self._allows(origin)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            answer = Response(status_code=204, headers={"Vary": "Origin"})
            if allowed:
                answer.headers.update({"Access-Control-Allow-Origin": origin or "", **_ALLOWED})
            await answer(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                out.add_vary_header("Origin")
                if allowed:
                    out["Access-Control-Allow-Origin"] = origin or ""
                    out["Access-Control-Expose-Headers"] = _EXPOSED
            await send(message)

        await self._app(scope, receive, send_marked)

    def _allows(self, origin: str) -> bool:
        if origin in self._origins:
            return True
        try:
            return any(origin in key.origins and not key.refused() for key in self._keys.all())
        except KeysUnreadable:
            return False
