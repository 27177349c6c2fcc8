"""Two rankings into one.

Both functions take each leg as key → score and return key → :class:`Fused`. An article that a
leg does not have gets nothing from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from byline.engines.base import Key

#: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
#: Rank Learning Methods", SIGIR 2009.
RRF_K = 60


class Fusion(StrEnum):
    AVERAGE = "average"
    RRF = "rrf"


@dataclass(frozen=True, slots=True)
class Fused:
    """``score`` is the sum of what each leg contributed."""

    words: float
    meaning: float

    @property
    def score(self) -> float:
        return self.words + self.meaning


def fuse(
    words: Mapping[Key, float],
    meaning: Mapping[Key, float],
    *,
    method: Fusion,
    meaning_weight: float,
) -> dict[Key, Fused]:
    """All keys of both legs. ``meaning_weight`` in 0–1; the words leg weighs the rest."""
    rescale = min_max if method is Fusion.AVERAGE else reciprocal_ranks
    word_shares, meaning_shares = rescale(words), rescale(meaning)
    return {
        key: Fused(
            (1 - meaning_weight) * word_shares.get(key, 0.0),
            meaning_weight * meaning_shares.get(key, 0.0),
        )
        for key in word_shares.keys() | meaning_shares.keys()
    }


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
    return sorted(scores, key=lambda key: (-scores[key], key))
