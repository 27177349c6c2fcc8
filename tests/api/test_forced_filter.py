"""A key of one paper learns nothing of another, whatever it asks of whichever endpoint.

Archives differ in nothing but what another paper wrote: in one of them it wrote the same with
other words, in another it wrote much more, of what the first paper writes of, and in one nothing at
all. Whoever holds a key
that sees the first paper alone must get the same answer from each, byte for byte, orders and scores
included, but for ids and times. A route that has no case in ``asking.py`` fails the test.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.envelope import ROOT
from api.keys import KeyStore, Scope
from byline.archive import Archive
from byline.derivation import derive
from byline.records import Article
from byline.request import Mode
from byline.settings import Settings
from byline.testing.columns import FewWords, columns_archive
from byline.testing.oracle import Oracle

from .asking import (
    CASES,
    NEW_IDS,
    OTHERWISE,
    RANKED,
    SECRETS,
    WALKED,
    Asked,
    filled,
    routes_of,
)
from .conftest import COURIER, HERE, LANTERN, article, make_archive

RULE = 'publication:"The Courier"'
#: The other paper once more, in an archive where it decides which words are rare and what lies
#: near: its texts are many, of the words that the first paper has, and of others' lengths.
CROWD = [
    *(
        article(number, "Lantern Weekly", "Zora Xanthippe", words)
        for number, words in enumerate(
            ["river and rents", "rents and rents", "river tram", "old rivers", "rents", "council"],
            1,
        )
    ),
    article(7, "Lantern Weekly", "Ada Quill", "tram " * 60),
    article(8, "Lantern Weekly", "Orla Vantongeren", "quicksilver landlord"),
]
VOLATILE_HEADERS = {"x-request-id", "date", "content-length"}
VOLATILE = re.compile(
    r'"took_ms":\s*[\d.]+|"fetched_at":"[^"]*"|[0-9a-f]{32}'
    r"|\d+(?:\.\d+)? (?:ms|milliseconds|seconds)"
)


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
class Archives:
    """The archives' servers, and what a holder of each kind of key sends."""

    clients: tuple[TestClient, ...]
    keys: dict[Scope, dict[str, str]]

    @property
    def archives(self) -> list[Archive]:
        return [client.app.state.gate.archive for client in self.clients]  # type: ignore[attr-defined]

    def same(
        self,
        method: str,
        path: str,
        scope: Scope = Scope.SEARCH,
        **sent: Any,
    ) -> Any:
        """The answer, which all give."""
        accept = {"Accept": "text/html, application/json"}
        headers = {**self.keys[scope], **accept}
        one, *others = (
            client.request(method, path, headers=headers, **sent) for client in self.clients
        )
        assert one.status_code < 500, one.text
        for other in others:
            assert one.status_code == other.status_code
            assert _lasting(one) == _lasting(other)
            assert _text(one) == _text(other)
        return one

    def write(self, method: str, path: str, **sent: Any) -> None:
        """What is answered is the same, and so is what is found then."""
        refused = False
        try:
            refused = self.same(method, path, Scope.WRITE, **sent).status_code >= 400
            found = f"{ROOT}/search?q=tram+OR+river+OR+quicksilver&facet=author"
            self.same("GET", found)
        finally:
            if not refused:
                self._restore()

    def _restore(self) -> None:
        """Have the first paper as it was."""
        for archive in self.archives:
            model = None if archive.manifest.model is None else FewWords()
            with archive.engine.writer() as writer:
                writer.put(derive(COURIER, model))
                writer.delete(NEW_IDS)
                writer.commit()


def _text(answer: Any) -> str:
    return VOLATILE.sub("", answer.text)


def _lasting(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in VOLATILE_HEADERS}


#: Over the second engine with vectors alone: what is told of words does not depend on having none.
pytestmark = pytest.mark.parametrize(
    ("each_engine", "served"),
    [("embedded", "vectors"), ("embedded", "words"), ("elastic", "vectors")],
    indirect=True,
    scope="module",
)


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    each_engine: Callable[[Path], str],
) -> Iterator[Archives]:
    home = tmp_path_factory.mktemp("forced")
    keys = KeyStore(home / "keys.json")
    shown = {scope: keys.create("", [scope], filter=RULE)[1] for scope in Scope}
    env = {"BYLINE_API_KEYS": str(keys.path), "BYLINE_API_KEY_RATE": "999999999/second"}
    chosen = Settings.load(env, home)
    with ExitStack() as stack:
        clients = []
        for others in (LANTERN, [_otherwise(one) for one in LANTERN], CROWD, []):
            address = each_engine(home / str(len(clients)) / "archive")
            if request.param == "vectors":
                archive = columns_archive(address, [*COURIER, *others], env)
            else:
                archive = Archive.open(make_archive(address, [*COURIER, *others]), chosen)
            app = create_app(archive, chosen)
            clients.append(
                stack.enter_context(TestClient(app, client=HERE, raise_server_exceptions=False))
            )
        yield Archives(tuple(clients), {scope: {"X-API-Key": key} for scope, key in shown.items()})


