"""What goes around every request: an id, security headers, limits, the log and the counts.

The one asynchronous part of the API. It is written against ASGI, so that answers stream through
it and nothing is copied.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import Caller, address_of, identify, shown_key
from api.keys import KeyStore
from api.limits import Limits
from api.logs import ACCESS, PROBLEMS, say
from api.metrics import Metrics
from api.paths import inner_path
from api.problems import of_error, respond
from api.rates import Meter, Rate
from api.refusals import Overloaded, RateExceeded, Refused, TookTooLong
from byline.errors import BylineError

#: Below which the API lies.
ROOT = "/api/v1"
#: Nothing but what we serve ourselves, and no script or style within a page.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: A route that sets one of these itself is left its own.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
#: What a load balancer asks, and what a page loads beside itself: counted against nobody.
_UNCOUNTED = ("/api/v1/health/", "/static/", "/widget/")


@dataclass(frozen=True, slots=True)
class Rates:
    """``None``: as often as one likes."""

    address: Rate | None
    key: Rate | None


class Envelope:
    """Around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: KeyStore,
        limits: Limits,
        rates: Rates,
        metrics: Metrics,
        log_queries: bool,
    ) -> None:
        self._app = app
        self._keys = keys
        self._limits = limits
        self._rates = rates
        self._metrics = metrics
        self._log_queries = log_queries
        self._meter = Meter()
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        shown = shown_key(scope)
        method = scope["method"]
        # The server leaves the body out; a copy, since it looks at its own to know.
        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        inner["state"] = {**scope.get("state", {}), "request_id": uuid.uuid4().hex}
        exchange = _Exchange(inner, send, time.perf_counter())
        late = asyncio.get_running_loop().call_later(
            self._limits.seconds, exchange.give_up, self._limits.seconds
        )
        self._active += 1
        try:
            self._admit(exchange, shown)
            await self._app(inner, self._measured(inner, receive), exchange.send)
        except (Refused, BylineError) as error:
            await exchange.refuse(error)
        except Exception as error:  # noqa: BLE001 - the last place to answer
            say_failed(exchange, error)
            await exchange.refuse(error)
        finally:
            self._active -= 1
            late.cancel()
            await exchange.settle()
            self._record(exchange, method)

    def _measured(self, scope: Scope, receive: Receive) -> Receive:
        """``receive``, which fails once the body is too large, said or not."""
        most, came = self._limits.body_size, 0
        said = Headers(scope=scope).get("content-length", "")

        async def measured() -> Message:
            nonlocal came
            if said.isdecimal() and int(said) > most:
                raise HTTPException(413)
            message = await receive()
            if message["type"] == "http.request":
                came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413)
            return message

        return measured

    def _admit(self, exchange: _Exchange, shown: str | None) -> None:
        """Raises Overloaded, Unauthorized, RateExceeded."""
        scope = exchange.scope
        counted = not inner_path(scope).startswith(_UNCOUNTED)
        if counted and self._active > self._limits.concurrency:
            raise Overloaded(
                f"{self._limits.concurrency} requests are worked on already.",
                headers={"Retry-After": "1"},
            )
        address = address_of(scope)
        try:
            caller = identify(scope, shown, self._keys)
        except Refused:
            # Guessing keys is counted as any other request.
            self._count(exchange, "address", f"address {address}", self._rates.address)
            raise
        scope["state"]["caller"] = caller
        if counted:
            self._count_caller(exchange, caller)

    def _count_caller(self, exchange: _Exchange, caller: Caller) -> None:
        key = caller.key
        by_address = f"address {caller.address}"
        if key is None:
            self._count(exchange, "address", by_address, self._rates.address)
            return
        if key.origins:
            # A key in a web page is everybody's: nobody may use it up alone.
            self._count(exchange, "address", f"{by_address} {key.id}", self._rates.address)
        rate = Rate.parse(key.rate) if key.rate is not None else self._rates.key
        self._count(exchange, "key", f"key {key.id}", rate)

    def _count(self, exchange: _Exchange, policy: str, caller: str, rate: Rate | None) -> None:
        if rate is None:
            return
        allowance = self._meter.count(caller, rate)
        exchange.headers.update(allowance.headers(policy))
        if allowance.wait:
            raise RateExceeded(
                f"More than {rate.quota:,} requests in {rate.window:,} seconds came from this "
                f"{policy}.",
                remedy=f"Wait {allowance.wait} seconds; the header RateLimit says what is left.",
            )

    def _record(self, exchange: _Exchange, method: str) -> None:
        scope = exchange.scope
        route = _route(scope)
        seconds = time.perf_counter() - exchange.started
        self._metrics.request(method, route, exchange.status, seconds)
        caller: Caller | None = scope["state"].get("caller")
        fields: dict[str, Any] = {
            "id": exchange.request_id,
            "client": address_of(scope),
            "key": caller.key.id if caller and caller.key else None,
            "method": method,
            "path": scope["path"],
            "route": route,
            "status": exchange.status,
            "bytes": exchange.sent,
            "ms": round(seconds * 1000, 1),
        }
        if self._log_queries:
            query = scope["query_string"].decode("latin-1")
            fields["query"] = scope["state"].get("asked", dict(parse_qsl(query)).get("q"))
        say(ACCESS, logging.INFO, "request", **fields)


@dataclass(slots=True)
class _Exchange:
    """One request's answer on its way out."""

    scope: Scope
    out: Send
    started: float
    status: int = 0
    sent: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    _given_up: asyncio.Task[None] | None = None

    @property
    def request_id(self) -> str:
        return str(self.scope["state"]["request_id"])

    async def send(self, message: Message) -> None:
        """What the application sends, unless somebody was told already that it is late."""
        if self._given_up is None:
            await self._send(message)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            for name, value in {**HEADERS, **self.headers}.items():
                headers.setdefault(name, value)
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
        await self.out(message)

    async def refuse(self, error: Exception) -> None:
        """Answer with the problem, if there is no answer yet."""
        if not self.status and self._given_up is None:
            await self._tell(error)

    def give_up(self, seconds: float) -> None:
        """Tell the client that it took too long; the thread that works on it ends by itself."""
        if not self.status:
            error = TookTooLong(f"There was no answer within {seconds:g} seconds.")
            self._given_up = asyncio.get_running_loop().create_task(self._tell(error))

    async def settle(self) -> None:
        if self._given_up is not None:
            await self._given_up

    async def _tell(self, error: Exception) -> None:
        async def nothing() -> Message:
            return {"type": "http.disconnect"}

        answer = respond(Request(self.scope), of_error(error))
        await answer(self.scope, nothing, self._send)


def _route(scope: Scope) -> str:
    """The template of the path, so that there are only so many."""
    route: str | None = getattr(scope.get("route"), "path", None)
    if route is None:
        return "other"
    below = inner_path(scope).startswith(ROOT) and not route.startswith(ROOT)
    return ROOT + route if below else route


def say_failed(exchange: _Exchange, error: Exception) -> None:
    PROBLEMS.error(
        "request failed",
        exc_info=error,
        extra={"fields": {"id": exchange.request_id, "path": exchange.scope["path"]}},
    )
