"""Fusion of two rankings: what an article gains by being in both, and that order is stable."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.fusion import Fusion, fuse, in_order, min_max, reciprocal_ranks, standing_out

LEGS = st.dictionaries(
    st.integers(0, 30), st.floats(-5, 50, allow_nan=False, width=32), max_size=20
)
WEIGHTS = st.floats(0, 1, allow_nan=False)
METHODS = st.sampled_from(list(Fusion))


@given(LEGS, LEGS, METHODS, WEIGHTS)
def test_every_article_of_either_leg_is_there_once(words, meaning, method, weight):
    fused = fuse(words, meaning, method=method, meaning_weight=weight)
    assert set(fused) == set(words) | set(meaning)


@given(LEGS, LEGS, METHODS, WEIGHTS)
def test_better_in_both_legs_is_never_ranked_lower(words, meaning, method, weight):
    fused = fuse(words, meaning, method=method, meaning_weight=weight)
    both = sorted(words.keys() & meaning.keys())
    for a in both:
        for b in both:
            if words[a] > words[b] and meaning[a] > meaning[b]:
                assert fused[a].score >= fused[b].score


@given(LEGS, METHODS)
def test_an_empty_leg_leaves_the_other_in_its_order(leg, method):
    fused = fuse(leg, {}, method=method, meaning_weight=0.5)
    order = in_order({key: f.score for key, f in fused.items()})
    scores = [leg[key] for key in order]
    # Rescaling may make two nearly equal scores equal; it never turns them round.
    assert all(a >= b or a == pytest.approx(b) for a, b in pairwise(scores))


@given(LEGS, LEGS, METHODS)
def test_weight_zero_ignores_meaning_and_one_ignores_words(words, meaning, method):
    by_words = fuse(words, meaning, method=method, meaning_weight=0)
    by_meaning = fuse(words, meaning, method=method, meaning_weight=1)
    assert all(f.meaning == 0 for f in by_words.values())
    assert all(f.words == 0 for f in by_meaning.values())


@given(LEGS)
def test_min_max_lies_between_0_and_1_and_reaches_1(leg):
    rescaled = min_max(leg)
    assert all(0 <= value <= 1 for value in rescaled.values())
    assert not leg or max(rescaled.values()) == 1


def test_equal_scores_all_count_fully():
    assert min_max({"a": 3.0, "b": 3.0}) == {"a": 1.0, "b": 1.0}


def test_reciprocal_ranks_break_ties_by_key():
    shares = reciprocal_ranks({"b": 1.0, "a": 1.0, "c": 2.0})
    assert in_order(shares) == ["c", "a", "b"]
    assert shares["c"] == 1 / 61


def test_what_stands_out_is_told_in_standard_deviations():
    assert standing_out({"a": 3.0, "b": 1.0}, 2) == pytest.approx(1)
    assert standing_out({"a": 5.0}, 5) == pytest.approx(2), "the four that it lacks count as 0"
    assert standing_out({"a": 2.0, "b": 2.0}, 2) == 0
    assert standing_out({}, 3) == 0


@given(st.integers(5, 50), st.floats(0.5, 40))
def test_a_word_that_one_article_has_outweighs_meaning_and_one_that_all_have_does_not(n, score):
    meaning = {f"near {n:02}": 0.9 - n / 100 for n in range(n)}
    middle = f"near {n // 2:02}"

    def first(words):
        fused = fuse(words, meaning, method=Fusion.SCALED, meaning_weight=0.5)
        return in_order({key: f.score for key, f in fused.items()})[0]

    assert first({middle: score}) == middle
    common = dict.fromkeys(meaning, score) | {middle: 1.01 * score, "near 00": 0.99 * score}
    assert first(common) == "near 00"
