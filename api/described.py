"""The OpenAPI document: every answer by its JSON Schema, with an example.

The schemas are those of ``docs/``, carried in ``schemas/`` so that an installed program has them;
a test holds both equal.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

FOLDER = Path(__file__).parent / "schemas"

#: Documents and how the OpenAPI document calls them.
_NAMES = {
    "search": "Search",
    "articles": "Articles",
    "show": "Article",
    "similar": "Similar",
    "facets": "Facets",
    "timeline": "Timeline",
    "authors": "Authors",
    "author": "Author",
    "suggest": "Suggestions",
    "problem": "Problem",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one document."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return found


@cache
def example(name: str) -> Any:
    """An answer over the sample columns, shortened."""
    path = FOLDER / "examples" / f"{name}.json"
    return json.loads(path.read_text("utf-8"))


def answers(name: str) -> dict[int | str, dict[str, Any]]:
    """What a route that answers with one JSON document says of its answers."""
    content = {"application/json": {"schema": _reference(name), "example": example(name)}}
    return {200: {"description": "Found.", "content": content}, 304: _UNCHANGED}


def text_answers(description: str, *media_types: str) -> dict[int | str, dict[str, Any]]:
    """The same for a route that answers with a file or a feed."""
    content = {kind: {"schema": {"type": "string"}} for kind in media_types}
    return {200: {"description": description, "content": content}, 304: _UNCHANGED}


_UNCHANGED = {"description": "Unchanged: what If-None-Match names is what there is."}


def install(app: FastAPI) -> None:
    """Have ``app`` describe itself with these schemas, and every error as a problem."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _complete(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, called in _NAMES.items():
        schemas.update(_components(schema(name), called))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            for status, said in (("4XX", "Refused."), ("5XX", "Failed.")):
                operation["responses"].setdefault(status, _problem(said))


def _problem(description: str) -> dict[str, Any]:
    content = {
        "application/problem+json": {
            "schema": _reference("problem"),
            "example": example("problem"),
        }
    }
    return {"description": description, "content": content}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{_NAMES[name]}"}


def _components(whole: dict[str, Any], called: str) -> dict[str, Any]:
    """The document's schema and its parts, as components that refer to each other."""
    parts = whole.get("$defs", {})
    bare = {key: value for key, value in whole.items() if key not in ("$defs", "$schema", "$id")}
    names = {part: f"{called}{part.title()}" for part in parts}
    found = {called: _moved(bare, names)}
    found.update({names[part]: _moved(value, names) for part, value in parts.items()})
    return found


def _moved(part: Any, names: dict[str, str]) -> Any:
    """``part`` with references to ``$defs`` led to the components."""
    if isinstance(part, dict):
        return {
            key: (
                f"#/components/schemas/{names[value.rpartition('/')[2]]}"
                if key == "$ref"
                else _moved(value, names)
            )
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_moved(item, names) for item in part]
    return part
