"""Two rankings into one.

A leg is key → score; what comes of two is both legs :class:`Joined`. An article that a
leg does not have gets nothing from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, assert_never

from byline.engines.base import Key

#: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
#: Rank Learning Methods", SIGIR 2009.
RRF_K = 60


#: What BM25 over the root of the query's words is worth beside a cosine's 0–1. Chosen on
#: Perspectrum's train and dev queries: see docs/quality.md.
WORDS_SCALE = 0.05


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
        words, meaning: what each leg contributes to an article.
    """

    def __init__(self, words: Mapping[Key, float], meaning: Mapping[Key, float]) -> None:
        self._words = words
        self._meaning = meaning
        self.scores = {key: share + meaning.get(key, 0.0) for key, share in words.items()}
        for key, share in meaning.items():
            self.scores.setdefault(key, share)

    def __getitem__(self, key: Key) -> Fused:
        if key not in self.scores:
            raise KeyError(key)
        return Fused(self._words.get(key, 0.0), self._meaning.get(key, 0.0))

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
    query_words: int = 1,
) -> Joined:
    """All keys of both legs. ``meaning_weight`` in 0–1; the words leg weighs the rest.

    Args:
        query_words: how many words the words leg's scores are a sum over.
    """
    match method:
        case Fusion.SCALED:
            word_shares, meaning_shares = scaled(words, query_words), min_max(meaning)
        case Fusion.AVERAGE:
            word_shares, meaning_shares = min_max(words), min_max(meaning)
        case Fusion.RRF:
            word_shares, meaning_shares = reciprocal_ranks(words), reciprocal_ranks(meaning)
        case _:
            assert_never(method)
    return Joined(
        {key: (1 - meaning_weight) * share for key, share in word_shares.items()},
        {key: meaning_weight * share for key, share in meaning_shares.items()},
    )


def scaled(scores: Mapping[Key, float], query_words: int) -> dict[Key, float]:
    """BM25 itself, times :data:`WORDS_SCALE`, over the root of the number of words.

    So a query whose words say much (rare ones, found together) lets words weigh more than one
    whose best match is poor; rescaled to 0–1 within the query, both would count the same.
    Scores of chance matches are sums over the query's words, and grow as their root.
    """
    factor = WORDS_SCALE / max(1, query_words) ** 0.5
    return {key: factor * score for key, score in scores.items()}


def min_max(scores: Mapping[Key, float]) -> dict[Key, float]:
    """Each score's place between the least (0) and the greatest (1) of its leg.

    Where all are equal, nothing tells them apart and each counts as 1.
    """
    if not scores:
        return {}
    least, greatest = min(scores.values()), max(scores.values())
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
