"""Who asks, and what they may see and do.

A handler says what it needs by the type of its parameter:

    @router.get("/authors")
    def authors(access: Searching) -> Document: ...

``access.archive`` is already limited to what the caller may see, so a handler that uses nothing
else cannot show anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from api.keys import Key, Scope
from api.limits import Limits
from byline.archive import Archive


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


@dataclass(frozen=True, slots=True)
class Gate:
    """Gives each request its access."""

    archive: Archive
    limits: Limits

    def open(self, request: Request, scope: Scope) -> Access:
        return Access(self.archive, None, self.limits)


def install(app: FastAPI, gate: Gate) -> None:
    app.state.gate = gate


def _needing(scope: Scope) -> Callable[[Request], Access]:
    def access(request: Request) -> Access:
        gate: Gate = request.app.state.gate
        return gate.open(request, scope)

    return access


Searching = Annotated[Access, Depends(_needing(Scope.SEARCH))]
Writing = Annotated[Access, Depends(_needing(Scope.WRITE))]
Administering = Annotated[Access, Depends(_needing(Scope.ADMIN))]
