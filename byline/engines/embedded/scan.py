"""The nearest articles by the vector index. Exhaustive: there is no graph to build or to update.

Over many rows the coarse ones choose which are then read in full; filters cost nothing, and no
neighbour is out of reach. The 8-bit scores only choose candidates: the caller scores those again
with the stored vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from byline.engines.base import Matching
from byline.engines.embedded.codes import quantise
from byline.engines.embedded.first_look import FirstLook, dots
from byline.engines.embedded.layout import Layout, Places
from byline.engines.embedded.scan_threads import joined, pool, threads
from byline.engines.embedded.vector_files import VectorFiles
from byline.engines.embedded.words import WordsSnapshot
from byline.query.tree import Node

#: Rows under which a second thread costs more than it brings.
_WORTH_THREADS = 20_000
#: Rows that are taken out by one thread.
_ROWS_A_THREAD = 4_000
#: Rows of less than one in so many articles are taken out to be scored.
_FEW = 20
#: Rows that are read in full after the first look, for each article that is wanted; as many times
#: an article's usual number of rows; and one in so many of those that are allowed.
_ROWS_FOR_ONE = 6
_ARTICLES_FOR_ONE = 2
_ONE_IN = 100
#: Conditions whose articles are remembered.
_CONDITIONS_KEPT = 32

#: Of each run of rows that begins at one of the places, the greatest score.
_Best = Callable[[slice | npt.NDArray[np.intp], Places], npt.NDArray[Any]]


class Scan:
    """A scan under way. It lets go of the interpreter, so that other work goes on beside it."""

    def __init__(
        self,
        nums: npt.NDArray[np.int64],
        count: int,
        scored: Callable[[], tuple[Places, npt.NDArray[np.float32]]],
    ) -> None:
        self._nums = nums
        self._count = count
        self._scored = scored

    def best(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Numbers and 8-bit scores of the nearest articles, best first. Waits for the scan."""
        places, scores = self._scored()
        best = _best_first(scores, self._count)
        return self._nums[places[best]], scores[best]


