"""The client against a running server, and against what is none."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from byline import errors
from byline.client import AsyncClient, Client, Delete, Format, Put, Result
from byline.client.failures import ERRORS
from byline.engines.base import Period
from byline.query.tree import ValueField
from byline.records import Article, PartialDate
from byline.request import Mode, Sort

COLUMNS = (
    Article(
        "cap",
        "A cap on rent",
        "The rent is too high, said the mayor. \U0001f600 Nobody can pay such a rent in this town.",
        ("Ann Fenn", "Bo Quill"),
        "The Courier",
        PartialDate(2019, 3, 4, 5, 0, 120),
        "https://courier.example/cap",
        ("Nobody can pay.",),
        ("housing",),
        "Opinion",
        "en",
    ),
    Article(
        "ceiling/../odd?id=1#top",
        "What a ceiling does",
        "A landlord may ask what he likes. The tenant has no say in it at all.",
        ("Ann Fenn",),
        "The Lantern",
        PartialDate(2020, 5),
        topics=("housing",),
    ),
    *(
        Article(
            f"tram-{n}", f"Tram {n}", f"The tram {n} is late again.", date=PartialDate(2000 + n)
        )
        for n in range(9)
    ),
)


@pytest.fixture(scope="module")
def served(serve_columns):
    with serve_columns(COLUMNS) as made:
        yield made


@pytest.fixture
def client(served):
    with Client(served.address) as made:
        yield made


def as_told(hit):
    """A hit of the core's, as far as the API tells of it."""
    return replace(hit, article=replace(hit.article, body="", origins=()))


def awaited(served, steps, key=None):
    """What ``steps`` of an asynchronous client comes to."""

    async def main():
        async with AsyncClient(served.address, key) as client:
            return await steps(client)

    # In a thread of its own: the browser that other tests drive keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, main()).result()


def test_a_search_gives_the_records_that_the_core_gives(served, client):
    core = served.archive.search(served.archive.request("rent"))
    page = client.search("rent")
    assert page.hits == tuple(as_told(hit) for hit in core.hits)
    assert len(page.hits) == 2
    assert (page.total, page.mode, page.sort) == (core.total, core.mode, core.sort)
    assert (page.description, page.notes, page.version) == (
        core.description,
        core.notes,
        core.version,
    )
    assert page.sentence == "1 article contains your words, 1 more is close in meaning."


def test_what_narrows_a_search_is_sent(client):
    page = client.search(
        "tram OR rent",
        mode=Mode.KEYWORD,
        sort=Sort.OLDEST,
        after="2003",
        before="2005",
        facet=[ValueField.PUBLICATION, ValueField.TOPIC],
        timeline=Period.YEAR,
        passages=0,
    )
    assert [hit.article.id for hit in page.hits] == ["tram-3", "tram-4"]
    assert [hit.passages for hit in page.hits] == [(), ()]
    assert page.timeline is not None
    assert [(row.start, row.count) for row in page.timeline.bins] == [("2003", 1), ("2004", 1)]
    assert page.facets[ValueField.TOPIC].missing == 2
    both = client.search(
        author=["Ann Fenn"], publication=["The Courier", "The Lantern"], strict=True
    )
    assert both.total.articles == 2


def test_pages_and_hits_go_to_the_end_with_each_article_once(client):
    pages = list(client.pages("tram", mode=Mode.KEYWORD, limit=4))
    assert [len(page.hits) for page in pages] == [4, 4, 1]
    assert pages[-1].cursor is None
    hits = [hit.article.id for hit in client.hits("tram", mode=Mode.KEYWORD, limit=4)]
    assert hits == [hit.article.id for page in pages for hit in page.hits]
    assert len(set(hits)) == 9
    second = client.search("tram", mode=Mode.KEYWORD, limit=4, cursor=pages[0].cursor)
    assert second.hits == pages[1].hits


def test_pages_are_asked_for_as_they_are_needed(client, monkeypatch):
    sent = []
    send = client._http.request
    monkeypatch.setattr(
        client._http, "request", lambda **asked: sent.append(asked) or send(**asked)
    )
    hits = client.hits("tram", mode=Mode.KEYWORD, limit=2)
    assert sent == []
    next(hits), next(hits)
    assert len(sent) == 1
    next(hits)
    assert len(sent) == 2


def test_a_spelling_is_offered(client):
    [offer] = client.search("landlrod", mode=Mode.KEYWORD).suggestions
    assert (offer.text, offer.changes[0].word, offer.articles) == ("landlord", "landlrod", 1)


