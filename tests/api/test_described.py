"""The API's description of itself: one truth with ``docs/``, examples that hold, no dead end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from api import described
from api.app import create_app
from byline.testing.columns import columns_archive
from indexer.sources import Found, ReadOptions, read_sources
from sample import folder

from .conftest import HERE

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
    Draft202012Validator(described.schema(name)).validate(described.example(f"{name}.json"))


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


def test_every_answer_shows_an_example_that_holds(document: Any) -> None:
    seen = 0
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            for kind, told in answer.get("content", {}).items():
                assert "example" in told, (method, path, status, kind)
                hold(told["example"], told["schema"], document)
                seen += 1
    assert seen > 60


def test_every_parameter_shows_examples_that_hold(document: Any) -> None:
    for path, _, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            # A cursor goes with its own search alone, an entity tag with its article.
            if parameter["in"] == "header" or parameter["name"] == "cursor":
                continue
            told = parameter["schema"]
            examples = told.get("examples") or parameter.get("examples")
            assert examples, (path, parameter["name"])
            for one in examples:
                hold(one, told, document)


def test_every_body_shows_examples_that_hold(document: Any) -> None:
    for name in ("ArticleIn", "Batch"):
        told = document["components"]["schemas"][name]
        for one in told["examples"]:
            hold(one, told, document)
    asked = document["components"]["schemas"]["SearchParameters"]["properties"]
    assert [name for name, told in asked.items() if "examples" not in told] == ["cursor"]


def test_what_is_said_of_unchanged_answers_holds(tmp_path: Path, document: Any) -> None:
    events = read_sources([str(folder())], ReadOptions())
    columns = [event.article for event in events if isinstance(event, Found)]
    keys = {"BYLINE_API_KEYS": str(tmp_path / "keys.json")}
    archive = columns_archive(tmp_path / "archive", columns, keys)
    client = TestClient(create_app(archive), client=HERE)
    promised = 0
    for path, method, operation in operations(document):
        if method != "get":
            assert "304" not in operation["responses"], (method, path)
            continue
        asked = {
            parameter["name"]: parameter["schema"]["examples"][0]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query" and parameter["name"] in ("q", "format", "prefix")
        }
        place = path.replace("{article_id}", "goods-yard-at-last").replace("{name}", "Ivor Pell")
        first = client.get(place, params=asked)
        assert first.status_code == 200, first.text
        tag = first.headers.get("etag")
        assert (tag is not None) == ("304" in operation["responses"]), path
        if tag is not None:
            again = client.get(place, params=asked, headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == tag
            promised += 1
        if "q" in asked:
            otherwise = {**asked, "q": "tram"}
            other = client.get(place, params=otherwise, headers={"If-None-Match": str(tag)})
            assert other.status_code == 200
    assert promised == len(READING)
    archive.close()


def test_a_program_that_has_the_description_is_told_so(desk: Any) -> None:
    client = desk.client()
    path = "/api/v1/openapi.json"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    other = desk.client(api_page_size="7")
    assert other.get(path, headers={"If-None-Match": tag}).status_code == 200


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield path, method, operation


def hold(instance: Any, schema: Any, document: Any) -> None:
    """Assert that it keeps to the schema, whose references lead into the document."""
    Draft202012Validator({**schema, "components": document["components"]}).validate(instance)


def test_schemas_are_json_files_that_the_wheel_takes_along() -> None:
    assert NAMES
    for name in NAMES:
        json.loads((described.FOLDER / "examples" / f"{name}.json").read_text("utf-8"))