class CodesSnapshot:
    """The rows that one state names."""

    def __init__(self, files: VectorFiles) -> None:
        self.state = files.state
        self._allowed: dict[Node | None, Places] = {}
        self._codes, nums, self._scales = files.rows()
        self._layout = Layout(nums)
        coarse = files.coarse()
        self._first_look = None if coarse is None else FirstLook(*coarse, self._layout)

    @property
    def nums(self) -> npt.NDArray[np.int64]:
        """The articles' numbers, rising."""
        return self._layout.nums

    def scan(
        self,
        vector: npt.NDArray[np.float32],
        places: Places,
        count: int,
        *,
        thorough: bool = False,
    ) -> Scan:
        """Begin to look for the ``count`` nearest of the articles at ``places``, which rise.

        Few have their rows taken out and scored; for many it costs less to look at every row.

        Args:
            thorough: without a coarse look first, whose components were learnt from all articles,
                so that nothing but those at ``places`` has any part in what is found.
        """
        query, scales = quantise(vector[None, :])
        in_full = partial(self._best_in_full, query[0], scales[0])
        if len(places) * _FEW <= len(self.nums):
            some = self._runs(in_full, *self._layout.rows_of(places)) if len(places) else []
            return Scan(self.nums, count, lambda: (places, joined(some)))
        promising = None if thorough else self._looked_at(vector, places, count)
        if promising is None:
            whole = self._all(in_full)
            return Scan(self.nums, count, lambda: (places, joined(whole)[places]))

        def both() -> tuple[Places, npt.NDArray[np.float32]]:
            chosen = promising()
            of = self._layout.owners[chosen]
            starts = np.flatnonzero(np.diff(of, prepend=-1))
            if len(starts) < min(count, len(places)):
                # The promising rows are of a few long articles.
                return places, joined(self._all(in_full))[places]
            return of[starts].astype(np.intp), joined(self._runs(in_full, chosen, starts))

        return Scan(self.nums, count, both)

    def _looked_at(
        self, vector: npt.NDArray[np.float32], places: Places, count: int
    ) -> Callable[[], Places] | None:
        """What gives the rows that are worth reading; ``None`` where all are."""
        of_one = self._layout.of_one
        wanted = max(
            int(count * max(_ROWS_FOR_ONE, _ARTICLES_FOR_ONE * of_one)),
            int(len(places) * of_one) // _ONE_IN,
        )
        if self._first_look is None or wanted >= len(places) * of_one:
            return None
        direction = self._first_look.direction(vector)
        if direction is None:
            return None
        return self._first_look.begin(direction, places, wanted)

    def _all(self, best: _Best) -> list[Future[npt.NDArray[Any]]]:
        """``best`` of every article."""
        count = threads() if self.state.rows >= _WORTH_THREADS else 1
        edges = [len(self.nums) * part // count for part in range(count + 1)]
        return [
            pool().submit(
                best,
                slice(self._layout.starts[first], self._layout.ends[last - 1]),
                self._layout.starts[first:last] - self._layout.starts[first],
            )
            for first, last in pairwise(edges)
        ]

    def _runs(
        self, best: _Best, rows: npt.NDArray[np.intp], starts: Places
    ) -> list[Future[npt.NDArray[Any]]]:
        """``best`` of ``rows``, in as many parts as are worth it."""
        count = min(threads(), 1 + len(rows) // _ROWS_A_THREAD, len(starts))
        edges = [len(starts) * part // count for part in range(count)]
        ends = [*starts[edges[1:]].tolist(), len(rows)]
        return [
            pool().submit(best, rows[first:end], part - first)
            for part, first, end in zip(
                np.array_split(starts, edges[1:]), starts[edges].tolist(), ends, strict=True
            )
        ]

    def _best_in_full(
        self,
        query: npt.NDArray[np.int8],
        scale: np.float32,
        rows: slice | npt.NDArray[np.intp],
        starts: Places,
    ) -> npt.NDArray[np.float32]:
        if isinstance(rows, slice):
            taken, scales = self._codes[rows], self._scales[rows]
        else:
            # Half the time of indexing by numbers.
            taken, scales = np.take(self._codes, rows, axis=0), np.take(self._scales, rows)
        scores = dots(query, taken).astype(np.float32)
        scores *= scales
        scores *= scale
        best: npt.NDArray[np.float32] = np.maximum.reduceat(scores, starts)
        return best

    def places(self, condition: Node | None, words: WordsSnapshot) -> Places:
        """Where in ``nums`` the live articles that satisfy ``condition`` are, rising.

        People narrow by the same condition again and again, so the last ones are remembered.
        """
        known = self._allowed.get(condition)
        if known is None:
            query = words.compiler.matching(Matching(condition))
            allowed = words.nums(query)
            known = np.flatnonzero(np.isin(self.nums, allowed, assume_unique=True))
            while len(self._allowed) >= _CONDITIONS_KEPT:
                self._allowed.pop(next(iter(self._allowed)), None)
            self._allowed[condition] = known
        return known

    def mismatches(self, stored: Iterable[tuple[int, bytes]]) -> int:
        """How many articles have other rows here than their stored vectors make."""
        wrong = 0
        for num, data in stored:
            if len(data) % (2 * self.state.dimension):
                # None that a row could be made of: the article itself is at fault.
                continue
            place = int(np.searchsorted(self.nums, num))
            if place == len(self.nums) or self.nums[place] != num:
                wrong += 1
                continue
            vectors = np.frombuffer(data, "<f2").reshape(-1, self.state.dimension)
            rows = slice(self._layout.starts[place], self._layout.ends[place])
            wanted, scales = quantise(vectors.astype(np.float32))
            right = np.array_equal(self._codes[rows], wanted) and np.array_equal(
                self._scales[rows], scales
            )
            if right and self._first_look is not None:
                right = self._first_look.fits(rows, wanted * scales[:, None])
            wrong += not right
        return wrong


def _best_first(scores: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """Places of the ``count`` greatest, in order; of equals the first."""
    if count >= len(scores):
        return np.argsort(-scores, kind="stable")
    best = np.argpartition(-scores, count - 1)[:count]
    return best[np.lexsort((best, -scores[best]))]
