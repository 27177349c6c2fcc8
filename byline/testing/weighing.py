"""How a part of an archive is ranked: as an engine would rank it that holds nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from byline.engines.base import (
    ByKeys,
    Collection,
    Engine,
    Listed,
    Matching,
    Order,
    Reader,
    ResultSet,
    Retrieval,
)
from byline.query.tree import And, Node, TextNode, Value, ValueField, Word
from byline.testing.archives import CONDITIONS, TEXT_NODES
from byline.testing.engines import QUICK
from byline.testing.oracle import Oracle

#: Of which :meth:`WhatIsWeighed.parted` holds the articles alone.
PART = Value(ValueField.PUBLICATION, "The Courier")


class WhatIsWeighed:
    @QUICK
    @given(
        condition=st.none() | CONDITIONS,
        words=st.lists(TEXT_NODES, max_size=3).map(tuple),
        boosts=st.lists(TEXT_NODES, max_size=1).map(tuple),
        depth=st.integers(1, 12) | st.just(1000),
        offset=st.integers(0, 12),
    )
    def test_a_part_is_ranked_as_if_nothing_else_were_there(
        self,
        filled: tuple[Engine, Oracle],
        parted: Engine,
        condition: Node | None,
        words: tuple[TextNode, ...],
        boosts: tuple[TextNode, ...],
        depth: int,
        offset: int,
    ) -> None:
        assume(words or condition is not None or not boosts)
        alone = Matching(condition, words, boosts)
        among = replace(alone, condition=_within(condition), weighed_by=PART)
        page = Listed(Order.SCORE, offset, 10)
        with filled[0].reader() as whole, parted.reader() as part:
            for reader, matching in ((whole, among), (part, alone)):
                best = tuple(reader.retrieve(Retrieval(matching)).words)
                assert _listed(reader, matching, replace(page, skip=best[:2])) == _listed(
                    reader, matching, replace(page, offset=offset + 2)
                )
            _same(_ranked(whole, among, depth), _ranked(part, alone, depth))
            _same(_listed(whole, among, page), _listed(part, alone, page))

    @pytest.mark.parametrize("word", ["river", "tax", "cafe", "fine"])
    def test_words_of_a_part_are_ranked_by_its_own_bm25(
        self, filled: tuple[Engine, Oracle], word: str
    ) -> None:
        engine, truth = filled
        exact, rounded = truth.bm25(word, PART), truth.bm25(word, PART, rounded=True)
        with engine.reader() as reader:
            got = dict(_ranked(reader, Matching(PART, (Word(word),), weighed_by=PART), 1000))
        assert got.keys() == exact.keys()
        best = max(got, key=got.__getitem__)
        unit_of_score = min((1.0, 1 / 2.2), key=lambda unit: abs(got[best] / exact[best] - unit))
        for name, score in got.items():
            least, most = sorted((exact[name] * unit_of_score, rounded[name] * unit_of_score))
            assert least * (1 - 1e-4) <= score <= most * (1 + 1e-4)


def _within(condition: Node | None) -> Node:
    return PART if condition is None else And((PART, condition))


def _ranked(reader: Reader, matching: Matching, depth: int) -> list[tuple[str, float]]:
    found = reader.retrieve(Retrieval(matching, depth=depth)).words
    page = Collection(ResultSet(None), ByKeys(tuple(found)))
    return [(shown.stored.article.id, found[shown.key]) for shown in reader.collect(page).articles]


def _listed(reader: Reader, matching: Matching, page: Listed) -> list[tuple[str, float]]:
    shown = reader.collect(Collection(ResultSet(matching), page)).articles
    return [(one.stored.article.id, one.score or 0.0) for one in shown]


def _same(found: list[tuple[str, float]], wanted: list[tuple[str, float]]) -> None:
    """Scores are of single precision, so what nearly ties may stand in either order."""
    assert [score for _, score in found] == pytest.approx([score for _, score in wanted], rel=1e-4)
    last = wanted[-1][1] if wanted else 0.0
    certain = {name: score for name, score in wanted if score > last * (1 + 1e-4)}
    assert {name: score for name, score in found if name in certain} == pytest.approx(
        certain, rel=1e-4
    )
