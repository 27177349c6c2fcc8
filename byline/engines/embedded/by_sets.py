"""Which articles belong to a set, told by what was asked before (:mod:`.sets`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from byline.engines.base import Matching
from byline.engines.embedded.ranking import by_score
from byline.engines.embedded.sets import Counts, Mask, Sets
from byline.engines.embedded.words import MISSING, Tally, WordsSnapshot


class BySets:
    """A :class:`~byline.engines.embedded.membership.Membership`."""

    def __init__(self, words: WordsSnapshot, sets: Sets) -> None:
        self._words = words
        self._sets = sets
        self._masks: dict[Matching, Mask] = {}
        self._counted: dict[Matching, dict[str, Counts]] = {}

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
        sets = self._sets
        places = sets.places(np.array(nums, np.int64))
        if matching is None:
            total, counts = len(places), {n: sets.counts_of(places, n) for n in columns}
        else:
            self.prepare(matching, columns)
            known = self._counted[matching]
            outside = places[~self._mask(matching)[places]]
            total = self.total(matching) + len(outside)
            counts = {n: known[n] + sets.counts_of(outside, n) for n in columns}
        return total, {name: sets.named(counts[name], name, MISSING) for name in columns}

    def prepare(self, matching: Matching, columns: Sequence[str]) -> None:
        known = self._counted.setdefault(matching, {})
        for name in columns:
            if name not in known:
                known[name] = self._sets.counts(self._mask(matching), name)

    def _mask(self, matching: Matching) -> Mask:
        if matching not in self._masks:
            self._masks[matching] = self._sets.matching(matching)
        return self._masks[matching]
