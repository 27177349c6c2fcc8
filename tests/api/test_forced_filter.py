"""A key of one paper learns nothing of another, whatever it asks of whichever endpoint.

Two archives differ in nothing but what another paper wrote, word for word. Whoever holds a key
that sees one paper alone must get the same answer from both, byte for byte, but for ids and
times. A route that has no case here fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.envelope import ROOT
from api.keys import KeyStore, Scope
from byline.archive import Archive
from byline.records import Article
from byline.settings import Settings

from .conftest import COURIER, HERE, LANTERN, make_archive

#: What the other paper wrote in the one archive, and instead in the other.
OTHERWISE = {
    "Lantern": "Gazette", "lantern": "gazette", "Weekly": "Nightly", "weekly": "nightly",
    "Zora": "Mina", "Xanthippe": "Okonedo", "Orla": "Petra", "Vantongeren": "Ruizdael",
    "quicksilver": "antimony", "mines": "wells", "zeppelins": "balloons", "jacarandas": "magnolias",
}  # fmt: skip
RULE = 'publication:"The Courier"'
VOLATILE_HEADERS = {"x-request-id", "date", "content-length"}
VOLATILE = re.compile(r'"took_ms":\s*[\d.]+|[0-9a-f]{32}|\d+(?:\.\d+)? (?:ms|milliseconds|seconds)')

SECRETS = [*OTHERWISE, *OTHERWISE.values()]
WORDS = st.sampled_from(
    [*SECRETS, "river", "rents", "walls", "Ada", "Pell", "council", "town", "*"]
)
OPERATORS = st.sampled_from(
    ["{}", "+{}", "-{}", '"{}"', "{}*", "{}~", "author:{}", "publication:{}", "topic:{}", "title:{}",
     "NOT {}", "({} OR river)", "after:2020", "date:2021..2022"]
)  # fmt: skip
QUERIES = st.lists(st.tuples(OPERATORS, WORDS), min_size=0, max_size=3).map(
    lambda parts: " ".join(shape.format(word) for shape, word in parts)
)
NAMES = st.sampled_from(
    ["Ada Quill", "Ivor Pell", "Zora Xanthippe", "Mina Okonedo", "Orla Vantongeren", "nobody"]
)
PAPERS = st.sampled_from(["The Courier", "Lantern Weekly", "Gazette Nightly", "The Post"])
IDS = st.sampled_from(
    ["the-courier-1", "the-courier-3", "lantern-weekly-1", "lantern-weekly-4", "gazette-nightly-1"]
)
PREFIXES = st.sampled_from(
    ["", "r", "qu", "quick", "an", "z", "m", "la", "ga", "x", "ad", "mina", "on q"]
)
FIELDS = st.sampled_from(["author", "publication", "topic", "section", "language"])

Case: TypeAlias = tuple[str, dict[str, Any]]
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


def _searching(draw: Draw) -> dict[str, Any]:
    asked: dict[str, Any] = {"q": draw(QUERIES)}
    if draw(st.booleans()):
        asked["publication"] = draw(PAPERS)
    if draw(st.booleans()):
        asked["author"] = draw(NAMES)
    return asked


def _shown(draw: Draw) -> dict[str, Any]:
    more = {
        "facet": draw(st.lists(FIELDS, max_size=3, unique=True)),
        "sort": draw(st.sampled_from(["relevance", "newest", "oldest"])),
        "limit": draw(st.sampled_from([0, 1, 2, 50])),
        "timeline": draw(st.sampled_from(["year", "month", "day"])),
    }
    return {**_searching(draw), **more}


def _fields(draw: Draw) -> dict[str, Any]:
    return {**_searching(draw), "facet": [draw(FIELDS)]}


def _period(draw: Draw) -> dict[str, Any]:
    return {**_searching(draw), "period": draw(st.sampled_from(["year", "month"]))}


def _listed(draw: Draw) -> dict[str, Any]:
    more = {
        "sort": draw(st.sampled_from(["newest", "oldest"])),
        "limit": draw(st.sampled_from([0, 1, 2, 50])),
    }
    return {**_searching(draw), **more}


def _export(draw: Draw) -> dict[str, Any]:
    formats = st.sampled_from(["csv", "jsonl", "ris", "bibtex", "csl-json"])
    return {**_searching(draw), "format": draw(formats)}


def _nothing(_: Draw) -> dict[str, Any]:
    return {}


#: (method, path) → what may be asked. ``{…}`` in a path is filled by what PARTS draws.
CASES: dict[tuple[str, str], Callable[[Draw], dict[str, Any]]] = {
    ("GET", f"{ROOT}/openapi.json"): _nothing,
    ("GET", f"{ROOT}/docs"): _nothing,
    ("GET", f"{ROOT}/docs/{{name}}"): _nothing,
    ("GET", f"{ROOT}/health/live"): _nothing,
    ("GET", f"{ROOT}/health/ready"): _nothing,
    ("GET", f"{ROOT}/metrics"): _nothing,
    ("GET", f"{ROOT}/search"): _shown,
    ("POST", f"{ROOT}/search"): _shown,
    ("GET", f"{ROOT}/articles"): _listed,
    ("GET", f"{ROOT}/articles/{{article_id:path}}"): lambda draw: {"q": draw(QUERIES)},
    ("GET", f"{ROOT}/articles/{{article_id:path}}/similar"): _nothing,
    ("GET", f"{ROOT}/facets"): _fields,
    ("GET", f"{ROOT}/timeline"): _period,
    ("GET", f"{ROOT}/authors"): lambda draw: {"prefix": draw(PREFIXES)},
    ("GET", f"{ROOT}/authors/{{name:path}}"): _nothing,
    ("GET", f"{ROOT}/suggest"): lambda draw: {"prefix": draw(PREFIXES)},
    ("GET", f"{ROOT}/feed.atom"): _searching,
    ("GET", f"{ROOT}/feed.json"): _searching,
    ("GET", f"{ROOT}/export"): _export,
    ("PUT", f"{ROOT}/articles/{{article_id:path}}"): _nothing,
    ("DELETE", f"{ROOT}/articles/{{article_id:path}}"): _nothing,
    ("POST", f"{ROOT}/articles:batch"): _nothing,
    ("GET", "/"): _nothing,
    ("GET", "/search"): _searching,
    ("GET", "/article"): lambda draw: {"id": draw(IDS), "q": draw(QUERIES)},
    ("GET", "/article/{name:path}"): lambda draw: {"q": draw(QUERIES)},
    ("GET", "/similar"): lambda draw: {"id": draw(IDS)},
    ("GET", "/similar/{name:path}"): _nothing,
    ("GET", "/author"): lambda draw: {"name": draw(NAMES)},
    ("GET", "/author/{name:path}"): _nothing,
    ("GET", "/cite"): lambda draw: {"id": draw(IDS), "format": "ris"},
    ("GET", "/cite/{name:path}"): lambda draw: {"format": draw(st.sampled_from(["ris", "bibtex"]))},
    ("GET", "/help"): _nothing,
    ("GET", "/opensearch.xml"): _nothing,
    ("GET", "/robots.txt"): _nothing,
    ("GET", "/favicon.ico"): _nothing,
    ("GET", "/static/{version}/{name}"): _nothing,
    ("GET", "/widget/byline.js"): _nothing,
    ("GET", "/widget/byline.css"): _nothing,
    ("GET", "/embed"): _searching,
    ("GET", "/oembed"): lambda draw: {
        "url": f"http://testserver/embed?{draw(st.sampled_from(['q=rents', 'q=quicksilver']))}"
    },
}
PART = re.compile(r"\{(\w+)(?::path)?\}")
PARTS = {"article_id": IDS, "name": st.one_of(IDS, NAMES), "version": st.just("x")}


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path of the application, however deep it was included."""

    def walk(routes: Any, prefix: str) -> Iterator[tuple[str, str]]:
        for route in routes:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                yield from walk(inner.routes, prefix + route.include_context.prefix)
            else:
                for method in route.methods - {"HEAD"}:
                    yield method, prefix + route.path

    return set(walk(app.routes, ""))


