"""Which articles contain what, kept in memory between searches of one commit.

Tantivy ranks quickly, but to tell which of a thousand neighbours contain the words, and to count
values over a hundred thousand articles, it looks up every number and every name anew. Here each
word's articles are asked for once and remembered as bits; totals, facets and timelines are then a
matter of combining bits and counting places.

It takes some searches for this to pay, so :class:`WordsSnapshot` makes it only for a commit that
is searched again and again (a server's, not that of one ``byline search``).
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from byline.engines.base import Matching
from byline.query.tree import (
    And,
    DateRange,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Value,
    Word,
)

if TYPE_CHECKING:
    from byline.engines.embedded.words import WordsSnapshot

#: Bytes of remembered bits, an eighth of a byte an article and word.
_REMEMBERED_BYTES = 32_000_000

#: bool ``[articles]``.
Mask: TypeAlias = npt.NDArray[np.bool_]
#: int64 ``[values + 1]``.
Counts: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Column:
    """``articles`` are the places of those that have the first value, then the second, and so on;
    ``starts``: where each value's begin. ``given``: who has any.

    The other way round, ``owned`` are the first article's values, then the second's, and so on, by
    their places in ``values``; those of the article at ``n`` are ``owned[ends[n]:ends[n + 1]]``."""

    values: tuple[str, ...]
    articles: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    given: Mask
    owned: npt.NDArray[np.int32]
    ends: npt.NDArray[np.intp]


class Sets:
    """Of one snapshot. Any number of threads may ask.

    Attributes:
        nums: int64 ``[articles]``, the live ones' numbers, rising. A mask's places are theirs.
    """

    def __init__(self, words: WordsSnapshot) -> None:
        self._words = words
        self._guard = threading.Lock()
        self._bits: OrderedDict[Node, npt.NDArray[np.uint8]] = OrderedDict()
        self._columns: dict[str, _Column] = {}
        nums = words.nums(words.compiler.everything())
        nums.sort()
        self.nums = nums

    def matching(self, wanted: Matching) -> Mask:
        """The articles of ``wanted``."""
        mask = None if wanted.condition is None else self._of(wanted.condition)
        if wanted.words:
            words = reduce(np.logical_or, [self._of(word) for word in wanted.words])
            mask = words if mask is None else mask & words
        return np.ones(len(self.nums), np.bool_) if mask is None else mask

    def places(self, nums: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        """Where articles stand that are live."""
        return np.searchsorted(self.nums, nums)

    def counts(self, mask: Mask, name: str) -> Counts:
        """How many of ``mask`` have each value of a column and, last, how many have none."""
        column = self._column(name)
        held = mask.take(column.articles).view(np.uint8)
        counts = np.add.reduceat(held, column.starts, dtype=np.int64)
        return np.append(counts, np.count_nonzero(mask & ~column.given))

    def counts_of(self, places: npt.NDArray[np.intp], name: str) -> Counts:
        """The same of a few articles, each given once."""
        column = self._column(name)
        first = column.ends[places]
        lengths = column.ends[places + 1] - first
        before = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(first - before, lengths)
        counts = np.bincount(column.owned[rows], minlength=len(column.values))
        return np.append(counts, np.count_nonzero(lengths == 0))

    def named(self, counts: Counts, name: str, missing: str) -> Counter[str]:
        """``counts`` of a column by their values; those that have none under ``missing``."""
        values = (*self._column(name).values, missing)
        return Counter({value: n for value, n in zip(values, counts.tolist(), strict=True) if n})

    def _of(self, node: Node) -> Mask:
        match node:
            case And(children=children):
                return reduce(np.logical_and, [self._of(child) for child in children])
            case Or(children=children):
                return reduce(np.logical_or, [self._of(child) for child in children])
            case Not(child=child):
                return ~self._of(child)
            case Word() | Phrase() | Prefix() | Fuzzy() | Value() | DateRange() | Everything():
                return self._leaf(node)
            case _:
                assert_never(node)

    def _leaf(self, node: Node) -> Mask:
        with self._guard:
            bits = self._bits.get(node)
            if bits is not None:
                self._bits.move_to_end(node)
        if bits is None:
            mask = self._mask(self._words.nums(self._words.compiler.node(node)))
            bits = np.packbits(mask)
            with self._guard:
                self._bits[node] = bits
                while len(self._bits) * len(bits) > _REMEMBERED_BYTES:
                    self._bits.popitem(last=False)
            return mask
        return np.unpackbits(bits, count=len(self.nums)).view(np.bool_)

    def _mask(self, nums: npt.NDArray[np.int64]) -> Mask:
        mask = np.zeros(len(self.nums), np.bool_)
        mask[self.places(nums)] = True
        return mask

    def _column(self, name: str) -> _Column:
        if name not in self._columns:
            self._columns[name] = self._read(name, tuple(self._words.values_of(name)))
        return self._columns[name]

    def _read(self, name: str, known: tuple[str, ...]) -> _Column:
        each = [
            self.places(self._words.nums(self._words.compiler.written(name, value)))
            for value in known
        ]
        articles = np.concatenate([np.zeros(0, np.intp), *each])
        starts = np.cumsum([0, *map(len, each[:-1])]) if each else np.zeros(0, np.intp)
        given = np.zeros(len(self.nums), np.bool_)
        given[articles] = True
        order = np.argsort(articles, kind="stable")
        owned = np.repeat(np.arange(len(known), dtype=np.int32), [len(one) for one in each])[order]
        ends = np.searchsorted(articles[order], np.arange(len(self.nums) + 1))
        return _Column(known, articles, starts, given, owned, ends)
