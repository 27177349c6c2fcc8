"""Which articles belong to a set, told by what was asked before (:mod:`.sets`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from byline.engines.base import Matching
from byline.engines.embedded.ranking import by_score
from byline.engines.embedded.sets import Mask, Sets
from byline.engines.embedded.words import MISSING, Tally, WordsSnapshot


class BySets:
    """A :class:`~byline.engines.embedded.membership.Membership`."""

    def __init__(self, words: WordsSnapshot, sets: Sets) -> None:
        self._words = words
        self._sets = sets
        self._masks: dict[Matching, Mask] = {}

    def ranked(self, matching: Matching, depth: int) -> list[tuple[int, float]]:
        return by_score(self._words.ranked(self._words.compiler.matching(matching), depth))

    def total(self, matching: Matching) -> int:
        return int(np.count_nonzero(self._mask(matching)))

    def inside(self, matching: Matching, nums: Sequence[int]) -> set[int]:
        asked = np.array(nums, np.int64)
        return set(asked[self._mask(matching)[self._sets.places(asked)]].tolist())

    def tally(
        self, matching: Matching | None, nums: Sequence[int], columns: Sequence[str]
    ) -> tuple[int, Tally]:
        mask = np.zeros(len(self._sets.nums), np.bool_)
        if matching is not None:
            mask |= self._mask(matching)
        mask[self._sets.places(np.array(nums, np.int64))] = True
        counted = {name: self._sets.tally(mask, name, MISSING) for name in columns}
        return int(np.count_nonzero(mask)), counted

    def _mask(self, matching: Matching) -> Mask:
        if matching not in self._masks:
            self._masks[matching] = self._sets.matching(matching)
        return self._masks[matching]