def _otherwise(article: Article) -> Article:
    def told(text: str | None) -> str:
        return re.sub("|".join(OTHERWISE), lambda word: OTHERWISE[word[0]], text or "")

    origins = tuple(replace(one, source=told(one.source)) for one in article.origins)
    return replace(
        article,
        id=told(article.id),
        title=told(article.title),
        body=told(article.body),
        authors=tuple(map(told, article.authors)),
        publication=told(article.publication),
        topics=tuple(map(told, article.topics)),
        origins=origins,
    )


@dataclass(frozen=True, slots=True)
class Two:
    """The two archives' servers, and what a holder of each kind of key sends."""

    clients: tuple[TestClient, TestClient]
    keys: dict[Scope, dict[str, str]]

    def same(self, method: str, path: str, scope: Scope = Scope.SEARCH, **sent: Any) -> Any:
        """The answer, which both give."""
        accept = {"Accept": "text/html, application/json"}
        headers = {**self.keys[scope], **accept}
        one, other = (
            client.request(method, path, headers=headers, **sent) for client in self.clients
        )
        assert one.status_code == other.status_code
        assert one.status_code < 500, one.text
        assert _lasting(one) == _lasting(other)
        assert VOLATILE.sub("", one.text) == VOLATILE.sub("", other.text)
        return one


