"""Joining two rankings: what an article gains by being in both, and that order is stable."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.fusion import Fusion
from byline.joining import fuse, in_order, min_max, reciprocal_ranks, standing_out


def leg(scores):
    """As engines give one: by falling score, those that tie by key."""
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))


LEGS = st.dictionaries(
    st.integers(0, 30), st.floats(-5, 50, allow_nan=False, width=32), max_size=20
).map(leg)
WEIGHTS = st.floats(0, 1, allow_nan=False)
METHODS = st.sampled_from(list(Fusion))


@given(LEGS, LEGS, METHODS, WEIGHTS)
def test_every_article_of_either_leg_is_there_once(words, meaning, method, weight):
    ranked = fuse(words, meaning, method=method, meaning_weight=weight).ranked()
    assert sorted(ranked) == sorted(words.keys() | meaning.keys())


@given(LEGS, LEGS, METHODS, WEIGHTS)
def test_articles_stand_by_what_both_legs_gave_them(words, meaning, method, weight):
    joined = fuse(words, meaning, method=method, meaning_weight=weight)
    ranked = joined.ranked()
    scores = [joined.get(key).score for key in ranked]
    assert scores == sorted(scores, reverse=True)
    for key in ranked:
        fused = joined.get(key)
        assert key in words or fused.words == 0
        assert key in meaning or fused.meaning == 0
    assert joined.get(31) is None


@given(LEGS, LEGS, METHODS, WEIGHTS)
def test_better_in_both_legs_is_never_ranked_lower(words, meaning, method, weight):
    fused = fuse(words, meaning, method=method, meaning_weight=weight)
    both = sorted(words.keys() & meaning.keys())
    for a in both:
        for b in both:
            if words[a] > words[b] and meaning[a] > meaning[b]:
                assert fused.get(a).score >= fused.get(b).score


@given(LEGS, METHODS)
def test_an_empty_leg_leaves_the_other_in_its_order(leg, method):
    order = fuse(leg, {}, method=method, meaning_weight=0.5).ranked()
    scores = [leg[key] for key in order]
    # Rescaling may make two nearly equal scores equal; it never turns them round.
    assert all(a >= b or a == pytest.approx(b) for a, b in pairwise(scores))


@given(LEGS, LEGS, METHODS)
def test_weight_zero_ignores_meaning_and_one_ignores_words(words, meaning, method):
    by_words = fuse(words, meaning, method=method, meaning_weight=0)
    by_meaning = fuse(words, meaning, method=method, meaning_weight=1)
    assert all(by_words.get(key).meaning == 0 for key in meaning)
    assert all(by_meaning.get(key).words == 0 for key in words)


@given(LEGS, LEGS, METHODS)
def test_those_that_tie_stand_by_meaning_then_as_the_legs_have_them(words, meaning, method):
    joined = fuse(words, meaning, method=method, meaning_weight=0.5)
    ranked = joined.ranked()
    stand = [*meaning, *(key for key in words if key not in meaning)]
    for a, b in pairwise(ranked):
        if joined.get(a).score == joined.get(b).score:
            assert stand.index(a) < stand.index(b)


@given(LEGS)
def test_min_max_lies_between_0_and_1_and_reaches_1(leg):
    rescaled = min_max(np.array(list(leg.values())))
    assert all(0 <= value <= 1 for value in rescaled)
    assert not leg or max(rescaled) == 1


def test_equal_scores_all_count_fully():
    assert min_max(np.array([3.0, 3.0])).tolist() == [1.0, 1.0]


def test_reciprocal_ranks_go_by_score_and_then_by_place():
    shares = reciprocal_ranks(np.array([1.0, 1.0, 2.0]))
    assert in_order(shares).tolist() == [2, 0, 1]
    assert shares[2] == 1 / 61


def test_what_stands_out_is_told_in_standard_deviations():
    assert standing_out(np.array([3.0, 1.0]), 2) == pytest.approx(1)
    assert standing_out(np.array([5.0]), 5) == pytest.approx(2), "the four that lack count as 0"
    assert standing_out(np.array([2.0, 2.0]), 2) == 0
    assert standing_out(np.array([]), 3) == 0


@given(st.integers(5, 50), st.floats(0.5, 40))
def test_a_word_that_one_article_has_outweighs_meaning_and_one_that_all_have_does_not(n, score):
    meaning = {f"near {n:02}": 0.9 - n / 100 for n in range(n)}
    middle = f"near {n // 2:02}"

    def first(words):
        return fuse(leg(words), meaning, method=Fusion.SCALED, meaning_weight=0.5).ranked()[0]

    assert first({middle: score}) == middle
    common = dict.fromkeys(meaning, score) | {middle: 1.01 * score, "near 00": 0.99 * score}
    assert first(common) == "near 00"
