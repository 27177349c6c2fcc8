"""The API's description of itself: one truth with ``docs/``, examples that hold, no dead end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api import described

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = sorted(path.name.removesuffix(".schema.json") for path in described.FOLDER.glob("*.json"))
READING = {
    "/search",
    "/articles",
    "/articles/{article_id}",
    "/articles/{article_id}/similar",
    "/facets",
    "/timeline",
    "/authors",
    "/authors/{name}",
    "/suggest",
    "/feed.atom",
    "/feed.json",
    "/export",
}


@pytest.fixture
def document(desk: Any) -> Any:
    return desk.client().get("/api/v1/openapi.json").json()


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for item in part:
            yield from references(item)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "problem"])
def test_the_api_carries_the_schemas_of_docs(name: str) -> None:
    ours = (described.FOLDER / f"{name}.schema.json").read_bytes()
    assert ours == (DOCS / f"{name}.schema.json").read_bytes(), (
        f"copy docs/{name}.schema.json to api/schemas/"
    )


@pytest.mark.parametrize("name", NAMES)
def test_examples_keep_to_their_schema(name: str) -> None:
    Draft202012Validator(described.schema(name)).validate(described.example(name))


def test_problems_keep_to_their_schema(desk: Any) -> None:
    for path in ("/search?lmit=1", "/articles/nobody", "/nowhere", "/search?limit=many"):
        found = desk.client().get(f"/api/v1{path}").json()
        Draft202012Validator(described.schema("problem")).validate(found)


def test_it_is_openapi_3_1_without_a_dead_end(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_answer_is_described_and_every_parameter_explained(document: Any) -> None:
    paths = {path.removeprefix("/api/v1").replace(":path", ""): found
             for path, found in document["paths"].items()}  # fmt: skip
    assert paths.keys() >= READING
    for path in READING:
        for method, operation in paths[path].items():
            if method not in ("get", "post"):
                continue
            answers = operation["responses"]
            assert {"200", "4XX", "5XX"} <= answers.keys(), path
            assert "422" not in answers
            assert operation["description"]
            for kind in answers["200"]["content"].values():
                assert "schema" in kind
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query" and parameter["name"] != "key":
                    assert parameter.get("description"), (path, parameter["name"])


def test_json_answers_have_examples(document: Any) -> None:
    shown = document["paths"]["/api/v1/search"]["get"]["responses"]["200"]["content"]
    assert shown["application/json"]["example"]["hits"]


def test_schemas_are_json_files_that_the_wheel_takes_along() -> None:
    assert NAMES
    for name in NAMES:
        json.loads((described.FOLDER / "examples" / f"{name}.json").read_text("utf-8"))
