"""A parameter that no endpoint has is an error that names the near one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

#: As pydantic calls what a body has too much.
UNKNOWN = "extra_forbidden"
#: Characters of a name that are looked at and said back: a body's may be of any length.
_LONGEST = 100


async def only_known_parameters(request: Request) -> None:
    """A dependency of every route.

    Raises:
        RequestValidationError: the address has a parameter that the route does not know.
    """
    if not request.query_params:
        return
    known = names_of(request.scope.get("route"))
    faults = [
        {"type": UNKNOWN, "loc": ("query", name)}
        for name in request.query_params
        if name not in known
    ]
    if faults:
        raise RequestValidationError(faults)


def names_of(route: object) -> list[str]:
    """What an address of ``route`` may have, but for a key."""
    if not isinstance(route, APIRoute):
        return []
    return sorted(set(_names(route.dependant)) - {"key"})


def unknown(name: str, known: Sequence[str], within: str = "") -> str:
    """``within``: the part of a body that ``name`` stands in."""
    of = f" of {within}" if within else ""
    return f"No parameter{of} is called {name[:_LONGEST]}.{meant(name, known)}"


def meant(name: str, known: Sequence[str]) -> str:
    """A question that names the one of ``known`` that is nearest; nothing where none is near."""
    near = get_close_matches(name[:_LONGEST], known, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def listed(known: Sequence[str], within: str = "") -> str:
    if not known:
        return "Leave it out: there are no parameters here."
    of = f" of {within}" if within else ""
    return f"The parameters{of} are {', '.join(known)}; /api/v1/openapi.json describes them."


def _names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (info.alias or name for name, info in kind.model_fields.items())
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)