def _lasting(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in VOLATILE_HEADERS}


@pytest.fixture(scope="module")
def two(
    tmp_path_factory: pytest.TempPathFactory, each_engine: Callable[[Path], str]
) -> Iterator[Two]:
    home = tmp_path_factory.mktemp("forced")
    keys = KeyStore(home / "keys.json")
    shown = {scope: keys.create("", [scope], filter=RULE)[1] for scope in Scope}
    env = {"BYLINE_API_KEYS": str(keys.path), "BYLINE_API_KEY_RATE": "999999999/second"}
    chosen = Settings.load(env, home)
    with ExitStack() as stack:
        clients = []
        for name, others in (("one", LANTERN), ("other", [_otherwise(one) for one in LANTERN])):
            address = each_engine(home / name / "archive")
            make_archive(address, [*COURIER, *others])
            app = create_app(Archive.open(address, chosen), chosen)
            clients.append(
                stack.enter_context(TestClient(app, client=HERE, raise_server_exceptions=False))
            )
        yield Two(
            (clients[0], clients[1]), {scope: {"X-API-Key": key} for scope, key in shown.items()}
        )


def test_the_archives_differ_where_they_should(two: Two) -> None:
    for client, word in zip(two.clients, ("quicksilver", "antimony"), strict=True):
        archive = client.app.state.gate.archive  # type: ignore[attr-defined]
        assert archive.search(word).total.articles == 2


def test_every_route_has_a_case(two: Two) -> None:
    routes = routes_of(two.clients[0].app)  # type: ignore[arg-type]
    assert len(routes) > 20
    assert routes <= set(CASES), "say in CASES what may be asked of it"


@settings(max_examples=200)
@given(st.data())
def test_no_answer_tells_of_the_other_paper(two: Two, data: st.DataObject) -> None:
    routes = sorted(routes_of(two.clients[0].app) & set(CASES))  # type: ignore[arg-type]
    method, path = data.draw(st.sampled_from([one for one in routes if one[0] in ("GET", "POST")]))
    asked = CASES[method, path](data.draw)
    filled = PART.sub(lambda part: str(data.draw(PARTS[part[1]])), path)
    scope = data.draw(st.sampled_from([Scope.SEARCH, Scope.SEARCH, Scope.WRITE]))
    if method == "POST":
        two.same(method, filled, scope, json=asked)
    else:
        two.same(method, filled, scope, params=asked)


@pytest.mark.parametrize("query", ["quicksilver", "*", "lantern OR courier", "river"])
def test_what_a_search_counts_and_shows_is_of_the_paper(two: Two, query: str) -> None:
    asked = {
        "q": query,
        "facet": ["author", "topic", "publication"],
        "timeline": "year",
        "limit": 50,
    }
    found = two.same("GET", f"{ROOT}/search", params=asked).json()
    assert {hit["article"]["publication"] for hit in found["hits"]} <= {"The Courier"}
    assert found["total"]["articles"] == len(found["hits"]) <= len(COURIER)
    told = str([found["hits"], found["facets"], found["timeline"]]).lower()
    assert not [word for word in SECRETS if word.lower() in told]


def test_no_other_article_can_be_read(two: Two) -> None:
    assert two.same("GET", f"{ROOT}/articles/the-courier-1").status_code == 200
    for other in LANTERN:
        assert two.same("GET", f"{ROOT}/articles/{other.id}").status_code == 404


@pytest.mark.parametrize("other", ["lantern-weekly-1", "gazette-nightly-1", "nobody"])
def test_no_other_article_can_be_deleted(two: Two, other: str) -> None:
    answer = two.same("DELETE", f"{ROOT}/articles/{other}", Scope.WRITE)
    assert answer.status_code == 404


def test_nothing_is_written_beyond_the_paper(two: Two) -> None:
    for paper in ("Lantern Weekly", None):
        body = {"body": "A text.", "publication": paper}
        answer = two.same("PUT", f"{ROOT}/articles/new", Scope.WRITE, json=body)
        assert answer.status_code == 403
        items = [{"action": "put", "id": "new", "article": body}]
        batch = two.same("POST", f"{ROOT}/articles:batch", Scope.WRITE, json={"items": items})
        assert [item["status"] for item in batch.json()["items"]] == [403]


def test_a_key_of_one_paper_is_told_no_counts_of_the_whole(two: Two) -> None:
    assert two.same("GET", f"{ROOT}/metrics").status_code == 403
