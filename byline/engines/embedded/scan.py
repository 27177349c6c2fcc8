"""The nearest articles by the vector index. Exhaustive: there is no graph to build or to update.

Over many rows the coarse ones choose which are then read in full; filters cost nothing, and no
neighbour is out of reach. The 8-bit scores only choose candidates: the caller scores those again
with the stored vectors.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from byline.engines.base import Matching
from byline.engines.embedded.coarse import coarse_rows
from byline.engines.embedded.codes import quantise
from byline.engines.embedded.vector_files import VectorFiles
from byline.engines.embedded.words import WordsSnapshot
from byline.query.tree import Node

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

#: Rows under which a second thread costs more than it brings.
_WORTH_THREADS = 20_000
#: Rows that are taken out by one thread.
_ROWS_A_THREAD = 4_000
#: Rows of less than one in so many articles are taken out to be scored, in full or coarsely.
_FEW = 20
_SOME = 4
#: Rows that are read in full after the coarse look, for each article that is wanted; as many times
#: an article's usual number of rows; and one in so many of those that are allowed.
_ROWS_FOR_ONE = 6
_ARTICLES_FOR_ONE = 2
_ONE_IN = 100
#: Of a query's squared length, what the coarse rows' components have to hold for them to choose.
_HELD = 0.5
#: One row in so many tells how high a coarse score must be.
_SAMPLED = 16
#: Looks after which the coarse rows are kept in memory as they are multiplied quickest, a copy that
#: a single search would wait for; and how many bytes of them at most.
LOOKS_BEFORE_PACKING = 3
_PACKED_BYTES = 250_000_000
#: Conditions whose articles are remembered.
_CONDITIONS_KEPT = 32

Places = npt.NDArray[np.intp]
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
        self._looks = 0
        self._packed: list[Any] = []
        self._codes, all_nums, self._scales = files.rows()
        #: Coarse rows int8 ``[rows, width]`` and their components float32 ``[width, dimension]``.
        self._coarse, learnt = files.coarse() or (np.zeros((0, 0), np.int8), None)
        self._components = None if learnt is None else np.ascontiguousarray(learnt.T)
        self._starts = np.flatnonzero(np.diff(all_nums, prepend=-1))
        self._ends = np.append(self._starts[1:], self.state.rows)
        self.nums = all_nums[self._starts].astype(np.int64)

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
            some = self._some(in_full, places)
            return Scan(self.nums, count, lambda: (places, _joined(some)))
        of_one = self.state.rows / len(self.nums)
        wanted = max(
            int(count * max(_ROWS_FOR_ONE, _ARTICLES_FOR_ONE * of_one)),
            int(len(places) * of_one) // _ONE_IN,
        )
        along = None
        if not thorough and wanted < len(places) * of_one:
            along = self._along(vector)
        if along is None:
            whole = self._all(in_full)
            return Scan(self.nums, count, lambda: (places, _joined(whole)[places]))
        direction = quantise(along[None, :])[0][0]
        if len(places) * _SOME <= len(self.nums):
            promising = self._some_looked_at(direction, places, wanted)
        else:
            promising = self._all_looked_at(direction, places, wanted)

        def both() -> tuple[Places, npt.NDArray[np.float32]]:
            chosen = promising()
            of = self._places_of_rows[chosen]
            starts = np.flatnonzero(np.diff(of, prepend=-1))
            if len(starts) < min(count, len(places)):
                # The promising rows are of a few long articles.
                return places, _joined(self._all(in_full))[places]
            return of[starts].astype(np.intp), _joined(self._runs(in_full, chosen, starts))

        return Scan(self.nums, count, both)

    @cached_property
    def _places_of_rows(self) -> npt.NDArray[np.int32]:
        """Which of ``nums`` each row is of."""
        of = np.arange(len(self.nums), dtype=np.int32)
        return np.repeat(of, self._ends - self._starts)

    def _all_looked_at(
        self, direction: npt.NDArray[np.int8], places: Places, wanted: int
    ) -> Callable[[], Places]:
        """Begin to look at all coarse rows; gives about ``wanted`` of those of the articles at
        ``places``, the ones with the greatest scores."""
        first = self._looked_at(direction)

        def promising() -> Places:
            coarse = [part.result() for part in first]
            edges = np.cumsum([0, *map(len, coarse)]).tolist()
            sampled = np.concatenate([part[::_SAMPLED] for part in coarse])
            allowed = None
            if len(places) < len(self.nums):
                allowed = np.zeros(len(self.nums), bool)
                allowed[places] = True
                of = [self._places_of_rows[slice(*edge, _SAMPLED)] for edge in pairwise(edges)]
                sampled = sampled[allowed[np.concatenate(of)]]
            least = _least(sampled, wanted)
            found = [
                _pool().submit(_reaching, part, least, edge)
                for part, edge in zip(coarse, edges[:-1], strict=True)
            ]
            rows = _joined(found)
            return rows if allowed is None else rows[allowed[self._places_of_rows[rows]]]

        return promising

    def _some_looked_at(
        self, direction: npt.NDArray[np.int8], places: Places, wanted: int
    ) -> Callable[[], Places]:
        """The same where it costs less to take out the rows of the articles at ``places``."""
        rows = self._rows_of(places)[0]
        first = [
            _pool().submit(lambda part: _dots(direction, self._coarse.take(part, axis=0)), part)
            for part in np.array_split(rows, _threads())
        ]

        def promising() -> Places:
            scores = _joined(first)
            return rows[scores >= _least(scores[::_SAMPLED], wanted)]

        return promising

    def _along(self, vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
        """float32 ``[width]``: how far ``vector`` goes along each component of the coarse rows.

        ``None`` where there are none, or where these hold too little of it to tell much: what is
        asked is then of another kind than what the archive is about.
        """
        if self._components is None:
            return None
        along: npt.NDArray[np.float32] = _dots(vector, self._components)
        held = float(along @ along) / float(self._components[0] @ self._components[0])
        return along if held >= _HELD * float(vector @ vector) else None

    def _looked_at(self, direction: npt.NDArray[np.int8]) -> list[Future[npt.NDArray[np.int32]]]:
        """All coarse rows' scores, in as many parts as there are threads."""
        edges = [self.state.rows * part // _threads() for part in range(_threads() + 1)]
        parts = [self._coarse[slice(*edge)] for edge in pairwise(edges)]
        self._looks += 1
        if self._looks <= LOOKS_BEFORE_PACKING or self._coarse.nbytes > _PACKED_BYTES:
            return [_pool().submit(_dots, direction, part) for part in parts]
        if not self._packed:
            self._packed = [_packed(part) for part in parts]
        return [_pool().submit(_dots_packed, direction, part) for part in self._packed]

    def _all(self, best: _Best) -> list[Future[npt.NDArray[Any]]]:
        """``best`` of every article."""
        count = _threads() if self.state.rows >= _WORTH_THREADS else 1
        edges = [len(self.nums) * part // count for part in range(count + 1)]
        return [
            _pool().submit(
                best,
                slice(self._starts[first], self._ends[last - 1]),
                self._starts[first:last] - self._starts[first],
            )
            for first, last in pairwise(edges)
        ]

    def _some(self, best: _Best, places: Places) -> list[Future[npt.NDArray[Any]]]:
        """``best`` of the articles at ``places``."""
        return self._runs(best, *self._rows_of(places)) if len(places) else []

    def _rows_of(self, places: Places) -> tuple[Places, Places]:
        """The rows of the articles at ``places``, and where among them each article's begin."""
        lengths = self._ends[places] - self._starts[places]
        starts = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(self._starts[places] - starts, lengths)
        return rows, starts

    def _runs(
        self, best: _Best, rows: npt.NDArray[np.intp], starts: Places
    ) -> list[Future[npt.NDArray[Any]]]:
        """``best`` of ``rows``, in as many parts as are worth it."""
        count = min(_threads(), 1 + len(rows) // _ROWS_A_THREAD, len(starts))
        edges = [len(starts) * part // count for part in range(count)]
        ends = [*starts[edges[1:]].tolist(), len(rows)]
        return [
            _pool().submit(best, rows[first:end], part - first)
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
        dots = _dots(query, taken).astype(np.float32)
        dots *= scales
        dots *= scale
        best: npt.NDArray[np.float32] = np.maximum.reduceat(dots, starts)
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
            rows = slice(self._starts[place], self._ends[place])
            wanted, scales = quantise(vectors.astype(np.float32))
            right = np.array_equal(self._codes[rows], wanted) and np.array_equal(
                self._scales[rows], scales
            )
            if right and self._components is not None:
                again = coarse_rows(wanted * scales[:, None], self._components.T)
                # Sums in another order may round to the next number.
                right = bool(np.all(np.abs(self._coarse[rows] - again.astype(np.int16)) <= 1))
            wrong += not right
        return wrong


def _dots(query: npt.NDArray[Any], rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # Imported here: a keyword search does without.
    import numkong

    return np.asarray(numkong.dot(query, rows))


def _packed(rows: npt.NDArray[np.int8]) -> Any:
    import numkong

    return numkong.dots_pack(rows, dtype="int8")


def _dots_packed(query: npt.NDArray[np.int8], rows: Any) -> npt.NDArray[np.int32]:
    import numkong

    dots: npt.NDArray[np.int32] = np.asarray(numkong.dots_packed(query[None, :], rows))
    row: npt.NDArray[np.int32] = dots[0]
    return row


def _least(sampled: npt.NDArray[np.int32], wanted: int) -> np.int32:
    """The score that about ``wanted`` rows reach, by one in :data:`_SAMPLED` of the rows."""
    place = max(0, len(sampled) - wanted // _SAMPLED)
    if place == 0:
        return np.int32(np.iinfo(np.int32).min)
    least: np.int32 = np.partition(sampled, place)[place]
    return least


def _reaching(scores: npt.NDArray[np.int32], least: np.int32, first: int) -> Places:
    """Rows, the first of which is ``first``, whose scores are not below ``least``."""
    return np.flatnonzero(scores >= least) + first


def _joined(parts: Sequence[Future[npt.NDArray[Any]]]) -> npt.NDArray[Any]:
    return np.concatenate([part.result() for part in parts]) if parts else np.zeros(0, np.float32)


def _best_first(scores: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """Places of the ``count`` greatest, in order; of equals the first."""
    if count >= len(scores):
        return np.argsort(-scores, kind="stable")
    best = np.argpartition(-scores, count - 1)[:count]
    return best[np.lexsort((best, -scores[best]))]


@cache
def _pool() -> ThreadPoolExecutor:
    """The threads of all scans of this process."""
    # Imported here: a keyword search does without.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(_threads(), "byline-scan")


def _threads() -> int:
    return min(4, os.cpu_count() or 1)
