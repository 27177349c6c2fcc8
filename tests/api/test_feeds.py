"""Feeds, read by a feed reader's parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
from lxml import etree
from starlette.testclient import TestClient

from byline.archive import Archive
from byline.derivation import derive
from byline.engines.open import create_engine
from byline.records import Article, Origin, PartialDate

ATOM, JSON = "/api/v1/feed.atom", "/api/v1/feed.json"
TAKEN = "2024-05-06T07:08:09Z"
ORIGIN = Origin("/columns.jsonl", "line 1", "0" * 64, TAKEN)
COLUMNS = [
    Article("day", "On the day", "Rent is due.", ("Ada Quill",), date=PartialDate(2020, 5, 17),
            url="https://example.org/day", topics=("rent",), origins=(ORIGIN,)),
    Article("minute", "On the minute", "Rent is due.", date=PartialDate(2021, 5, 17, 5, 30, 120)),
    Article("year", "On the year", "Rent is due.", date=PartialDate(1908), origins=(ORIGIN,)),
    Article("none", "", "Rent is due.", url="javascript:alert(1)"),
    Article("hostile/<x>", "A\x00 <b>&\x0b\ufffe]]>", "Rent <script>alert(1)</script>\x01 & due.",
            ("]]>\x08<i>",), date=PartialDate(2019, 1, 1), topics=("\x02<t>",)),
]  # fmt: skip


@pytest.fixture
def client(tmp_path: Path, desk: Any) -> TestClient:
    folder = tmp_path / "columns"
    engine = create_engine(str(folder), None)
    with engine.writer() as writer:
        writer.put(derive(COLUMNS, None))
        writer.commit()
    engine.close()
    desk.folder = folder
    return desk.client()


def atom(client: TestClient, **asked: Any) -> Any:
    answer = client.get(ATOM, params=asked)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    etree.fromstring(answer.content)
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    return found


def test_the_newest_come_first_and_those_without_a_date_last(client: TestClient) -> None:
    titles = [entry.title for entry in atom(client, q="rent").entries]
    assert titles[:2] == ["On the minute", "On the day"]
    assert titles[-1] == "Untitled"
    items = client.get(JSON, params={"q": "rent"}).json()["items"]
    assert [item["_byline"]["id"] for item in items] == [
        "minute",
        "day",
        "hostile/<x>",
        "year",
        "none",
    ]


def test_both_feeds_tell_the_same_of_the_same_articles(client: TestClient) -> None:
    entries = atom(client, q="rent").entries
    items = client.get(JSON, params={"q": "rent"}).json()["items"]
    assert [entry.id for entry in entries] == [item["id"] for item in items]
    assert len({entry.id for entry in entries}) == len(COLUMNS)
    assert all(entry.id.startswith("urn:uuid:") for entry in entries)
    # The id is the article's, whatever the search.
    (one,) = atom(client, q="author:quill").entries
    assert one.id == entries[1].id


def test_dates_say_no_more_than_is_known(client: TestClient) -> None:
    items = {item["_byline"]["id"]: item for item in client.get(JSON, params={}).json()["items"]}
    assert items["day"]["date_published"] == "2020-05-17T00:00:00Z"
    assert items["minute"]["date_published"] == "2021-05-17T05:30:00+02:00"
    assert "date_published" not in items["year"]
    assert items["year"]["_byline"]["date"] == "1908"
    assert items["year"]["date_modified"] == TAKEN
    assert "date_published" not in items["none"]
    entries = {entry.title: entry for entry in atom(client).entries}
    assert entries["On the year"].published == "1908"
    assert entries["On the year"].updated == TAKEN
    for item in items.values():
        datetime.fromisoformat(item["date_modified"])


def test_each_entry_shows_the_passage_that_matched(client: TestClient) -> None:
    entry = next(entry for entry in atom(client, q="rent").entries if entry.title == "On the day")
    # The parser drops marks, which it does not know; so the text is looked at itself.
    raw = etree.fromstring(client.get(ATOM, params={"q": "rent", "author": "quill"}).content)
    (content,) = raw.iter("{http://www.w3.org/2005/Atom}content")
    assert content.get("type") == "html"
    assert '<mark class="words">Rent</mark> is due.' in content.text
    assert entry.author == "Ada Quill"
    assert [tag.term for tag in entry.tags] == ["rent"]


def test_links_lead_to_the_feed_the_search_the_reading_page_and_the_source(
    client: TestClient,
) -> None:
    found = atom(client, q="rent", author="Ada Quill", after="2020", before="2021")
    links = {link.rel: link.href for link in found.feed.links}
    assert urlsplit(links["self"]).path == ATOM
    again = client.get(links["self"])
    assert [entry.title for entry in feedparser.parse(again.content).entries] == ["On the day"]
    page = urlsplit(links["alternate"])
    said = parse_qs(page.query)
    assert (said["q"], said["author"], said["sort"]) == (["rent"], ["Ada Quill"], ["newest"])
    assert (said["from"], said["to"]) == (["2020-01-01"], ["2020-12-31"])
    assert "On the day" in client.get(links["alternate"]).text
    of_entry = {link.rel: link.href for link in found.entries[0].links}
    assert of_entry["via"] == "https://example.org/day"
    assert "Rent" in client.get(of_entry["alternate"]).text


def test_no_address_but_one_of_the_web_is_linked(client: TestClient) -> None:
    assert "javascript" not in client.get(ATOM).text
    assert "javascript" not in client.get(JSON).text


def test_what_an_article_holds_is_text(client: TestClient) -> None:
    (entry,) = atom(client, q="script").entries
    assert "<script>" not in client.get(JSON).json()["items"][2]["content_html"]
    assert "&lt;script&gt;" in client.get(JSON).json()["items"][2]["content_html"]
    assert entry.author == "]]><i>"


def test_a_key_is_not_told_on(desk: Any, client: TestClient) -> None:
    shown = desk.key()["X-API-Key"]
    assert shown not in client.get(ATOM, params={"q": "rent", "key": shown}).text
    assert shown not in client.get(JSON, params={"q": "rent", "key": shown}).text


@pytest.mark.parametrize("path", [ATOM, JSON])
def test_a_reader_that_has_it_is_told_so(client: TestClient, path: str) -> None:
    first = client.get(path, params={"q": "rent"})
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    assert client.get(path, params={"q": "rent"}, headers={"If-None-Match": tag}).status_code == 304
    since = {"If-Modified-Since": modified}
    assert client.get(path, params={"q": "rent"}, headers=since).status_code == 304
    earlier = parsedate_to_datetime(modified) - timedelta(seconds=1)
    before = {"If-Modified-Since": format_datetime(earlier.astimezone(UTC), usegmt=True)}
    assert client.get(path, params={"q": "rent"}, headers=before).status_code == 200
    nonsense = {"If-Modified-Since": "yesterday"}
    assert client.get(path, params={"q": "rent"}, headers=nonsense).status_code == 200
    # The tag counts where both are sent.
    both = {**since, "If-None-Match": 'W/"other"'}
    assert client.get(path, params={"q": "rent"}, headers=both).status_code == 200


def test_a_feed_changes_with_the_archive(client: TestClient, desk: Any) -> None:
    tag = client.get(ATOM, params={"q": "rent"}).headers["etag"]
    with Archive.open(desk.folder) as archive, archive.engine.writer() as writer:
        writer.put(derive([Article("new", "New", "Rent!", date=PartialDate(2023, 1, 1))], None))
        writer.commit()
    answer = client.get(ATOM, params={"q": "rent"}, headers={"If-None-Match": tag})
    assert feedparser.parse(answer.content).entries[0].title == "New"


def test_a_feed_of_nothing_is_a_feed(client: TestClient) -> None:
    assert atom(client, q="absentword").entries == []
    assert client.get(JSON, params={"q": "absentword"}).json()["items"] == []
