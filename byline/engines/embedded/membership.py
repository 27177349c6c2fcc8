"""Which articles belong to a set, how many they are and what values they have: two ways to tell.

:class:`ByQueries` asks Tantivy each time; :class:`~.by_sets.BySets` combines what was asked before.
A reader has one of them; both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from byline.engines.base import Matching
from byline.engines.embedded.ranking import by_score
from byline.engines.embedded.words import Tally, WordsSnapshot


class Membership(Protocol):
    """Of the articles of one commit, for one reader."""

    def ranked(self, matching: Matching, depth: int) -> list[tuple[int, float]]:
        """(number, score) of the best, by falling score, ties by number."""
        ...

    def total(self, matching: Matching) -> int: ...

    def inside(self, matching: Matching, nums: Sequence[int]) -> set[int]:
        """Those of ``nums``, which are live, that belong to ``matching``."""
        ...

    def tally(
        self, matching: Matching | None, nums: Sequence[int], columns: Sequence[str]
    ) -> tuple[int, Tally]:
        """How many belong to ``matching`` or are among ``nums``, and how often each value of
        ``columns`` stands in them."""
        ...

    def prepare(self, matching: Matching, columns: Sequence[str]) -> None:
        """Do of :meth:`tally` what can be done before the numbers are known."""
        ...


@dataclass(slots=True)
class _Known:
    """What was found out about one set of articles: how many, some of it, some not of it, how
    often its values stand in it.

    One search asks of the same set again and again.
    """

    total: int | None = None
    inside: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)
    counted: Tally = field(default_factory=dict)


class ByQueries:
    def __init__(self, words: WordsSnapshot) -> None:
        self._words = words
        self._memory: dict[Matching, _Known] = {}

    def ranked(self, matching: Matching, depth: int) -> list[tuple[int, float]]:
        known = self._known(matching)
        query = self._words.compiler.matching(matching)
        known.total, ranked = self._words.counted_and_ranked(query, depth)
        known.inside.update(num for num, _ in ranked)
        return by_score(ranked)

    def total(self, matching: Matching) -> int:
        known = self._known(matching)
        if known.total is None:
            known.total = self._words.count(self._words.compiler.matching(matching))
        return known.total

    def inside(self, matching: Matching, nums: Sequence[int]) -> set[int]:
        """Each is asked of once."""
        known = self._known(matching)
        if known.total is None or len(known.inside) < known.total:
            unknown = [num for num in nums if num not in known.inside and num not in known.outside]
            query = self._words.compiler.matching(matching)
            belonging = self._words.among(query, unknown)
            known.inside |= belonging
            known.outside.update(num for num in unknown if num not in belonging)
        return known.inside.intersection(nums)

    def tally(
        self, matching: Matching | None, nums: Sequence[int], columns: Sequence[str]
    ) -> tuple[int, Tally]:
        words = self._words
        total, counted = 0, words.nothing(columns)
        if matching is not None:
            total = self.total(matching)
            self.prepare(matching, columns)
            known = self._known(matching).counted
            counted = {name: known[name] for name in columns}
            nums = sorted(set(nums) - self.inside(matching, nums)) if nums else ()
        if nums:
            total += len(nums)
            more = words.tally_of(nums, columns)
            counted = {name: counted[name] + more[name] for name in columns}
        return total, counted

    def prepare(self, matching: Matching, columns: Sequence[str]) -> None:
        known = self._known(matching).counted
        asked = [name for name in columns if name not in known]
        if asked:
            query = self._words.compiler.matching(matching)
            known |= self._words.tally(query, self.total(matching), asked)

    def _known(self, matching: Matching) -> _Known:
        return self._memory.setdefault(matching, _Known())


def membership(words: WordsSnapshot) -> Membership:
    """The way that serves this commit's next search best."""
    sets = words.sets()
    if sets is None:
        return ByQueries(words)
    # Imported here: a single search does without.
    from byline.engines.embedded.by_sets import BySets

    return BySets(words, sets)
