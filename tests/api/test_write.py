"""Writing over HTTP, as a content management system does."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from api.access import Policy
from api.keys import Scope
from byline.archive import Archive
from byline.embedding import open_embedder
from byline.engines.open import create_engine, open_engine
from indexer.pipeline import index

BODY = {
    "title": "The harbour <em>sleeps</em>",
    "body": "<p>Nobody counted the gulls &amp; terns.</p><p>They <b>rose</b> at dawn.</p><script>x()</script>",
    "authors": ["Ada Quill", "Tomás Reyé"],
    "publication": "The Courier",
    "date": "2022-07-29T05:00+02:00",
    "url": "https://courier.example/harbour",
    "summary": ["Gulls were not counted."],
    "topics": ["birds", "harbour"],
    "section": "Opinion",
    "language": "EN-gb",
}
BATCH = "/api/v1/articles:batch"


def at(article_id: str) -> str:
    return f"/api/v1/articles/{quote(article_id, safe='')}"


@pytest.fixture
def writer(desk: Any) -> Any:
    return desk.client(Policy(allow_write=True))


def test_what_is_put_is_found_as_it_was_meant(writer: Any) -> None:
    answer = writer.put(at("harbour"), json=BODY)
    assert answer.status_code == 201
    assert answer.json()["result"] == "created"
    assert answer.json()["searchable"] is True
    assert answer.headers["location"] == at("harbour")
    (hit,) = writer.get("/api/v1/search?q=gulls+terns&mode=keyword").json()["hits"]
    assert hit["article"]["id"] == "harbour"
    stored = writer.get(at("harbour")).json()["article"]
    assert stored["title"] == "The harbour sleeps"
    assert stored["body"] == "Nobody counted the gulls & terns.\n\nThey rose at dawn."
    assert stored["authors"] == ["Ada Quill", "Tomás Reyé"]
    assert stored["date"] == "2022-07-29T05:00+02:00"
    assert stored["language"] == "en-gb"
    assert stored["summary"] == ["Gulls were not counted."]


def test_the_same_again_changes_nothing(writer: Any) -> None:
    first = writer.put(at("harbour"), json=BODY)
    again = writer.put(at("harbour"), json=BODY)
    assert again.status_code == 200
    assert again.json()["result"] == "unchanged"
    assert again.json()["version"] == first.json()["version"]
    assert again.headers["etag"] == first.headers["etag"]


def test_a_change_replaces_and_has_another_tag(writer: Any) -> None:
    first = writer.put(at("harbour"), json=BODY)
    second = writer.put(at("harbour"), json={**BODY, "topics": ["terns"]})
    assert second.json()["result"] == "updated"
    assert second.headers["etag"] != first.headers["etag"]
    assert writer.get(at("harbour")).json()["article"]["topics"] == ["terns"]
    counted = writer.get("/api/v1/search?q=gulls+terns&mode=keyword").json()["total"]
    assert counted["articles"] == 1


def test_deleting_takes_it_from_every_search(writer: Any, problem: Any) -> None:
    writer.put(at("harbour"), json=BODY)
    assert writer.delete(at("harbour")).json()["result"] == "deleted"
    found = writer.get("/api/v1/search?q=gulls+terns&mode=keyword").json()
    assert found["total"]["articles"] == 0
    again = writer.delete(at("harbour"))
    assert again.status_code == 404
    assert problem(again)["code"] == "article-not-found"


def test_who_has_an_old_copy_overwrites_nothing(writer: Any, problem: Any) -> None:
    first = writer.put(at("harbour"), json=BODY).headers["etag"]
    ours = {**BODY, "title": "Ours"}
    theirs = writer.put(at("harbour"), json=ours, headers={"If-Match": first})
    assert theirs.status_code == 200
    late = writer.put(at("harbour"), json={**BODY, "title": "Late"}, headers={"If-Match": first})
    assert late.status_code == 412
    assert problem(late)["code"] == "precondition-failed"
    assert writer.delete(at("harbour"), headers={"If-Match": first}).status_code == 412
    assert writer.get(at("harbour")).json()["article"]["title"] == "Ours"
    now = theirs.headers["etag"]
    assert writer.delete(at("harbour"), headers={"If-Match": f'"x", {now}'}).status_code == 200


def test_add_only_or_change_only(writer: Any) -> None:
    assert writer.put(at("a"), json=BODY, headers={"If-Match": "*"}).status_code == 412
    assert writer.put(at("a"), json=BODY, headers={"If-None-Match": "*"}).status_code == 201
    assert writer.put(at("a"), json=BODY, headers={"If-None-Match": "*"}).status_code == 412
    assert writer.put(at("a"), json=BODY, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"date": "2022-02-30"}, "article.date"),
        ({"date": "last spring"}, "article.date"),
        ({"body": "<p> </p>"}, "article.body"),
        ({"body": ""}, "body"),
        ({"body": 3}, "body"),
        ({"authors": "Ada Quill"}, "authors"),
        ({"authors": ["Ada", 3]}, "authors.1"),
        ({"language": "the queen's"}, "language"),
        ({"titel": "x"}, "titel"),
    ],
)
def test_what_cannot_be_is_refused_and_the_field_named(
    writer: Any, problem: Any, change: dict[str, Any], named: str
) -> None:
    answer = writer.put(at("bad"), json={**BODY, **change})
    assert answer.status_code == 400
    assert named in problem(answer)["title"]
    assert writer.get(at("bad")).status_code == 404


@pytest.mark.parametrize("article_id", ["a/b/c", "räksmörgås", "with space", "q?x#y", "😀"])
def test_ids_are_what_they_are(writer: Any, article_id: str) -> None:
    answer = writer.put(at(article_id), json=BODY)
    assert answer.status_code == 201
    assert writer.get(answer.headers["location"]).json()["article"]["id"] == article_id


def test_an_id_may_end_as_the_address_of_similar_articles_does(writer: Any) -> None:
    """Its slash is written in full there; one that is not leads to what is similar."""
    for article_id in ("odd/similar", "odd"):
        assert writer.put(at(article_id), json=BODY).status_code == 201
    for article_id in ("odd/similar", "odd"):
        assert writer.get(at(article_id)).json()["article"]["id"] == article_id
        alike = writer.get(f"{at(article_id)}/similar").json()
        assert alike["id"] == article_id
        assert article_id not in [row["article"]["id"] for row in alike["articles"]]
    refused = writer.put("/api/v1/articles/odd/similar", json=BODY)
    assert refused.status_code == 405
    assert refused.headers["allow"] == "HEAD, GET"
    assert writer.delete(at("odd/similar")).status_code == 200
    assert writer.get(at("odd")).status_code == 200


def test_a_batch_makes_what_it_can_and_says_what_it_could_not(writer: Any) -> None:
    before = writer.put(at("old"), json=BODY)
    items = [
        {"action": "put", "id": "one", "article": {"body": "The first of them."}},
        {"action": "put", "id": "two", "article": {"body": "x", "date": "2022-13"}},
        {"action": "delete", "id": "nobody"},
        {"action": "delete", "id": "old", "if_match": before.headers["etag"]},
        {"action": "put", "id": "old", "article": {"body": "It came back."}},
        {"action": "put", "id": "one", "article": {"body": "y"}, "if_none_match": "*"},
    ]
    answer = writer.post(BATCH, json={"items": items})
    assert answer.status_code == 200
    found = answer.json()
    assert [item["status"] for item in found["items"]] == [201, 400, 404, 200, 201, 412]
    assert found["refused"] == 3
    assert found["version"] == before.json()["version"] + 1
    assert "article.date" in found["items"][1]["problem"]["title"]
    assert writer.get(at("one")).json()["article"]["body"] == "The first of them."
    assert writer.get(at("old")).json()["article"]["body"] == "It came back."
    again = writer.post(BATCH, json={"items": items[:1]})
    assert again.json()["items"][0]["result"] == "unchanged"


@pytest.mark.parametrize(
    ("items", "named"),
    [
        ([], "items"),
        ([{"action": "put", "id": "a"}], "items.0.article"),
        ([{"action": "drop", "id": "a"}], "items.0.action"),
        ([{"action": "delete", "id": ""}], "items.0.id"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(
    writer: Any, problem: Any, items: list[Any], named: str
) -> None:
    answer = writer.post(BATCH, json={"items": items})
    assert answer.status_code == 400
    assert named in problem(answer)["parameters"]


def test_while_another_process_writes_one_is_told_to_come_back(
    writer: Any, problem: Any, desk: Any
) -> None:
    other = open_engine(str(desk.folder))
    with other.writer():
        answer = writer.put(at("harbour"), json=BODY)
    other.close()
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert problem(answer)["code"] == "archive-busy"
    assert writer.put(at("harbour"), json=BODY).status_code == 201


def test_a_key_of_one_paper_writes_nothing_of_another(desk: Any, problem: Any) -> None:
    client = desk.client()
    key = desk.key(Scope.WRITE, filter='publication:"The Courier"')
    assert client.put(at("mine"), json=BODY, headers=key).status_code == 201
    foreign = {**BODY, "publication": "Lantern Weekly"}
    refused = client.put(at("theirs"), json=foreign, headers=key)
    assert refused.status_code == 403
    assert problem(refused)["code"] == "not-allowed"
    taken = client.put(at("lantern-weekly-1"), json=BODY, headers=key)
    assert taken.status_code == 403
    assert client.delete(at("lantern-weekly-1"), headers=key).status_code == 404
    moved = client.put(at("courier-1"), json=foreign, headers=key)
    assert moved.status_code == 403
    items = [
        {"action": "put", "id": "mine2", "article": BODY},
        {"action": "put", "id": "lantern-weekly-2", "article": BODY},
        {"action": "delete", "id": "lantern-weekly-2"},
    ]
    batch = client.post(BATCH, json={"items": items}, headers=key).json()
    assert [item["status"] for item in batch["items"]] == [201, 403, 404]
    with Archive.open(desk.folder) as archive, archive.engine.reader() as reader:
        kept = reader.fetch(["lantern-weekly-1", "lantern-weekly-2", "theirs"])
    assert {stored.article.publication for stored in kept.values()} == {"Lantern Weekly"}
    assert len(kept) == 2


def test_indexing_the_same_file_again_does_not_undo_what_was_written(
    desk: Any, tmp_path: Path
) -> None:
    source = tmp_path / "columns.jsonl"
    source.write_text(
        '{"id": "column", "title": "Before", "text": "The old text of it."}\n', "utf-8"
    )
    index([str(source)], str(desk.folder))
    client = desk.client(Policy(allow_write=True))
    client.put(at("column"), json={"title": "After", "body": "The new text of it."})
    report = index([str(source)], str(desk.folder))
    assert report.unchanged == 1
    assert client.get(at("column")).json()["article"]["title"] == "After"


def test_vectors_are_those_that_the_indexer_makes(desk: Any, tmp_path: Path) -> None:
    embedder = open_embedder()
    folder = tmp_path / "with-vectors"
    create_engine(str(folder), embedder.identity).close()
    desk.folder = folder
    text = "Rents rose again in the old quarter. Nobody asked the tenants.\n\n" * 12
    client = desk.client(Policy(allow_write=True))
    answer = client.put(at("rents"), json={"title": "Rents", "body": text})
    assert answer.status_code == 201
    source = tmp_path / "rents.txt"
    source.write_text(f"Rents\n\n{text}", "utf-8")
    twin = tmp_path / "twin"
    index([str(source)], str(twin))
    vectors = []
    for place in (folder, twin):
        with Archive.open(place) as archive, archive.engine.reader() as reader:
            (stored,) = reader.scan()
            vectors.append(stored.vectors)
    assert vectors[0].shape == vectors[1].shape
    assert np.abs(vectors[0].astype(float) - vectors[1].astype(float)).max() < 1e-3
    found = client.get("/api/v1/search?q=rising+rents&mode=semantic").json()
    assert [hit["article"]["id"] for hit in found["hits"]] == ["rents"]
