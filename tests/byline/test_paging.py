"""Cursors: a walk shows each article once, whatever is added to the archive meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byline import paging
from byline.engines.base import Engine
from byline.engines.open import create_engine
from byline.errors import BadCursor
from byline.paging import search_page
from byline.query import parse
from byline.records import ModelIdentity, StoredArticle
from byline.request import Mode, SearchRequest, Sort
from byline.search import Answer, Hit, search
from byline.testing.archives import MODEL, random_archive
from byline.testing.engines import fill, unit

QUERIES = ("rent river", "tax* -flood", "*", "date:2020", "author:pell rent", "café")


class Encoder:
    """A vector that depends on the text alone."""

    identity: ModelIdentity = MODEL
    nearness = MODEL.nearness
    note = None

    def embed_query(self, text: str):
        return unit(len(text))


@contextmanager
def archive(articles: list[StoredArticle]) -> Iterator[Engine]:
    # A Tantivy index that was just opened may still make its lock file while it is taken away.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        engine = create_engine(str(Path(folder) / "archive"), MODEL)
        fill(engine, articles)
        try:
            yield engine
        finally:
            engine.close()


def page(engine: Engine, request: SearchRequest, cursor: str | None) -> tuple[Answer, str | None]:
    with engine.reader() as reader:
        return search_page(reader, request, lambda _: Encoder(), cursor)


def found(engine: Engine, request: SearchRequest) -> list[str]:
    with engine.reader() as reader:
        answer = search(reader, replace(request, limit=1000, passages=0), lambda _: Encoder())
    return [hit.article.id for hit in answer.hits]


def walk(engine: Engine, request: SearchRequest, additions: list[list[StoredArticle]]) -> list[Hit]:
    """Every hit of a walk; after each page what comes next of ``additions`` is added."""
    answer, cursor = page(engine, request, None)
    hits = list(answer.hits)
    rest = iter(additions)
    while cursor is not None:
        if more := next(rest, []):
            fill(engine, more)
        answer, cursor = page(engine, request, cursor)
        assert len(answer.hits) <= request.limit
        hits += answer.hits
    return hits


@settings(max_examples=25)
@given(
    query=st.sampled_from(QUERIES),
    mode=st.sampled_from(Mode),
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 9),
    seed=st.integers(0, 2**20),
    sizes=st.lists(st.integers(0, 6), max_size=8),
)
@pytest.mark.parametrize(
    ("ranked", "tied", "chunk"), [(500, 200, 200), (7, 3, 4)], ids=["as shipped", "small"]
)
def test_each_article_once_while_others_are_added(
    ranked: int,
    tied: int,
    chunk: int,
    query: str,
    mode: Mode,
    sort: Sort,
    limit: int,
    seed: int,
    sizes: list[int],
) -> None:
    articles = random_archive(seed, 40 + sum(sizes))
    random.Random(seed).shuffle(articles)
    first, later = articles[:40], articles[40:]
    additions = []
    for size in sizes:
        additions.append(later[:size])
        later = later[size:]
    request = SearchRequest(parse(query), mode=mode, sort=sort, limit=limit, passages=1)
    with pytest.MonkeyPatch.context() as patch, archive(first) as engine:
        patch.setattr(paging, "RANKED", ranked)
        patch.setattr(paging, "_TIED", tied)
        patch.setattr(paging, "_CHUNK", chunk)
        before = found(engine, request)
        hits = walk(engine, request, additions)
        after = found(engine, request)
    names = [hit.article.id for hit in hits]
    assert len(names) == len(set(names))
    assert set(before) & set(after) <= set(names) <= set(before) | set(after)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    if before == after and len(before) <= ranked:
        assert names == before


def test_by_date_a_walk_stays_in_order() -> None:
    articles = random_archive(5, 90)
    request = SearchRequest(parse("*"), sort=Sort.OLDEST, limit=4)
    with archive(articles[:50]) as engine:
        hits = walk(engine, request, [[one] for one in articles[50:]])
    dates = [hit.article.date for hit in hits]
    dated = [date.sort_minutes for date in dates if date is not None]
    assert dated == sorted(dated)
    assert all(date is None for date in dates[len(dated) :])
    assert len(hits) >= 50


def test_an_article_that_is_removed_disturbs_nobody() -> None:
    articles = random_archive(6, 40)
    for sort in Sort:
        request = SearchRequest(parse("rent river tax"), sort=sort, limit=5)
        with archive(articles) as engine:
            before = found(engine, request)
            answer, cursor = page(engine, request, None)
            shown = [hit.article.id for hit in answer.hits]
            gone = {shown[0], shown[-1]}
            with engine.writer() as writer:
                writer.delete(gone)
                writer.commit()
            while cursor is not None:
                answer, cursor = page(engine, request, cursor)
                shown += [hit.article.id for hit in answer.hits]
        assert sorted(shown) == sorted(before)


def test_a_page_has_the_whole_results_totals() -> None:
    request = SearchRequest(parse("rent"), limit=3)
    with archive(random_archive(7, 40)) as engine:
        first, cursor = page(engine, request, None)
        second, _ = page(engine, request, cursor)
    assert first.total == second.total
    assert first.total.articles > 6


def test_an_end_has_no_cursor() -> None:
    request = SearchRequest(parse("rent"), limit=40)
    with archive(random_archive(8, 20)) as engine:
        assert page(engine, request, None)[1] is None
        assert page(engine, replace(request, query=parse("absentword")), None)[1] is None


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", "=" * 9, "A" * 5000])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with archive(random_archive(9, 3)) as engine, pytest.raises(BadCursor) as caught:
        page(engine, SearchRequest(parse("rent")), text)
    assert caught.value.error_code == "bad-cursor"


@given(place=st.integers(0, 200), letter=st.sampled_from("Az09-_"))
def test_a_cursor_that_was_tampered_with_is_refused(place: int, letter: str) -> None:
    text = str(paging.Cursor(b"sixsix", listing=False, version=3, place=10, shown=10))
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(BadCursor):
            paging.Cursor.read(changed, SearchRequest(parse("rent")))


def test_a_cursor_of_another_search_is_refused() -> None:
    request = SearchRequest(parse("rent"), limit=2)
    with archive(random_archive(10, 30)) as engine:
        _, cursor = page(engine, request, None)
        assert cursor is not None
        page(engine, replace(request, limit=9, passages=0), cursor)
        others = (
            replace(request, query=parse("river")),
            replace(request, sort=Sort.NEWEST),
            replace(request, mode=Mode.KEYWORD),
        )
        for other in others:
            with pytest.raises(BadCursor) as caught:
                page(engine, other, cursor)
            assert caught.value.error_code == "cursor-of-another-search"


def test_a_cursor_keeps_to_a_length_that_an_address_can_have() -> None:
    digests = tuple(n.to_bytes(5, "big") for n in range(paging.RANKED))
    longest = paging.Cursor(
        b"sixsix", True, 10**9, 10**9, 10**9, digests, 2**32, 10**9, digests[:200], 10**9
    )
    assert len(str(longest)) < 5000
