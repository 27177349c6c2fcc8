"""What every engine finds, ranks and counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.engines.base import (
    ByKeys,
    Collection,
    Engine,
    FacetWanted,
    Listed,
    Matching,
    Order,
    Period,
    ResultSet,
    Retrieval,
)
from byline.query import evaluate
from byline.query.tree import Node, TextField, TextNode, ValueField, Word
from byline.testing import oracle
from byline.testing.archives import CONDITIONS, TEXT_NODES
from byline.testing.engines import QUICK, VECTORS, WHOLE, ids, unit
from byline.testing.oracle import Oracle


class WhatIsFound:
    @QUICK
    @given(condition=st.none() | CONDITIONS, words=st.lists(TEXT_NODES, max_size=3).map(tuple))
    def test_it_finds_what_satisfies_the_query(
        self,
        filled: tuple[Engine, Oracle],
        condition: Node | None,
        words: tuple[TextNode, ...],
    ) -> None:
        engine, truth = filled
        matching = Matching(condition, words)
        wanted = {stored.article.id for stored in truth.matching(matching)}
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(matching))
            listed = ids(reader, ResultSet(matching))
            shown = reader.collect(Collection(ResultSet(matching), ByKeys(tuple(found.words))))
        assert set(listed) == wanted
        assert len(listed) == found.words_total == len(found.words) == len(wanted)
        assert {page.stored.article.id for page in shown.articles} == wanted
        scores = list(found.words.values())
        assert scores == sorted(scores, reverse=True)

    @QUICK
    @given(
        vector=VECTORS,
        condition=st.none() | CONDITIONS,
        words=st.lists(TEXT_NODES, max_size=2).map(tuple),
    )
    def test_neighbours_are_the_nearest_that_satisfy_the_condition(
        self,
        filled: tuple[Engine, Oracle],
        vector: npt.NDArray[np.float32],
        condition: Node | None,
        words: tuple[TextNode, ...],
    ) -> None:
        engine, truth = filled
        matching = Matching(condition, words)
        wanted = truth.nearest(vector, condition)
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(matching, vector=vector))
            pages = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found.meaning))))
        names = [page.stored.article.id for page in pages.articles]
        assert set(names) == {name for name, _ in wanted}
        exact = dict(wanted)
        for name, (key, score) in zip(names, found.meaning.items(), strict=True):
            assert score == pytest.approx(exact[name], abs=0.01)
            article = next(s.article for s in truth.articles if s.article.id == name)
            assert (key in found.in_words) == truth.has(matching, article)

    @QUICK
    @given(vector=VECTORS, count=st.integers(0, 30))
    def test_vectors_are_those_that_were_stored(
        self, filled: tuple[Engine, Oracle], vector: npt.NDArray[np.float32], count: int
    ) -> None:
        engine, truth = filled
        stored = {one.article.id: one.vectors for one in truth.articles}
        with engine.reader() as reader:
            keys = tuple(reader.retrieve(Retrieval(Matching(), vector=vector)).meaning)[:count]
            pages = reader.collect(Collection(ResultSet(None), ByKeys(keys))).articles
            found = reader.vectors(keys)
        assert found.keys() == set(keys)
        for page in pages:
            wanted = stored[page.stored.article.id]
            assert wanted is not None
            assert np.array_equal(found[page.key], wanted)

    @QUICK
    @given(vector=VECTORS, floor=st.floats(-0.5, 0.7), depth=st.integers(1, 100))
    def test_floor_and_depth_bound_the_neighbours(
        self,
        filled: tuple[Engine, Oracle],
        vector: npt.NDArray[np.float32],
        floor: float,
        depth: int,
    ) -> None:
        engine, truth = filled
        with engine.reader() as reader:
            wanted = Retrieval(Matching(), vector=vector, floor=floor, depth=depth)
            found = reader.retrieve(wanted).meaning
        above = [score for _, score in truth.nearest(vector, None) if score >= floor + 0.01]
        assert all(score >= floor - 1e-3 for score in found.values())
        assert min(len(above), depth) <= len(found) <= depth

    @QUICK
    @given(
        condition=CONDITIONS,
        field=st.sampled_from(list(ValueField)),
        period=st.sampled_from(list(Period)),
        extra=st.integers(0, 8),
    )
    def test_facets_timeline_and_total_count_exactly_the_set(
        self,
        filled: tuple[Engine, Oracle],
        condition: Node,
        field: ValueField,
        period: Period,
        extra: int,
    ) -> None:
        engine, truth = filled
        matching = Matching(condition)
        inside = {stored.article.id for stored in truth.matching(matching)}
        with engine.reader() as reader:
            everything = reader.retrieve(Retrieval(Matching(), vector=unit(extra))).meaning
            keys = tuple(everything)[:extra]
            beside = {
                page.stored.article.id
                for page in reader.collect(Collection(ResultSet(None), ByKeys(keys))).articles
            }
            results = ResultSet(matching, keys)
            found = reader.collect(Collection(results, WHOLE, (FacetWanted(field, 3),), period))
        chosen = [s for s in truth.articles if s.article.id in inside | beside]
        assert found.total == len(chosen) == len(found.articles)
        counts = oracle.facet(chosen, field)
        best = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        facet = found.facets[field]
        assert [(row.value, row.count) for row in facet.values] == best
        assert facet.distinct == len(counts)
        assert facet.missing == sum(not evaluate.values(s.article, field) for s in chosen)
        bins = oracle.timeline(chosen, period)
        assert found.timeline is not None
        assert [(row.start, row.count) for row in found.timeline.bins] == sorted(bins.items())
        assert found.timeline.undated == len(chosen) - sum(bins.values())

    @QUICK
    @given(condition=CONDITIONS, size=st.integers(1, 30), order=st.sampled_from(list(Order)))
    def test_pages_walk_through_the_set_once_each_in_one_order(
        self, filled: tuple[Engine, Oracle], condition: Node, size: int, order: Order
    ) -> None:
        engine, truth = filled
        matching = Matching(condition)
        wanted = truth.matching(matching)
        with engine.reader() as reader:
            walked = [
                name
                for offset in range(0, len(wanted) + size, size)
                for name in ids(reader, ResultSet(matching), Listed(order, offset, size))
            ]
        assert len(walked) == len(set(walked)) == len(wanted)
        if order is Order.SCORE:
            return
        by_id = {stored.article.id: stored.article.date for stored in wanted}
        dates = [by_id[name] for name in walked]
        dated = [when.sort_minutes for when in dates if when is not None]
        assert dated == sorted(dated, reverse=order is Order.NEWEST)
        assert None not in dates[: len(dated)]

    def test_what_is_skipped_is_left_out_of_a_listing(self, filled: tuple[Engine, Oracle]) -> None:
        engine, _ = filled
        matching = Matching(None, (Word("river"),))
        with engine.reader() as reader:
            found = tuple(reader.retrieve(Retrieval(matching)).words)
            skip = found[:5]
            for order in Order:
                page = Listed(order, 0, 1000, skip)
                shown = reader.collect(Collection(ResultSet(matching), page)).articles
                assert {one.key for one in shown} == set(found[5:])

    @pytest.mark.parametrize("word", ["river", "tax", "cafe", "fine"])
    def test_words_are_ranked_by_bm25(self, added_to: tuple[Engine, Oracle], word: str) -> None:
        """Between what exact lengths give and what they do when one byte keeps each.

        Lucene leaves out the factor k1 + 1, which is the same for all.
        """
        engine, truth = added_to
        exact, rounded = truth.bm25(word), truth.bm25(word, rounded=True)
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(Matching(None, (Word(word),)))).words
            pages = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found)))).articles
        assert {page.stored.article.id for page in pages} == set(exact)
        got = {page.stored.article.id: found[page.key] for page in pages}
        best = max(got, key=got.__getitem__)
        unit_of_score = min((1.0, 1 / 2.2), key=lambda unit: abs(got[best] / exact[best] - unit))
        for name, score in got.items():
            least, most = sorted((exact[name] * unit_of_score, rounded[name] * unit_of_score))
            assert least * (1 - 1e-4) <= score <= most * (1 + 1e-4)

    @pytest.mark.parametrize("word", ["river", "tax", "cafe"])
    def test_a_word_sought_in_the_body_ranks_articles_as_it_does_anywhere(
        self, filled: tuple[Engine, Oracle], word: str
    ) -> None:
        engine, truth = filled
        sought = Word(word, TextField.BODY)
        with engine.reader() as reader:
            anywhere = reader.retrieve(Retrieval(Matching(None, (Word(word),)))).words
            found = reader.retrieve(Retrieval(Matching(None, (sought,)))).words
        held = len(truth.matching(Matching(None, (sought,))))
        assert 0 < len(found) == held < len(anywhere)
        assert found == pytest.approx({key: anywhere[key] for key in found}, rel=1e-4)

    def test_boosts_change_the_order_and_not_the_set(self, filled: tuple[Engine, Oracle]) -> None:
        engine, _ = filled
        plain = Matching(None, (Word("river"),))
        boosted = replace(plain, boosts=(Word("the"), Word("tax")))
        with engine.reader() as reader:
            before, after = (reader.retrieve(Retrieval(wanted)) for wanted in (plain, boosted))
        assert before.words.keys() == after.words.keys()
        gained = [score - before.words[key] for key, score in after.words.items()]
        assert all(gain >= -1e-4 for gain in gained)
        assert any(gain > 1e-4 for gain in gained)
