"""Articles, what is like them, lists, counts, authors and completion over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

ROOT = "/api/v1"
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def client(desk: Any) -> TestClient:
    return desk.client()


def read(client: TestClient, path: str, schema: str, **asked: Any) -> Any:
    answer = client.get(f"{ROOT}{path}", params=asked)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    described = json.loads((DOCS / f"{schema}.schema.json").read_text("utf-8"))
    Draft202012Validator(described).validate(document)
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"{ROOT}{path}", params=asked, headers=tag).status_code == 304
    return document


def test_an_article_comes_whole(client: TestClient) -> None:
    found = read(client, "/articles/the-courier-2", "show")
    assert found["article"]["title"] == "On river walls"
    assert found["article"]["body"].startswith("The council spoke")
    assert found["highlights"] == found["title_highlights"] == found["nearest"] == []


def test_with_a_query_its_matches_are_told(client: TestClient) -> None:
    found = read(client, "/articles/the-courier-2", "show", q="rivers", highlight="html")
    body, title = found["article"]["body"], found["article"]["title"]
    assert {body[span["start"] : span["end"]] for span in found["highlights"]} == {"river"}
    assert [title[span["start"] : span["end"]] for span in found["title_highlights"]] == ["river"]
    assert found["summary_highlights"] == found["summary_html"] == []
    root = ET.fromstring(f"<p>{found['html']}</p>")
    assert "".join(root.itertext()) == body
    assert len(root.findall("mark")) == len(found["highlights"])


def test_matches_in_names_are_told_beside_the_names(client: TestClient) -> None:
    found = read(client, "/articles/the-courier-2", "show", q="quill", highlight="html")
    (name,), ((span,),) = found["article"]["authors"], found["author_highlights"]
    assert name[span["start"] : span["end"]] == "Quill"
    assert found["author_html"] == ['Ada <mark class="words">Quill</mark>']


def test_an_article_that_is_not_there(client: TestClient, problem: Callable[[Any], Any]) -> None:
    for path in ("/articles/nobody", "/articles/nobody/similar"):
        answer = client.get(ROOT + path)
        assert answer.status_code == 404
        assert problem(answer)["code"] == "article-not-found"


def test_similar_articles_are_others_within_the_filters(client: TestClient) -> None:
    found = read(client, "/articles/the-courier-2/similar", "similar")
    ids = [row["article"]["id"] for row in found["articles"]]
    assert found["by"] == "words"
    assert ids[0] == "the-courier-1"
    assert "the-courier-2" not in ids
    only = read(client, "/articles/the-courier-2/similar", "similar", publication="Lantern Weekly")
    assert all(row["article"]["publication"] == "Lantern Weekly" for row in only["articles"])
    assert len(read(client, "/articles/the-courier-2/similar", "similar", limit=1)["articles"]) == 1


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_a_list_is_walked_by_date(client: TestClient, sort: str) -> None:
    asked: dict[str, Any] = {"sort": sort, "limit": 4}
    first = read(client, "/articles", "articles", **asked)
    second = read(client, "/articles", "articles", cursor=first["next"], **asked)
    rows = [*first["articles"], *second["articles"]]
    dates = [row["date"] for row in rows]
    assert dates == sorted(dates, reverse=sort == "newest")
    assert len({row["id"] for row in rows}) == len(rows) == first["total"] == 6
    assert second["next"] is None


def test_a_list_keeps_to_its_filters(client: TestClient) -> None:
    found = read(client, "/articles", "articles", author="Ada Quill", q="walls")
    assert [row["id"] for row in found["articles"]] == ["the-courier-2"]
    assert read(client, "/articles", "articles", limit=0)["articles"] == []


def test_facets_and_timeline_count_what_a_search_finds(client: TestClient) -> None:
    asked = {"q": "river*"}
    whole = client.get(f"{ROOT}/search", params={**asked, "facet": "author", "timeline": "year"})
    found = whole.json()
    counted = read(client, "/facets", "facets", facet="author", **asked)
    assert counted["facets"] == found["facets"]
    assert counted["total"] == found["total"]
    assert set(read(client, "/facets", "facets")["facets"]) == {
        "author",
        "publication",
        "topic",
        "section",
        "language",
    }
    assert len(read(client, "/facets", "facets", facet="topic", size=2)["facets"]["topic"]) == 2
    assert read(client, "/timeline", "timeline", **asked)["timeline"] == found["timeline"]
    by_month = read(client, "/timeline", "timeline", period="month")
    assert sum(row["count"] for row in by_month["timeline"]) == 6


def test_authors_are_listed_and_found_by_any_word(client: TestClient) -> None:
    everybody = read(client, "/authors", "authors")["authors"]
    assert {row["author"]: row["articles"] for row in everybody} == {
        "Ada Quill": 2,
        "Zora Xanthippe": 2,
        "Ivor Pell": 1,
        "Orla Vantongeren": 1,
    }
    found = read(client, "/authors", "authors", prefix="qui")["authors"]
    assert [row["author"] for row in found] == ["Ada Quill"]
    assert len(read(client, "/authors", "authors", limit=3)["authors"]) == 3


def test_one_author(client: TestClient, problem: Callable[[Any], Any]) -> None:
    found = read(client, f"/authors/{quote('ada quill')}", "author")
    assert (found["author"], found["articles"]) == ("Ada Quill", 2)
    assert sum(row["count"] for row in found["years"]) + found["undated"] == 2
    assert {row["value"] for row in found["publications"]} == {"The Courier"}
    missing = client.get(f"{ROOT}/authors/Ada Quil")
    assert missing.status_code == 404
    assert problem(missing)["detail"] == "Did you mean Ada Quill?"


def test_completion(client: TestClient, problem: Callable[[Any], Any]) -> None:
    found = read(client, "/suggest", "suggest", prefix="riv")
    assert {(row["kind"], row["text"]) for row in found["suggestions"]} >= {
        ("topic", "rivers"),
        ("title", "On river walls"),
    }
    assert read(client, "/suggest", "suggest", prefix="")["suggestions"] == []
    assert problem(client.get(f"{ROOT}/suggest"))["code"] == "bad-parameter"


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/articles?sortt=newest", "sort"),
        ("/articles/the-courier-1?highlights=html", "highlight"),
        ("/articles/the-courier-1/similar?limt=3", "limit"),
        ("/facets?facets=author", "facet"),
        ("/timeline?periods=year", "period"),
        ("/authors?prefx=a", "prefix"),
        ("/suggest?prefix=a&limits=2", "limit"),
        ("/feed.atom?publicaton=x", "publication"),
        ("/export?format=csv&sortt=newest", "sort"),
    ],
)
def test_unknown_parameters_name_the_near_one(
    client: TestClient, problem: Callable[[Any], Any], path: str, near: str
) -> None:
    found = problem(client.get(ROOT + path))
    assert found["code"] == "unknown-parameter"
    assert f"Did you mean {near}?" in found["title"]
