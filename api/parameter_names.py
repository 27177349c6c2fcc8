"""A parameter that no endpoint has is an error that names the near one."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from byline.errors import UsageError


async def only_known_parameters(request: Request) -> None:
    """A dependency of every route.

    Raises:
        UsageError: the address has a parameter that the route does not know.
    """
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = sorted(set(_names(route.dependant)))
    known = [name for name in known if name != "key"]
    for name in request.query_params:
        if name not in known:
            raise UsageError(unknown(name, known), remedy=listed(known), code="unknown-parameter")


def of_body(route: object) -> list[str]:
    """The keys of a route's JSON body, where it is one object."""
    if not isinstance(route, APIRoute) or route.body_field is None:
        return []
    kind = route.body_field.field_info.annotation
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return sorted(info.alias or name for name, info in kind.model_fields.items())


def unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"No parameter is called {name}." + (f" Did you mean {near[0]}?" if near else "")


def listed(known: list[str]) -> str:
    if not known:
        return "Leave it out: there are no parameters here."
    return f"The parameters are {', '.join(known)}; /api/v1/openapi.json describes them."


def _names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (info.alias or name for name, info in kind.model_fields.items())
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)