def test_the_archives_differ_where_they_should(served: Archives) -> None:
    counted = {
        word: [
            archive.search(word, mode=Mode.KEYWORD).total.articles for archive in served.archives
        ]
        for word in ("quicksilver", "antimony", "river", "rents")
    }
    assert counted == {
        "quicksilver": [2, 0, 1, 0],
        "antimony": [0, 2, 0, 0],
        "river": [2, 2, 5, 2],
        "rents": [1, 1, 4, 1],
    }
    scores = [
        archive.search("river", mode=Mode.KEYWORD).hits[0].score for archive in served.archives
    ]
    assert scores[0] == scores[1]
    assert len(set(scores)) == 3


def test_every_route_has_a_case(served: Archives) -> None:
    routes = routes_of(served.clients[0].app)  # type: ignore[arg-type]
    assert len(routes) > 20
    assert routes <= set(CASES), "say in CASES what may be asked of it"


@settings(max_examples=80)
@given(st.data())
def test_no_answer_tells_of_the_other_paper(served: Archives, data: st.DataObject) -> None:
    routes = sorted(routes_of(served.clients[0].app) & set(CASES))  # type: ignore[arg-type]
    # Half of all are searches, of which there is most to ask.
    searches = [one for one in routes if one[1] in RANKED]
    method, path = data.draw(st.one_of(st.sampled_from(searches), st.sampled_from(routes)))
    asked = CASES[method, path](data.draw)
    scope = data.draw(st.sampled_from([*[Scope.SEARCH] * 6, Scope.WRITE, Scope.ADMIN]))
    writes = method in ("PUT", "DELETE") or path.endswith(":batch")
    sent: dict[str, Any] = {"params" if method in ("GET", "DELETE") else "json": asked}
    place = filled(data.draw, method, path)
    if writes:
        served.write(method, place, **sent)
        return
    found = served.same(method, place, scope, **sent)
    if path in WALKED and found.status_code == 200:
        _walk(served, path, asked, found)


def _walk(served: Archives, path: str, asked: Asked, found: Any) -> None:
    """To the end, by the cursor of each page before."""
    for _ in range(len(COURIER)):
        cursor = found.json().get("next")
        if cursor is None:
            return
        found = served.same("GET", path, params={**asked, "cursor": cursor})


@pytest.mark.parametrize("mode", ["keyword", "hybrid"])
def test_scores_and_ranks_of_words_are_those_of_the_paper_alone(
    served: Archives, mode: str
) -> None:
    asked = {"q": "river rents", "mode": mode}
    hits = served.same("GET", f"{ROOT}/search", params=asked).json()["hits"]
    assert len(hits) == len(COURIER)
    assert {hit["words"]["rank"] for hit in hits} == {1, 2, 3}
    scores = [hit["words"]["score"] for hit in hits]
    assert len(set(scores)) > 1
    papers = Oracle(list(derive(COURIER, None)))
    each = [papers.bm25(word) for word in ("river", "rents")]
    alone = {one.id: sum(of.get(one.id, 0.0) for of in each) for one in COURIER}
    assert scores == pytest.approx([alone[hit["article"]["id"]] for hit in hits], rel=1e-5)
    asked["format"] = "csv"
    rows = csv.DictReader(
        served.same("GET", f"{ROOT}/export", params=asked).text.splitlines(keepends=True)
    )
    assert [float(row["words_score"]) for row in rows] == scores


@pytest.mark.parametrize("query", ["quicksilver", "*", "lantern OR courier", "river"])
def test_what_a_search_counts_and_shows_is_of_the_paper(served: Archives, query: str) -> None:
    asked = {
        "q": query,
        "facet": ["author", "topic", "publication"],
        "timeline": "year",
        "limit": 50,
    }
    found = served.same("GET", f"{ROOT}/search", params=asked).json()
    assert {hit["article"]["publication"] for hit in found["hits"]} <= {"The Courier"}
    assert found["total"]["articles"] == len(found["hits"]) <= len(COURIER)
    told = str([found["hits"], found["facets"], found["timeline"]]).lower()
    assert not [word for word in SECRETS if word.lower() in told]


def test_no_other_article_can_be_read(served: Archives) -> None:
    assert served.same("GET", f"{ROOT}/articles/the-courier-1").status_code == 200
    for other in LANTERN:
        assert served.same("GET", f"{ROOT}/articles/{other.id}").status_code == 404


@pytest.mark.parametrize("other", ["lantern-weekly-1", "gazette-nightly-1", "nobody"])
def test_no_other_article_can_be_deleted(served: Archives, other: str) -> None:
    answer = served.same("DELETE", f"{ROOT}/articles/{other}", Scope.WRITE)
    assert answer.status_code == 404


def test_nothing_is_written_beyond_the_paper(served: Archives) -> None:
    for paper in ("Lantern Weekly", None):
        body = {"body": "A text.", "publication": paper}
        answer = served.same("PUT", f"{ROOT}/articles/new", Scope.WRITE, json=body)
        assert answer.status_code == 403
        items = [{"action": "put", "id": "new", "article": body}]
        batch = served.same("POST", f"{ROOT}/articles:batch", Scope.WRITE, json={"items": items})
        assert [item["status"] for item in batch.json()["items"]] == [403]


def test_a_key_of_one_paper_is_told_no_counts_of_the_whole(served: Archives) -> None:
    for scope in Scope:
        assert served.same("GET", f"{ROOT}/metrics", scope).status_code == 403