def test_an_article_comes_whole(served, client):
    for column in COLUMNS[:2]:
        found = client.article(column.id)
        assert found.article == served.archive.article(column.id).article
        assert found.passages == served.archive.article(column.id).passages
    marked = client.article("cap", q="rent")
    body = marked.article.body
    assert [body[span.start : span.end] for span in marked.highlights] == ["rent", "rent"]
    assert [marked.article.title[span.start : span.end] for span in marked.title_highlights] == [
        "rent"
    ]
    assert body[marked.nearest[0].start : marked.nearest[0].end].startswith("The rent is too high")


def test_what_there_is_beside_searches(client):
    [alike] = client.similar("cap", limit=1)
    assert alike.article.id == "ceiling/../odd?id=1#top"
    assert alike.passage is not None
    [back] = client.similar("ceiling/../odd?id=1#top", limit=1)
    assert back.article.id == "cap"
    assert [(row.value, row.count, row.first) for row in client.authors("ann")] == [
        ("Ann Fenn", 2, "2019-03-04T05:00+02:00")
    ]
    profile = client.author("ann fenn")
    assert (profile.name, profile.articles, profile.last) == ("Ann Fenn", 2, PartialDate(2020, 5))
    assert [row.value for row in profile.with_authors.values] == ["Bo Quill"]
    kinds = {(offer.kind.value, offer.text) for offer in client.suggest("a")}
    assert ("author", "Ann Fenn") in kinds
    assert ("title", "A cap on rent") in kinds


def test_an_export_comes_in_pieces(client):
    lines = b"".join(client.export(Format.JSONL, "tram", mode=Mode.KEYWORD)).splitlines()
    assert len(lines) == 9
    with pytest.raises(errors.BadDate):
        next(client.export(Format.CSV, "tram", after="soon"))


def test_an_article_is_put_changed_and_deleted(served):
    column = Article("new/1", "New", "A quince is a quince.", ("Cy",), date=PartialDate(2024, 2))
    with Client(served.address, served.key("write", "search")) as client:
        first = client.put(column, only_new=True)
        assert (first.id, first.result, first.searchable) == ("new/1", Result.CREATED, True)
        assert [hit.article.id for hit in client.hits("quince")] == ["new/1"]
        read = client.article("new/1")
        assert replace(read.article, origins=()) == column
        assert read.etag == first.etag
        assert client.put(column).result is Result.UNCHANGED
        changed = client.put(replace(column, title="Newer"), if_match=first.etag)
        assert (changed.result, changed.etag == first.etag) == (Result.UPDATED, False)
        for late in (
            lambda: client.put(column, if_match=first.etag),
            lambda: client.delete("new/1", if_match=first.etag),
            lambda: client.put(column, only_new=True),
        ):
            with pytest.raises(errors.UsageError) as refused:
                late()
            assert refused.value.error_code == "precondition-failed"
        assert client.delete("new/1", if_match=changed.etag).result is Result.DELETED
        with pytest.raises(errors.ArticleNotFound, match="new/1"):
            client.article("new/1")


def test_many_changes_are_made_at_once_and_each_says_what_became_of_it(served):
    columns = [Article(f"batch/{n}", f"Medlar {n}", "A medlar is no quince.") for n in range(3)]
    changes = [
        *(Put(column) for column in columns),
        Put(columns[0], only_new=True),
        Delete("nowhere"),
        Delete("batch/2"),
        Put(replace(columns[1], title="Newer"), if_match='W/"of another version"'),
    ]
    with Client(served.address, served.key("write", "search")) as client:
        made = client.batch(changes)
        assert [one.result for one in made.outcomes] == [
            *[Result.CREATED] * 3,
            Result.REFUSED,
            Result.REFUSED,
            Result.DELETED,
            Result.REFUSED,
        ]
        assert [one.error.error_code for one in made.refused] == [
            "precondition-failed",
            "article-not-found",
            "precondition-failed",
        ]
        assert isinstance(made.refused[1].error, errors.ArticleNotFound)
        assert made.searchable
        found = client.search("medlar", mode=Mode.KEYWORD)
        assert {hit.article.id for hit in found.hits} == {"batch/0", "batch/1"}
        assert found.version == made.version
        assert client.article("batch/0").etag == made.outcomes[0].etag
        with pytest.raises(errors.UsageError):
            client.batch([])
        client.batch([Delete("batch/0"), Delete("batch/1")])


def test_a_feed_tells_of_the_newest_and_whether_anything_is_new(client):
    feed = client.feed("tram", mode=Mode.KEYWORD, limit=3)
    assert [entry.article_id for entry in feed.entries] == ["tram-8", "tram-7", "tram-6"]
    first = feed.entries[0]
    assert (first.title, first.date, first.original) == ("Tram 8", PartialDate(2008), None)
    assert '<mark class="words">tram</mark> 8' in first.html
    assert first.page.startswith(client.address)
    assert client.feed("tram", mode=Mode.KEYWORD, limit=3, etag=feed.etag) is None
    assert client.feed("tram", mode=Mode.KEYWORD, limit=2, etag=feed.etag) is not None
    [cap] = client.feed(publication=["The Courier"]).entries
    assert cap.id not in {entry.id for entry in feed.entries}
    assert (cap.authors, cap.original) == (("Ann Fenn", "Bo Quill"), "https://courier.example/cap")


