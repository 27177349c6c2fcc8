"""Two rankings into one.

A leg is key → score, by falling score, those that tie by key. What is made of its scores is an
array in the leg's order, as a search ranks some two thousand articles and shows ten. An article
that a leg does not have gets nothing from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from byline.engines.base import Key
from byline.fusion import Fused, Fusion

#: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
#: Rank Learning Methods", SIGIR 2009.
RRF_K = 60

#: What words are worth beside meaning where the best of both stand out alike. Chosen on
#: Perspectrum's train and dev queries and on known articles: see docs/quality.md.
WORDS_SHARE = 0.5
#: Where words stand out more, they are worth so many times that at most.
_MOST = 4.0

#: float64 ``[n]``.
Scores: TypeAlias = npt.NDArray[np.float64]


class Joined:
    """Both legs' articles.

    Attributes:
        places: where in the arrays each stands: the meaning leg's first, in its order, then those
            that the words leg alone has.
        words, meaning: what each leg contributed to each, float64 ``[places]``.
    """

    def __init__(self, places: Mapping[Key, int], words: Scores, meaning: Scores) -> None:
        self.places = places
        self.words = words
        self.meaning = meaning

    @cached_property
    def scores(self) -> Scores:
        """float64 ``[places]``."""
        return self.words + self.meaning

    def get(self, key: Key) -> Fused | None:
        place = self.places.get(key)
        if place is None:
            return None
        return Fused(float(self.words[place]), float(self.meaning[place]))

    def ranked(self) -> list[Key]:
        """By falling score; those that tie as they stand."""
        keys = list(self.places)
        return [keys[place] for place in in_order(self.scores).tolist()]


def fuse(
    words: Mapping[Key, float],
    meaning: Mapping[Key, float],
    *,
    method: Fusion,
    meaning_weight: float,
) -> Joined:
    """All keys of both legs. ``meaning_weight`` in 0–1; the words leg weighs the rest."""
    places = {key: place for place, key in enumerate(meaning)}
    for key in words:
        places.setdefault(key, len(places))
    by_words, by_meaning = np.zeros(len(places)), np.zeros(len(places))
    cosines = values(meaning)
    shares = _of_words(values(words), cosines, len(places), method)
    by_words[[places[key] for key in words]] = (1 - meaning_weight) * shares
    by_meaning[: len(meaning)] = meaning_weight * _of_meaning(cosines, method)
    return Joined(places, by_words, by_meaning)


def renewed(joined: Joined, meaning: Scores, method: Fusion, meaning_weight: float) -> Joined:
    """The same with other scores of the meaning leg; what words weigh beside it stays."""
    by_meaning = np.zeros(len(joined.places))
    by_meaning[: len(meaning)] = meaning_weight * _of_meaning(meaning, method)
    return Joined(joined.places, joined.words, by_meaning)


def values(leg: Mapping[Key, float]) -> Scores:
    """A leg's scores, in its order."""
    return np.fromiter(leg.values(), np.float64, len(leg))


def _of_words(words: Scores, meaning: Scores, among: int, method: Fusion) -> Scores:
    match method:
        case Fusion.SCALED:
            return scaled(words, meaning, among)
        case Fusion.AVERAGE:
            return min_max(words)
        case Fusion.RRF:
            return reciprocal_ranks(words)
        case _:
            assert_never(method)


def _of_meaning(meaning: Scores, method: Fusion) -> Scores:
    return reciprocal_ranks(meaning) if method is Fusion.RRF else min_max(meaning)


def scaled(words: Scores, meaning: Scores, among: int) -> Scores:
    """The words leg's share of each article, beside a meaning leg of 0–1.

    An article's part of the best score, weighed by how far that best stands out, in standard
    deviations above the mean of what was retrieved, compared with the best of ``meaning``. So
    words that few articles have together weigh more than those that tell nothing apart.

    Args:
        among: how many articles both legs have together.
    """
    highest = words.max(initial=0.0)
    least = words.min(initial=0.0)
    if highest <= least:
        return np.zeros(len(words))
    by_words, by_meaning = standing_out(words, among), standing_out(meaning, len(meaning))
    ratio = by_words / by_meaning if by_meaning else 1.0
    shares: Scores = (words - least) * (WORDS_SHARE * min(ratio, _MOST) / (highest - least))
    return shares


def standing_out(scores: Scores, among: int) -> float:
    """How many standard deviations the greatest lies above the mean of ``among`` articles.

    Those that ``scores`` lacks count as 0. Where all are equal, it is 0.
    """
    if not len(scores):
        return 0.0
    mean = float(scores.sum()) / among
    variance = float((scores * scores).sum()) / among - mean * mean
    # What rounding leaves where all are equal is no difference.
    if variance <= 1e-12 * max(1.0, mean * mean):
        return 0.0
    return float((scores.max() - mean) / variance**0.5)


def min_max(scores: Scores) -> Scores:
    """Each score's place between the least (0) and the greatest (1) of its leg.

    Where all are equal, nothing tells them apart and each counts as 1.
    """
    if not len(scores):
        return scores
    least, greatest = scores.min(), scores.max()
    if greatest <= least:
        return np.ones(len(scores))
    shares: Scores = (scores - least) / (greatest - least)
    return shares


def reciprocal_ranks(scores: Scores) -> Scores:
    """``1 / (k + rank)``, rank from 1; of those that tie the one that stands first is first."""
    shares = np.empty(len(scores))
    shares[in_order(scores)] = 1 / (RRF_K + np.arange(1, len(scores) + 1))
    return shares


def in_order(scores: Scores) -> npt.NDArray[np.intp]:
    """Places by falling score; those that tie as they stand."""
    return np.argsort(-scores, kind="stable")
