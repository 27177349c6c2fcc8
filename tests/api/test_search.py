"""``/search``: what the command line prints, trimmed, marked and walked through."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from byline import wire
from byline.archive import Archive
from byline.derivation import derive
from byline.engines.open import create_engine
from byline.records import Article, PartialDate
from byline.request import Mode

SEARCH = "/api/v1/search"
DOCS = Path(__file__).resolve().parents[2] / "docs"
HOSTILE = "<script>alert('x')</script> & \"rents\" <mark class=words>rents</mark>"


@pytest.fixture
def client(desk: Any) -> TestClient:
    return desk.client()


def valid(name: str, document: Any) -> None:
    schema = json.loads((DOCS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)


def test_it_answers_what_the_command_line_prints(client: TestClient, papers: Path) -> None:
    found = client.get(SEARCH, params={"q": "river*", "mode": "keyword"}).json()
    valid("search", found)
    with Archive.open(papers) as archive:
        printed = wire.search_document(archive.search("river*", mode=Mode.KEYWORD))
    for document in (found, printed):
        document.pop("took_ms")
    assert found.pop("next") is None
    assert found == printed


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "river", "facet": ["author", "topic"], "timeline": "year", "sort": "newest"},
        {"q": "", "author": ["Ivor Pell", "Ada Quill"], "after": "2020", "before": "2022-04"},
        {"q": "council -rivers", "limit": 2, "offset": 1, "passages": 0},
        {"q": "rivers", "highlight": "html"},
        {"q": "rivers", "limit": 0},
    ],
)
def test_get_and_post_answer_alike(client: TestClient, asked: dict[str, Any]) -> None:
    got = client.get(SEARCH, params=asked).json()
    posted = client.post(SEARCH, json=asked).json()
    valid("search", got)
    assert got.pop("took_ms") >= 0
    posted.pop("took_ms")
    assert got == posted
    assert got["total"]["articles"] > 0


def test_html_shows_an_article_as_text(tmp_path: Path, desk: Any) -> None:
    folder = tmp_path / "hostile"
    engine = create_engine(str(folder), None)
    with engine.writer() as writer:
        article = Article("x", f"{HOSTILE} title", HOSTILE, date=PartialDate(2020))
        writer.put(derive([article], None))
        writer.commit()
    engine.close()
    desk.folder = folder
    (hit,) = desk.client().get(SEARCH, params={"q": "rent", "highlight": "html"}).json()["hits"]
    (passage,) = hit["passages"]
    for html, text in ((passage["html"], HOSTILE), (hit["title_html"], f"{HOSTILE} title")):
        root = ET.fromstring(f"<p>{html}</p>")
        assert "".join(root.itertext()) == text
        assert {element.tag for element in root.iter()} == {"p", "mark"}
        assert [mark.text for mark in root] == ["rents", "rents"]
        assert {mark.get("class") for mark in root} == {"words"}


def test_a_walk_by_cursors_shows_each_article_once(client: TestClient) -> None:
    asked: dict[str, Any] = {"q": "council", "limit": 2}
    ids: list[str] = []
    while True:
        page = client.get(SEARCH, params=asked).json()
        valid("search", page)
        ids += [hit["article"]["id"] for hit in page["hits"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert len(ids) == len(set(ids)) == page["total"]["articles"] == 6


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"q": "rivers", "cursor": "nonsense"}, "bad-cursor"),
        ({"q": "rivers", "fields": "hits.artcle"}, "unknown-field"),
        ({"q": "rivers", "fields": "total.articles.more"}, "unknown-field"),
        ({"q": "rivers", "after": "2022-13"}, "bad-date"),
        ({"q": "rivers", "after": "2022", "before": "2020"}, "bad-date"),
        ({"q": '"rivers', "strict": "true"}, "query-unclosed-quote"),
        ({"q": "rivers", "sort": "best"}, "bad-parameter"),
        ({"q": "rivers", "facet": "body"}, "bad-parameter"),
        ({"q": "rivers", "author": ""}, "bad-parameter"),
        ({"q": "rivers", "limit": "1000"}, "page-too-large"),
        ({"q": "r" * 5000}, "query-too-long"),
        ({"q": "rivers", "autor": "Pell"}, "unknown-parameter"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    client: TestClient, problem: Callable[[Any], Any], asked: dict[str, Any], code: str
) -> None:
    answer = client.get(SEARCH, params=asked)
    assert answer.status_code == 400
    assert problem(answer)["code"] == code


def test_a_cursor_goes_with_its_own_search_and_with_no_offset(
    client: TestClient, problem: Callable[[Any], Any]
) -> None:
    cursor = client.get(SEARCH, params={"q": "council", "limit": 2}).json()["next"]
    other = client.get(SEARCH, params={"q": "rivers", "cursor": cursor})
    assert problem(other)["code"] == "cursor-of-another-search"
    both = client.get(SEARCH, params={"q": "council", "cursor": cursor, "offset": 2})
    assert problem(both)["code"] == "cursor-and-offset"


def test_names_that_are_mistyped_are_told_the_near_one(
    client: TestClient, problem: Callable[[Any], Any]
) -> None:
    got = problem(client.get(SEARCH, params={"q": "x", "autor": "y"}))
    posted = problem(client.post(SEARCH, json={"q": "x", "autor": "y"}))
    field = problem(client.get(SEARCH, params={"q": "x", "fields": "hits.artcle.title"}))
    assert "Did you mean author?" in got["title"]
    assert "Did you mean author?" in posted["title"]
    assert "Did you mean article?" in field["title"]


def test_fields_trim_the_answer(client: TestClient) -> None:
    asked = {"q": "rivers", "fields": "total.articles, hits.article.title,hits.passages.text"}
    found = client.get(SEARCH, params=asked).json()
    assert found["schema"] == wire.SCHEMA
    assert set(found) == {"schema", "total", "hits"}
    assert set(found["total"]) == {"articles"}
    assert all(set(hit) == {"article", "passages"} for hit in found["hits"])
    assert all(set(hit["article"]) == {"title"} for hit in found["hits"])
    whole = client.get(SEARCH, params={"q": "rivers", "fields": "total.articles,total"}).json()
    assert set(whole["total"]) == {"articles", "by_words", "by_meaning_only", "sentence"}


def test_other_spellings_are_offered(client: TestClient) -> None:
    found = client.get(SEARCH, params={"q": "rivrs quartr"}).json()
    assert [one["text"] for one in found["suggestions"]][:1] == ["rivers quarter"]
    again = client.get(SEARCH, params={"q": found["suggestions"][0]["text"]}).json()
    assert again["total"]["by_words"] == found["suggestions"][0]["articles"]
    assert again["suggestions"] == []


def test_a_filter_takes_a_part_of_a_name_and_says_so(client: TestClient) -> None:
    found = client.get(SEARCH, params={"author": "quill"}).json()
    assert found["total"]["articles"] == 2
    (note,) = [note for note in found["query"]["notes"] if note["code"] == "filter-widened"]
    assert note["message"] == "author quill: taken as Ada Quill."


def test_what_a_client_has_already_is_not_sent_again(client: TestClient, papers: Path) -> None:
    first = client.get(SEARCH, params={"q": "rivers"})
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(SEARCH, params={"q": "rivers"}, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get(SEARCH, params={"q": "river"}, headers={"If-None-Match": tag})
    assert other.status_code == 200
    with Archive.open(papers) as archive, archive.engine.writer() as writer:
        writer.put(derive([Article("new", "More rivers", "Rivers again.")], None))
        writer.commit()
    changed = client.get(SEARCH, params={"q": "rivers"}, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["total"]["articles"] == first.json()["total"]["articles"] + 1


def test_what_a_key_sees_is_for_its_holder_alone(desk: Any) -> None:
    client = desk.client()
    limited = desk.key(filter='publication:"The Courier"')
    whole = desk.key()
    of_limited = client.get(SEARCH, params={"q": "council"}, headers=limited)
    assert of_limited.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": of_limited.headers["etag"]}
    assert client.get(SEARCH, params={"q": "council"}, headers=limited | tag).status_code == 304
    assert client.get(SEARCH, params={"q": "council"}, headers=whole | tag).status_code == 200
