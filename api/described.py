"""The OpenAPI document: every answer by its JSON Schema, with an example.

The schemas are those of ``docs/``, carried in ``schemas/`` so that an installed program has them;
a test holds both equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.limits import Limits

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
#: What a document is called of which only some keys were asked for.
_TRIMMED = "Trimmed"


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one document."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return found


@cache
def example(name: str) -> Any:
    """An answer over the sample columns, shortened; of JSON what it says, else its text.

    Args:
        name: of the file.
    """
    text = (FOLDER / "examples" / name).read_text("utf-8")
    return json.loads(text) if name.endswith("json") else text


def answers(
    name: str, *, trimmed: bool = False, kept: bool = True
) -> dict[int | str, dict[str, Any]]:
    """What a route that answers with one JSON document says of its answers.

    Args:
        trimmed: whether parts of the document can be asked for.
        kept: whether a client that has the answer is told so.
    """
    told = _reference(name)
    if trimmed:
        told = {"anyOf": [told, {"$ref": f"#/components/schemas/{_TRIMMED}{_NAMES[name]}"}]}
    content = {"application/json": {"schema": told, "example": {_SHOWN: f"{name}.json"}}}
    found = {"description": "Found.", "content": content}
    return {200: found, 304: _UNCHANGED} if kept else {200: found}


def text_answers(
    description: str, examples: Mapping[str, str], *, kept: bool = True
) -> dict[int | str, dict[str, Any]]:
    """The same for a route that answers with a file or a feed.

    Args:
        examples: media type → the file in ``examples/`` that shows it.
    """
    content = {
        kind: {"schema": _SHAPES.get(kind, {"type": "string"}), "example": {_SHOWN: name}}
        for kind, name in examples.items()
    }
    found = {"description": description, "content": content}
    return {200: found, 304: _UNCHANGED} if kept else {200: found}


def shown(name: str, description: str = "Done.") -> dict[str, Any]:
    """The example of an answer whose schema the route's model makes."""
    content = {"application/json": {"example": {_SHOWN: f"{name}.json"}}}
    return {"description": description, "content": content}


#: Stands for the file in ``examples/`` until the document is complete: FastAPI leaves out of it
#: whatever is null, in examples too. And a server reads none of them to start.
_SHOWN = "x-file"


#: What is JSON, but no document of ours.
_SHAPES: dict[str, dict[str, Any]] = {
    "application/feed+json": {
        "type": "object",
        "description": "A JSON Feed: https://jsonfeed.org/version/1.1.",
        "required": ["version", "title", "items"],
        "properties": {
            "version": {"const": "https://jsonfeed.org/version/1.1"},
            "title": {"type": "string"},
            "items": {"type": "array", "items": {"type": "object", "required": ["id"]}},
        },
    },
    "application/vnd.citationstyles.csl+json": {
        "type": "array",
        "description": "CSL-JSON: https://github.com/citation-style-language/schema.",
        "items": {"type": "object", "required": ["id", "type"]},
    },
}
_UNCHANGED = {"description": "Unchanged: what If-None-Match names is what there is."}


def install(app: FastAPI, limits: Limits) -> None:
    """Have ``app`` describe itself with these schemas, its limits, and every error as a problem."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _complete(document)
            _limit(document, limits)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, called in _NAMES.items():
        schemas.update(_components(schema(name), called))
    trimmed = _nothing_required(schema("search"))
    schemas.update(_components(trimmed, f"{_TRIMMED}{_NAMES['search']}"))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _not_null(parameter["schema"])
            for answer in operation["responses"].values():
                for told in answer.get("content", {}).values():
                    told["example"] = example(told["example"][_SHOWN])
            for status, said in (("4XX", "Refused."), ("5XX", "Failed.")):
                operation["responses"].setdefault(status, _problem(said))


def _nothing_required(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _nothing_required(value)
            for key, value in part.items()
            if key != "required" or isinstance(value, dict)
        }
    return [_nothing_required(item) for item in part] if isinstance(part, list) else part


def _not_null(told: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out; an address has no ``null``."""
    kinds: list[dict[str, Any]] = [
        kind for kind in told.get("anyOf", ()) if kind != {"type": "null"}
    ]
    if len(kinds) != 1:
        return told
    return {name: value for name, value in told.items() if name != "anyOf"} | kinds[0]


def _limit(document: dict[str, Any], limits: Limits) -> None:
    """Say what this server's settings allow of a query and of a page."""
    most = {"q": {"maxLength": limits.query_length}, "limit": {"maximum": limits.page_size}}
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["schema"].get("maximum") is None:
                    parameter["schema"] |= most.get(parameter["name"], {})
    body = document["components"]["schemas"]["SearchParameters"]["properties"]
    body["q"] |= most["q"]
    body["limit"]["anyOf"] = [
        kind | most["limit"] if kind.get("type") == "integer" else kind
        for kind in body["limit"]["anyOf"]
    ]


def _problem(description: str) -> dict[str, Any]:
    content = {
        "application/problem+json": {
            "schema": _reference("problem"),
            "example": example("problem.json"),
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
