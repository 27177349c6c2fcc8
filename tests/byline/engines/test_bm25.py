"""A part's ranking, from what an index says of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.engines.base import Matching
from byline.engines.bm25 import (
    K1,
    B,
    Leaf,
    Places,
    Rankings,
    Reweighing,
    Weight,
    best,
    idf,
    weight_of,
)
from byline.query.tree import Everything, Node, Word

WEIGHTS = st.builds(Weight, st.floats(0.01, 12), st.floats(1, 3000))
#: Lengths below 40 words are kept as they are.
ARTICLES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(30, 39)), min_size=1, max_size=40
)


def _bm25(times: int, length: int, weight: Weight) -> float:
    """Of single precision, as engines say it."""
    norm = K1 * (1 - B + B * length / weight.mean)
    return float(np.float32(weight.idf * (K1 + 1) * times / (times + norm)))


@given(st.integers(1, 500), st.integers(1, 39), WEIGHTS, WEIGHTS)
def test_a_score_by_the_whole_becomes_the_one_by_the_part(
    times: int, length: int, whole: Weight, part: Weight
) -> None:
    score = Reweighing(whole, part).score(_bm25(times, length, whole), length)
    assert score == pytest.approx(_bm25(times, length, part), rel=1e-5)


@given(ARTICLES, WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS, st.integers(1, 10))
def test_the_best_by_the_part_are_found_by_the_whole(
    articles: list[tuple[int, int, int]],
    whole: Weight,
    part: Weight,
    other_whole: Weight,
    other_part: Weight,
    depth: int,
) -> None:
    """Two words, in articles as long as may be, however much the averages differ."""
    weights = [Reweighing(whole, part), Reweighing(other_whole, other_part)]

    def boosted(number: int) -> float:
        *times, length = articles[number]
        return sum(
            _bm25(some, length, weight.whole) * weight.boost
            for some, weight in zip(times, weights, strict=True)
        )

    def by_part(number: int) -> float:
        *times, length = articles[number]
        return sum(
            weight.score(_bm25(some, length, weight.whole), length)
            for some, weight in zip(times, weights, strict=True)
            if some
        )

    every = sorted(range(len(articles)), key=lambda number: (-boosted(number), number))
    found = best(
        depth,
        lambda limit: [(number, boosted(number)) for number in every[:limit]],
        lambda numbers: {number: by_part(number) for number in numbers},
        max(weight.most for weight in weights),
    )
    wanted = sorted(range(len(articles)), key=lambda number: (-by_part(number), number))
    assert found == [(number, by_part(number)) for number in wanted[:depth]]


def test_what_ties_is_found_whole() -> None:
    """Which of those that tie an index gives first depends on what else it holds."""
    found = best(
        2,
        lambda limit: [(number, 1.0) for number in (5, 3, 4)][:limit],
        lambda numbers: dict.fromkeys(numbers, 1.0),
        1.0,
    )
    assert [number for number, _ in found] == [3, 4]


def test_rare_words_weigh_more_and_words_side_by_side_as_much_as_theirs() -> None:
    assert idf(10, [1]) > idf(10, [2]) > 0
    assert idf(10, [1, 2]) == idf(10, [1]) + idf(10, [2])


def test_an_explanation_without_numbers_is_refused() -> None:
    said = {"description": "idf, computed as", "value": 2.0}
    assert weight_of(
        {
            "description": "score",
            "value": 1,
            "details": [said, {"description": "avgdl", "value": 3}],
        }
    ) == Weight(2.0, 3.0)
    with pytest.raises(ValueError, match="average length"):
        weight_of({"description": "score", "value": 1, "details": [said]})


def test_the_next_page_of_a_ranking_is_at_hand() -> None:
    asked: list[int] = []

    def rank(_: Matching, part: Node, depth: int) -> list[tuple[int, float]]:
        assert part == Everything()
        asked.append(depth)
        return [(number, 1.0) for number in range(min(depth, 100))]

    rankings = Rankings[int](rank)
    matchings = [Matching(words=(Word(text),), weighed_by=Everything()) for text in "abc"]
    for depth in (10, 5, 12, 20, 21):
        assert rankings.first(matchings[0], depth) == rank(matchings[0], Everything(), depth)
        asked.pop()
    assert asked == [10, 20, 40]
    for matching in matchings[1:]:
        rankings.first(matching, 1)
    rankings.first(matchings[0], 1)
    assert asked == [10, 20, 40, 1, 1, 1]


def test_one_leaf_alone_can_be_heard() -> None:
    leaves = [Leaf("all", None, (word,)) for word in "aba"]
    for loud in ([0], [1], [2], [0, 2]):
        places = Places(loud)
        assert [number for number, leaf in enumerate(leaves) if places.adds(leaf)] == loud
