"""The API and the page answer the same over either engine, whatever is asked, read or written.

Scores are each engine's own, to a few digits; so are the archive's version and what is made of
these. All else is compared as it is sent.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from indexer.sources import Found, ReadOptions, read_sources
from sample import folder

V1 = "/api/v1"
READING = [
    "/search?q=rent&facet=author&facet=topic&timeline=year",
    "/search?q=rent&mode=semantic&highlight=html",
    "/search?q=rent+OR+bus&mode=keyword&sort=oldest&passages=3&limit=3",
    "/search?q=%22the+last+bus%22&mode=keyword",
    "/search?q=river*+-wall&publication=The+Tarnwick+Courier&after=2013&before=2020-06",
    "/search?q=housing~&mode=keyword&fields=total,hits.article.id",
    "/search?q=author:pell&sort=newest&limit=2&offset=1",
    "/search?q=rvier+landlrod&mode=keyword",
    "/search?q=zzqqx&mode=keyword",
    "/search?limit=0",
    "/search?q=rent&after=soon",
    "/articles?limit=7&sort=oldest&topic=housing",
    "/articles/river-remembers?q=river+floods&highlight=html",
    "/articles/river-remembers/similar?limit=4",
    "/articles/nobody",
    "/facets?q=the&mode=keyword&size=4",
    "/facets?facet=publication",
    "/timeline?q=the&mode=keyword&period=month",
    "/authors",
    "/authors?prefix=pel&limit=1",
    "/authors/Ivor%20Pell",
    "/authors/nobody",
    "/suggest?prefix=h",
    "/suggest?prefix=the+riv",
    "/feed.atom?q=rent&limit=5",
    "/feed.json?topic=housing",
    *(f"/export?q=rent&format={form}&sort=newest"
      for form in ("csv", "jsonl", "ris", "bibtex", "csl-json")),
]  # fmt: skip
PAGES = [
    "/",
    "/search?q=rent",
    "/search?q=rent&mode=semantic",
    "/search?q=the&mode=keyword&page=2&author=Ivor+Pell",
    "/search?q=zzqqx&mode=keyword",
    "/article/river-remembers?q=river",
    "/article/nobody",
    "/author/Ivor%20Pell",
    "/cite/river-remembers?format=ris",
    "/embed?q=rent",
]
#: Of one engine alone: measured numbers and what is derived from them.
OWN = {"score", "shares", "took_ms", "version", "request_id", "next", "etag"}
OWN_TEXT = re.compile(
    r'<details class="why">.*?</details>|"(?:score|took_ms|version)":[\d.e-]+|[0-9a-f]{32}',
    re.DOTALL,
)


@pytest.fixture(scope="module")
def both(serve_columns: Any, elasticsearch: Any) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """The sample columns over the embedded engine, and over Elasticsearch."""
    events = read_sources([str(folder())], ReadOptions())
    columns = [event.article for event in events if isinstance(event, Found)]
    name = f"byline-test-{uuid.uuid4().hex[:12]}"
    with ExitStack() as stack:
        stack.callback(elasticsearch.remove, name)
        clients = []
        for address in (None, elasticsearch.address(name)):
            served = stack.enter_context(serve_columns(columns, address=address))
            key = served.key("search", "write")
            clients.append(
                stack.enter_context(
                    httpx2.Client(base_url=served.address, headers={"X-API-Key": key}, timeout=60)
                )
            )
        yield clients[0], clients[1]


def told(answer: httpx2.Response) -> Any:
    """What both say alike."""
    kind = answer.headers["content-type"]
    host = answer.request.url.netloc.decode()
    text = answer.text.replace(host, "HOST").replace(quote(host), "HOST")
    if kind in ("application/json", "application/problem+json"):
        return kind, answer.status_code, _without_own(json.loads(text))
    if "format=jsonl" in str(answer.request.url):
        return kind, [_without_own(json.loads(line)) for line in text.splitlines()]
    if kind == "text/csv; charset=utf-8":
        # The score is the second column, and those of the legs stand near the end.
        return kind, [re.sub(r"\d+\.\d+", "", line) for line in text.splitlines()]
    return kind, answer.status_code, OWN_TEXT.sub("", text)


def _without_own(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _without_own(value) for key, value in document.items() if key not in OWN}
    return [_without_own(one) for one in document] if isinstance(document, list) else document


@pytest.mark.parametrize("path", [*(f"{V1}{path}" for path in READING), *PAGES])
def test_what_is_read(both: Any, path: str) -> None:
    one, other = (told(client.get(path)) for client in both)
    assert other == one


def test_a_walk_by_cursors(both: Any) -> None:
    walks = []
    for client in both:
        asked: dict[str, Any] = {"q": "the", "limit": 7}
        ids: list[str] = []
        while True:
            page = client.get(f"{V1}/search", params=asked).json()
            ids += [hit["article"]["id"] for hit in page["hits"]]
            if page["next"] is None:
                break
            asked["cursor"] = page["next"]
        assert len(ids) == len(set(ids)) == page["total"]["articles"]
        walks.append(set(ids))
    assert walks[0] == walks[1]
    assert len(walks[0]) > 7


def test_what_is_written(both: Any) -> None:
    body = {"title": "The quince", "body": "<p>A quince &amp; a medlar.</p>", "date": "2024-02"}
    at = f"{V1}/articles/{quote('new/similar', safe='')}"
    steps = []
    for client in both:
        made = client.put(at, json=body)
        again = client.put(at, json=body)
        late = client.put(at, json={**body, "title": "x"}, headers={"If-Match": 'W/"other"'})
        found = client.get(f"{V1}/search?q=medlar&mode=keyword")
        items = [
            {"action": "put", "id": "one", "article": body},
            {"action": "put", "id": "two", "article": {"body": "x", "date": "2022-13"}},
            {"action": "delete", "id": "nobody"},
            {"action": "delete", "id": "new/similar", "if_match": made.headers["etag"]},
        ]
        batch = client.post(f"{V1}/articles:batch", json={"items": items})
        left = client.get(f"{V1}/search?q=medlar&mode=keyword&fields=hits.article.id")
        gone = client.delete(f"{V1}/articles/one")
        assert made.headers["etag"] == again.headers["etag"]
        assert made.json()["searchable"]
        steps.append([told(step) for step in (made, again, late, found, batch, left, gone)])
        assert [step.status_code for step in (made, again, late, gone)] == [201, 200, 412, 200]
    assert steps[0] == steps[1]


def test_what_a_client_has_is_not_sent_again(both: Any) -> None:
    for client in both:
        for path in (
            f"{V1}/search?q=rent",
            f"{V1}/feed.atom?q=rent",
            f"{V1}/articles/river-remembers",
        ):
            tag = client.get(path).headers["etag"]
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
