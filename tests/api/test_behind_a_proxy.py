"""Below a path of a proxy's own: every address that an answer names leads back to us through it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from lxml import etree, html
from starlette.testclient import TestClient

from api.access import Policy
from byline.errors import BadSetting
from byline.settings import Settings

ROOT = "/news/archive"
PAGES = ("/", "/search?q=river*", "/article/the-courier-1?q=rivers", "/author/Ada%20Quill",
         "/similar/the-courier-1", "/help", "/embed?q=river*", "/search?q=zzqqx")  # fmt: skip


@pytest.fixture
def client(desk: Any) -> TestClient:
    """As a server hears it whose proxy takes the path off and that is told of it."""
    app = desk.client(Policy(allow_write=True)).app
    return TestClient(app, base_url=f"http://news.example{ROOT}", root_path=ROOT,
                      client=("127.0.0.1", 1), raise_server_exceptions=False)  # fmt: skip


def leads_back(client: TestClient, address: str) -> None:
    parts = urlsplit(address)
    assert parts.netloc in ("", "news.example"), address
    assert parts.path.startswith(f"{ROOT}/"), address
    answer = client.get(f"http://news.example{address[address.index(ROOT) :]}")
    assert answer.status_code == 200, address


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_page_links_and_loads_is_there(client: TestClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    document = html.fromstring(answer.text)
    found = {*document.xpath("//@href"), *document.xpath("//@src"), *document.xpath("//@action")}
    ours = {address for address in found if not re.match(r"https?://(?!news\.example)|#", address)}
    assert ours
    for address in sorted(ours):
        whole = urljoin(f"http://news.example{ROOT}{page}", address.split("#")[0])
        leads_back(client, whole.removeprefix("http://news.example"))


def test_scripts_load_their_own_from_beside_them(client: TestClient) -> None:
    page = client.get("/search?q=river*").text
    for address in re.findall(r'<script[^>]*src="([^"]+)"', page):
        script = client.get(f"http://news.example{address}").text
        for inner in re.findall(r'from "([^"]+)"', script):
            assert inner.startswith("./")
            leads_back(client, urljoin(address, inner))


@pytest.mark.parametrize("name", ["feed.atom", "feed.json"])
def test_feeds_name_themselves_and_their_entries(client: TestClient, name: str) -> None:
    answer = client.get(f"/api/v1/{name}?q=river*")
    if name == "feed.json":
        found = answer.json()
        links = [found["feed_url"], found["home_page_url"], *(i["url"] for i in found["items"])]
    else:
        found = feedparser.parse(answer.content)
        links = [link.href for link in found.feed.links]
        links += [link.href for entry in found.entries for link in entry.links]
    assert len(links) >= 4
    for link in links:
        assert link.startswith(f"http://news.example{ROOT}/"), link
        leads_back(client, link)


def test_browsers_and_other_sites_find_it(client: TestClient) -> None:
    described = etree.fromstring(client.get("/opensearch.xml").content)
    for template in described.xpath("//@template"):
        leads_back(client, template.replace("{searchTerms}", "rivers"))
    page = html.fromstring(client.get("/search?q=rivers").text)
    (link,) = page.xpath("//link[@type='application/json+oembed']/@href")
    leads_back(client, link)
    frame = client.get(link).json()["html"]
    (source,) = html.fromstring(frame).xpath("//@src")
    leads_back(client, source)
    assert f"Disallow: {ROOT}/search" in client.get("/robots.txt").text


def test_a_walk_by_cursors_and_a_new_article(client: TestClient) -> None:
    first = client.get("/api/v1/search?q=council&limit=4").json()
    rest = client.get(
        "/api/v1/search", params={"q": "council", "limit": 4, "cursor": first["next"]}
    )
    assert len(rest.json()["hits"]) == 2
    made = client.put("/api/v1/articles/new%2Fsimilar", json={"body": "A text."})
    assert made.status_code == 201
    leads_back(client, made.headers["location"])
    assert client.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/docs").status_code == 200
    document = client.get("/api/v1/openapi.json").json()
    assert document["servers"] == [{"url": ROOT}]


def test_health_counts_against_nobody_there_too(desk: Any) -> None:
    client = TestClient(desk.client(api_rate="1/hour").app, root_path=ROOT, client=("127.0.0.1", 1),
                        base_url=f"http://news.example{ROOT}")  # fmt: skip
    assert [client.get("/api/v1/health/live").status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize("path", ["archive", "/archive/", "/"])
def test_a_path_that_is_none_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        Settings.load({"BYLINE_API_ROOT_PATH": path}, tmp_path)
