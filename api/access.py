"""What a caller may see and do.

A handler says what it needs by the type of its parameter::

    @router.get("/authors")
    def authors(access: Searching) -> Document: ...

``access.archive`` is already limited to what the caller may see, so a handler that uses nothing
else cannot show anything else.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Security
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPBearer

from api.callers import Caller
from api.keys import Key, KeyStore, Scope
from api.limits import Limits
from api.refusals import Forbidden, Misdirected, Unauthorized
from byline.archive import Archive
from byline.restriction import read_filter

# For the description of the API alone: callers.py reads the keys.
_Bearer = Annotated[
    object, Security(HTTPBearer(auto_error=False, scheme_name="bearer", description="A key."))
]
_Header = Annotated[
    object, Security(APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header"))
]
_Address = Annotated[
    object,
    Security(
        APIKeyQuery(
            name="key", auto_error=False, scheme_name="address", description="For widgets alone."
        )
    ),
]


@dataclass(frozen=True, slots=True)
class Policy:
    """What callers without a key may do.

    Attributes:
        public_read: they may search, whoever they are.
        keyless: they may search as long as no key was ever made. For servers that only somebody
            on this machine can reach, or that stand behind something that decides who can.
        allow_write: somebody on this machine may write as long as no key was ever made.
        hosts: where it is not public: the names under which such callers are answered, so that
            no web site can have their browser ask (DNS rebinding); ``None``: any.
    """

    public_read: bool = False
    keyless: bool = True
    allow_write: bool = False
    hosts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """One request's access.

    Attributes:
        archive: limited to what the caller may see.
        key: ``None`` for a caller without one.
        limits: how long a query and how large a page may be.
    """

    archive: Archive
    key: Key | None
    limits: Limits


class Gate:
    """Gives each request its access."""

    def __init__(self, archive: Archive, keys: KeyStore, policy: Policy, limits: Limits) -> None:
        self.archive = archive
        self.keys = keys
        self.policy = policy
        self.limits = limits
        self._limited: dict[str, Archive] = {}
        self._lock = threading.Lock()

    def open(self, request: Request, scope: Scope, *, framed: bool = False) -> Access:
        """Raises Unauthorized, Forbidden, Misdirected."""
        caller: Caller = request.state.caller
        key = caller.key
        if key is None:
            self._admit_stranger(request, caller, scope)
            return Access(self.archive, None, self.limits)
        if scope not in key.scopes:
            raise Forbidden(
                f"The key {key.id} is not for this: it has the scope "
                f"{' and '.join(sorted(key.scopes))}.",
                remedy=f"Use a key with the scope {scope}.",
                code="scope-missing",
            )
        if scope is Scope.ADMIN and key.filter is not None:
            # `byline keys` makes none; a file that was written by hand may have one.
            raise Forbidden(
                f"The key {key.id} sees only a part of the archive, and this tells of the whole.",
                remedy=f"Use a key with the scope {scope} and no filter.",
                code="filter-refused",
            )
        if key.origins and not framed and caller.origin not in key.origins:
            raise Forbidden(
                f"The key {key.id} is for pages of {' and '.join(key.origins)} alone.",
                remedy="Use a key that is made for this site, or one without origins.",
                code="origin-refused",
            )
        return Access(self._archive(key), key, self.limits)

    def _archive(self, key: Key) -> Archive:
        if key.filter is None:
            return self.archive
        with self._lock:
            if key.filter not in self._limited:
                self._limited[key.filter] = self.archive.limited_to(read_filter(key.filter))
            return self._limited[key.filter]

    def _admit_stranger(self, request: Request, caller: Caller, scope: Scope) -> None:
        keyless = self.policy.keyless and not self.keys.all()
        match scope:
            case Scope.SEARCH:
                admitted = self.policy.public_read or keyless
            case Scope.WRITE:
                admitted = self.policy.allow_write and keyless and caller.local
            case Scope.ADMIN:
                admitted = keyless and caller.local
        if not admitted:
            raise Unauthorized(f"This needs a key with the scope {scope}.")
        hosts = self.policy.hosts
        if hosts is None or (self.policy.public_read and scope is Scope.SEARCH):
            return
        host = request.url.hostname or ""
        if host not in hosts:
            raise Misdirected(
                f"This server does not answer to the name {host!r} without a key.",
                remedy="Whoever runs it can name that in the setting api_hosts, or serve with "
                "--public-read.",
            )


def install(app: FastAPI, gate: Gate) -> None:
    app.state.gate = gate


def _needing(scope: Scope, *, framed: bool = False) -> Callable[..., Awaitable[Access]]:
    async def access(
        request: Request, _bearer: _Bearer, _header: _Header, _address: _Address
    ) -> Access:
        gate: Gate = request.app.state.gate
        return gate.open(request, scope, framed=framed)

    return access


Searching = Annotated[Access, Depends(_needing(Scope.SEARCH))]
Writing = Annotated[Access, Depends(_needing(Scope.WRITE))]
Administering = Annotated[Access, Depends(_needing(Scope.ADMIN))]
#: For a page inside another site's frame: browsers send no origin for it. The handler must have
#: the browser hold the key's origins instead (``frame-ancestors``).
Framed = Annotated[Access, Depends(_needing(Scope.SEARCH, framed=True))]
