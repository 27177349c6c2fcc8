"""Two rankings into one.

A leg is key → score; what comes of two is both legs :class:`Joined`. An article that a
leg does not have gets nothing from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from operator import mul
from typing import NamedTuple, assert_never

from byline.engines.base import Key

#: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
#: Rank Learning Methods", SIGIR 2009.
RRF_K = 60


#: What words are worth beside meaning where the best of both stand out alike. Chosen on
#: Perspectrum's train and dev queries and on known articles: see docs/quality.md.
WORDS_SHARE = 0.5
#: Where words stand out more, they are worth so many times that at most.
_MOST = 4.0


class Fusion(StrEnum):
    SCALED = "scaled"
    AVERAGE = "average"
    RRF = "rrf"


class Fused(NamedTuple):
    """``score`` is the sum of what each leg contributed."""

    words: float
    meaning: float

    @property
    def score(self) -> float:
        return self.words + self.meaning


class Joined(Mapping[Key, Fused]):
    """Both legs' keys. A search needs :attr:`scores` of thousands and the rest of a page.

    Args:
        words, meaning: each leg's shares.
        of_words, of_meaning: what a share of each weighs.
    """

    def __init__(
        self,
        words: Mapping[Key, float],
        meaning: Mapping[Key, float],
        of_words: float = 1.0,
        of_meaning: float = 1.0,
    ) -> None:
        self._words, self._of_words = words, of_words
        self._meaning, self._of_meaning = meaning, of_meaning
        by_meaning = {key: of_meaning * share for key, share in meaning.items()}
        by_words = {key: of_words * share for key, share in words.items()}
        self.scores = by_meaning | by_words
        for key in by_meaning.keys() & by_words.keys():
            self.scores[key] += by_meaning[key]

    def with_meaning(self, meaning: Mapping[Key, float]) -> Joined:
        """The same with other shares of the meaning leg."""
        return Joined(self._words, meaning, self._of_words, self._of_meaning)

    def __getitem__(self, key: Key) -> Fused:
        if key not in self.scores:
            raise KeyError(key)
        return Fused(
            self._of_words * self._words.get(key, 0.0),
            self._of_meaning * self._meaning.get(key, 0.0),
        )

    def __iter__(self) -> Iterator[Key]:
        return iter(self.scores)

    def __len__(self) -> int:
        return len(self.scores)


def fuse(
    words: Mapping[Key, float],
    meaning: Mapping[Key, float],
    *,
    method: Fusion,
    meaning_weight: float,
) -> Joined:
    """All keys of both legs. ``meaning_weight`` in 0–1; the words leg weighs the rest."""
    match method:
        case Fusion.SCALED:
            word_shares = scaled(words, meaning)
        case Fusion.AVERAGE:
            word_shares = min_max(words)
        case Fusion.RRF:
            word_shares = reciprocal_ranks(words)
        case _:
            assert_never(method)
    return Joined(word_shares, _of_meaning(meaning, method), 1 - meaning_weight, meaning_weight)


def renewed(joined: Joined, meaning: Mapping[Key, float], method: Fusion) -> Joined:
    """The same with other scores of the meaning leg; what words weigh beside it stays."""
    return joined.with_meaning(_of_meaning(meaning, method))


def _of_meaning(meaning: Mapping[Key, float], method: Fusion) -> dict[Key, float]:
    return reciprocal_ranks(meaning) if method is Fusion.RRF else min_max(meaning)


def scaled(words: Mapping[Key, float], meaning: Mapping[Key, float]) -> dict[Key, float]:
    """The words leg's share of each article, beside a meaning leg of 0–1.

    An article's part of the best score, weighed by how far that best stands out, in standard
    deviations above the mean of what was retrieved, compared with the best of ``meaning``. So
    words that few articles have together weigh more than those that tell nothing apart.
    """
    among = len(words.keys() | meaning.keys())
    highest = max(words.values(), default=0.0)
    least = min(0.0, *words.values()) if words else 0.0
    if highest <= least:
        return dict.fromkeys(words, 0.0)
    by_words, by_meaning = standing_out(words, among), standing_out(meaning, len(meaning))
    ratio = by_words / by_meaning if by_meaning else 1.0
    factor = WORDS_SHARE * min(ratio, _MOST) / (highest - least)
    return {key: factor * (score - least) for key, score in words.items()}


def standing_out(scores: Mapping[Key, float], among: int) -> float:
    """How many standard deviations the greatest lies above the mean of ``among`` articles.

    Those that ``scores`` lacks count as 0. Where all are equal, it is 0.
    """
    if not scores:
        return 0.0
    values = list(scores.values())
    mean = sum(values) / among
    variance = sum(map(mul, values, values)) / among - mean * mean
    # What rounding leaves where all are equal is no difference.
    if variance <= 1e-12 * max(1.0, mean * mean):
        return 0.0
    return float((max(values) - mean) / variance**0.5)


def min_max(scores: Mapping[Key, float]) -> dict[Key, float]:
    """Each score's place between the least (0) and the greatest (1) of its leg.

    Where all are equal, nothing tells them apart and each counts as 1.
    """
    if not scores:
        return {}
    values = scores.values()
    least, greatest = min(values), max(values)
    if greatest <= least:
        return dict.fromkeys(scores, 1.0)
    width = greatest - least
    return {key: (score - least) / width for key, score in scores.items()}


def reciprocal_ranks(scores: Mapping[Key, float]) -> dict[Key, float]:
    """``1 / (k + rank)``, rank from 1; ties in score by key."""
    return {key: 1 / (RRF_K + rank) for rank, key in enumerate(in_order(scores), start=1)}


def in_order(scores: Mapping[Key, float]) -> Sequence[Key]:
    """Keys by falling score, ties by key: the same each time."""
    # Sorting backwards leaves those that tie as they were.
    return sorted(sorted(scores), key=scores.__getitem__, reverse=True)
