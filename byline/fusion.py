"""How two legs may be joined, and what each contributed to an article's score."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


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
