"""What is wrong with a request is said in our words, and by one code wherever it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.access import Policy
from api.app import create_app
from byline.testing.columns import columns_archive

from .conftest import COURIER, HERE

V1 = "/api/v1"
HALF = "\ud800"
ARTICLE = {"body": "A text."}
#: How pydantic would say it.
FOREIGN = ("Input should", "String should", "List should", "Field required", "valid", "URL")

Problem = Callable[[Any], dict[str, Any]]


@pytest.fixture
def client(desk: Any) -> TestClient:
    client: TestClient = desk.client(Policy(allow_write=True))
    return client


def send(client: TestClient, method: str, path: str, document: Any) -> Any:
    """JSON as a program may write it, half characters too."""
    sent = {"Content-Type": "application/json"}
    return client.request(method, f"{V1}{path}", content=json.dumps(document), headers=sent)


def post(client: TestClient, path: str, document: Any) -> Any:
    return send(client, "POST", path, document)


def batch(*items: Any) -> dict[str, Any]:
    return {"items": list(items)}


@pytest.mark.parametrize(
    ("path", "document", "title", "place"),
    [
        ("/search", {"q": 3}, "q must be a string.", "q"),
        ("/search", {"limit": "many"}, "limit must be a whole number.", "limit"),
        ("/search", {"limit": -1}, "limit must be at least 0.", "limit"),
        ("/search", {"passages": 21}, "passages must be at most 20.", "passages"),
        ("/search", {"strict": "perhaps"}, "strict must be true or false.", "strict"),
        ("/search", {"author": "Pell"}, "author must be a list.", "author"),
        ("/search", {"author": [""]}, "author.0 is empty.", "author.0"),
        ("/search", {"author": ["x"] * 51}, "author has more than 50 items.", "author"),
        ("/search", {"after": "x" * 21}, "after has more than 20 characters.", "after"),
        ("/search", {"cursor": "!"}, "cursor is not of the form ^[A-Za-z0-9_-]*$.", "cursor"),
        (
            "/search",
            {"mode": "semntic"},
            "mode must be keyword, semantic or hybrid. Did you mean semantic?",
            "mode",
        ),
        ("/search", [], "The body must be an object, sent as application/json.", "body"),
        ("/articles:batch", {"items": []}, "items is empty.", "items"),
        ("/articles:batch", batch(3), "items.0 must be an object.", "items.0"),
        ("/articles:batch", batch({"id": "a"}), "items.0.action is missing.", "items.0.action"),
        (
            "/articles:batch",
            batch({"action": "delete", "id": "a"}, {"action": "putt", "id": "a"}),
            "items.1.action must be put or delete. Did you mean put?",
            "items.1.action",
        ),
        (
            "/articles:batch",
            batch({"action": "put", "id": "a", "article": {}}),
            "items.0.article.body is missing.",
            "items.0.article.body",
        ),
    ],
)
def test_each_kind_of_fault_has_its_sentence(
    client: TestClient, problem: Problem, path: str, document: Any, title: str, place: str
) -> None:
    found = problem(post(client, path, document))
    assert (found["code"], found["title"], found["parameters"]) == ("bad-parameter", title, [place])


def test_what_is_no_json_says_where(client: TestClient, problem: Problem) -> None:
    sent = {"Content-Type": "application/json"}
    found = problem(client.post(f"{V1}/search", content='{"q": }', headers=sent))
    assert found["title"] == "The body is not JSON: Expecting value, at character 6."
    found = problem(client.post(f"{V1}/search", content="q=x", headers={"Content-Type": "text/x"}))
    assert found["title"] == "The body must be an object, sent as application/json."
    assert problem(client.post(f"{V1}/search"))["title"] == "The body is missing."


def test_of_many_faults_a_few_are_told(client: TestClient, problem: Problem) -> None:
    found = problem(post(client, "/articles:batch", batch(*[3] * 400)))
    assert found["title"].endswith("items.4 must be an object. And 395 more.")
    assert len(found["parameters"]) == 400


@pytest.mark.parametrize(
    ("method", "path", "sent", "title", "place"),
    [
        ("GET", "/search", {"params": {"lmit": 3, "mode": "semntic"}},
         "No parameter is called lmit. Did you mean limit?", "lmit"),
        ("POST", "/search", {"json": {"lmit": 3}},
         "No parameter is called lmit. Did you mean limit?", "lmit"),
        ("PUT", "/articles/a", {"json": {**ARTICLE, "ttle": "x"}},
         "No parameter is called ttle. Did you mean title?", "ttle"),
        ("POST", "/articles:batch", {"json": {**batch({"action": "delete", "id": "a"}), "itms": 1}},
         "No parameter is called itms. Did you mean items?", "itms"),
        ("POST", "/articles:batch",
         {"json": batch({"action": "delete", "id": "a", "if_mach": "x"})},
         "No parameter of items.0 is called if_mach. Did you mean if_match?", "items.0.if_mach"),
        ("POST", "/articles:batch",
         {"json": batch({"action": "put", "id": "a", "article": {**ARTICLE, "ttle": "x"}})},
         "No parameter of items.0.article is called ttle. Did you mean title?",
         "items.0.article.ttle"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_the_near_one_wherever_it_stands(
    client: TestClient, problem: Problem, method: str, path: str, sent: Any, title: str, place: str
) -> None:
    found = problem(client.request(method, f"{V1}{path}", **sent))
    assert (found["code"], found["title"], found["parameters"]) == (
        "unknown-parameter",
        title,
        [place],
    )
    assert found["detail"].startswith("The parameters ")


def test_one_malformed_item_has_nothing_of_its_batch_made(client: TestClient) -> None:
    good = {"action": "put", "id": "good", "article": ARTICLE}
    bad = {"action": "put", "id": "bad", "article": {**ARTICLE, "ttle": "x"}}
    assert post(client, "/articles:batch", batch(good, bad)).status_code == 400
    assert client.get(f"{V1}/articles/good").status_code == 404


def strings(schema: Any, document: Any) -> Iterator[Any]:
    """JSON of this schema, each time with half a character in another of its strings."""
    if "$ref" in schema:
        yield from strings(_led(schema["$ref"], document), document)
        return
    for choice in schema.get("anyOf", schema.get("oneOf", ())):
        yield from strings(choice, document)
    if schema.get("type") == "string" and "const" not in schema:
        yield f"a {HALF} b"
    for inside in strings(schema["items"], document) if "items" in schema else ():
        yield [inside]
    for name, inner in schema.get("properties", {}).items():
        for inside in strings(inner, document):
            yield {**_least(schema, document), name: inside}


def _least(schema: Any, document: Any) -> dict[str, Any]:
    """What an object of this schema must have."""
    wanted = {name: schema["properties"][name] for name in schema.get("required", ())}
    filled = {}
    for name, inner in wanted.items():
        found = _led(inner["$ref"], document) if "$ref" in inner else inner
        if found.get("type") == "object":
            filled[name] = _least(found, document)
        else:
            filled[name] = found.get("const", "a")
    return filled


def _led(reference: str, document: Any) -> Any:
    return document["components"]["schemas"][reference.rpartition("/")[2]]


def test_no_string_of_any_body_may_hold_half_a_character(
    client: TestClient, problem: Problem
) -> None:
    document = client.get(f"{V1}/openapi.json").json()
    tried = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "requestBody" not in operation:
                continue
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for body in strings(schema, document):
                place = re.sub(r"\{[^}]*\}", "a", path.removeprefix(V1))
                found = problem(send(client, method, place, body))
                assert found["status"] == 400, body
                assert "half a character" in found["title"], body
                tried += 1
    assert tried > 30
    assert client.get(f"{V1}/articles").json()["total"] == 6, "nothing was written"


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_half_a_character_is_refused_in_every_mode(
    tmp_path: Path, problem: Problem, mode: str
) -> None:
    keys = {"BYLINE_API_KEYS": str(tmp_path / "keys.json")}
    archive = columns_archive(tmp_path / "columns", COURIER, keys)
    client = TestClient(create_app(archive), client=HERE, raise_server_exceptions=False)
    for q in (HALF, f"river {HALF}", f'"{HALF}"', f"author:{HALF}"):
        found = problem(post(client, "/search", {"q": q, "mode": mode}))
        assert (found["code"], found["parameters"]) == ("bad-parameter", ["q"])
    # Two halves that belong together are one character.
    assert post(client, "/search", {"q": "river \U0001f600", "mode": mode}).status_code == 200
    archive.close()


def test_a_name_with_half_a_character_is_refused(client: TestClient, problem: Problem) -> None:
    assert problem(post(client, "/search", {HALF: 1}))["status"] == 400
    item = {"action": "put", "id": "a", "article": {**ARTICLE, HALF: 1}}
    assert problem(post(client, "/articles:batch", batch(item)))["status"] == 400


def test_nobody_is_told_in_foreign_words(client: TestClient) -> None:
    document = client.get(f"{V1}/openapi.json").json()
    junk = ["", "x" * 9_000, "-1", "1.5", "\x01", "99999999999999999999", "true", "NaN"]
    refused = 0
    for path, operations in document["paths"].items():
        for name in (one["name"] for one in operations.get("get", {}).get("parameters", ())):
            for value in junk:
                answer = client.get(path.replace("{name}", "x"), params={name: value})
                assert answer.status_code < 500, (path, name)
                if answer.status_code == 400:
                    title = answer.json()["title"]
                    assert not [word for word in FOREIGN if word in title], title
                    refused += 1
    kinds: list[Any] = [None, 3, 1.5, "x", "", [], [3], [[]], {}, True, float("inf"), 10**30]
    for path, known in (("/search", "SearchParameters"), ("/articles:batch", "Batch")):
        for name in document["components"]["schemas"][known]["properties"]:
            for kind in kinds:
                answer = post(client, path, {name: kind})
                assert answer.status_code < 500, (path, name)
                if answer.status_code == 400:
                    title = answer.json()["title"]
                    assert not [word for word in FOREIGN if word in title], title
                    refused += 1
    assert refused > 100