def test_both_clients_give_the_same(served, client):
    async def steps(other):
        page = await other.search("rent")
        ids = [hit.article.id async for hit in other.hits("tram", mode=Mode.KEYWORD, limit=4)]
        pieces = [piece async for piece in other.export(Format.CSV, "tram", mode=Mode.KEYWORD)]
        whole = await other.article("cap", q="rent")
        return page.hits, ids, b"".join(pieces), whole, await other.feed("tram")

    hits, ids, exported, article, feed = awaited(served, steps)
    assert hits == client.search("rent").hits
    assert ids == [hit.article.id for hit in client.hits("tram", mode=Mode.KEYWORD, limit=4)]
    assert exported == b"".join(client.export(Format.CSV, "tram", mode=Mode.KEYWORD))
    assert article == client.article("cap", q="rent")
    assert feed == client.feed("tram")


def test_both_clients_make_many_changes(served):
    async def steps(other):
        made = await other.batch([Put(Article("sloe", "Sloe", "A sloe.")), Delete("nowhere")])
        return made, await other.batch([Delete("sloe")])

    made, unmade = awaited(served, steps, served.key("write"))
    assert [one.result for one in made.outcomes] == [Result.CREATED, Result.REFUSED]
    assert [one.result for one in unmade.outcomes] == [Result.DELETED]


@pytest.mark.parametrize(
    ("ask", "kind", "code"),
    [
        (lambda c: c.article("nowhere"), errors.ArticleNotFound, "article-not-found"),
        (lambda c: c.author("Nobody"), errors.AuthorNotFound, "author-not-found"),
        (lambda c: c.search("rent", after="soon"), errors.BadDate, "bad-date"),
        (lambda c: c.search("rent", cursor="x"), errors.BadCursor, "bad-cursor"),
        (lambda c: c.search("x" * 5000), errors.UsageError, "query-too-long"),
        (lambda c: c.search("rent", mood="blue"), errors.UsageError, "unknown-parameter"),
        (lambda c: c.delete("cap"), errors.NotAllowed, "key-needed"),
    ],
)
def test_a_refusal_is_the_cores_own_error_on_both(served, client, ask, kind, code):
    async def steps(other):
        return await ask(other)

    with pytest.raises(kind) as blocking:
        ask(client)
    with pytest.raises(kind) as asynchronous:
        awaited(served, steps)
    for refused in (blocking.value, asynchronous.value):
        assert refused.error_code == code
        assert refused.message.endswith((".", "?"))
        assert refused.remedy
        assert refused.__notes__[0].startswith("request id: ")


def test_a_query_that_cannot_be_read_says_where(client):
    with pytest.raises(errors.BadQuery) as refused:
        client.search('rent "unclosed', strict=True)
    assert refused.value.start == 5


def test_every_error_of_the_core_comes_back_as_itself():
    def below(kind):
        return {kind}.union(*(below(inner) for inner in kind.__subclasses__()))

    kinds = {kind for kind in below(errors.BylineError) if kind.__module__ == "byline.errors"}
    assert len(kinds) > 20
    assert set(ERRORS.values()) == kinds


def test_a_key_that_is_not_known_is_told_apart(served):
    with (
        Client(served.address, "byline_00000000_wrong") as client,
        pytest.raises(errors.NotAllowed) as refused,
    ):
        client.search("rent")
    assert refused.value.error_code == "key-unknown"


def test_a_server_that_is_not_there_or_is_another(serving):
    with (
        Client("http://127.0.0.1:1") as client,
        pytest.raises(errors.EngineUnavailable, match=r"http://127\.0\.0\.1:1"),
    ):
        client.search("rent")
    with Client("gopher://x") as client, pytest.raises(errors.BylineError):
        client.search("rent")
    other = Starlette(
        routes=[Route("/{path:path}", lambda request: PlainTextResponse("hello", 404))]
    )
    with serving(other) as address, Client(address) as client:
        with pytest.raises(errors.BylineError, match="404") as refused:
            client.search("rent")
        assert refused.value.error_code == "not-byline"
        with pytest.raises(errors.BylineError, match="404"):
            next(client.export(Format.CSV, "rent"))


def test_a_server_that_is_slow_is_given_up(serving):
    async def slow(request):
        await asyncio.sleep(0.5)
        return PlainTextResponse("late")

    with (
        serving(Starlette(routes=[Route("/{path:path}", slow)])) as address,
        Client(address, timeout=0.05) as client,
        pytest.raises(errors.EngineUnavailable, match="in time"),
    ):
        client.search("rent")
