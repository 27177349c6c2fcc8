"""Which rows are worth reading in full, by a look at their coarse ones (:mod:`.coarse`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from byline.engines.embedded.coarse import coarse_rows
from byline.engines.embedded.codes import quantise
from byline.engines.embedded.layout import Layout, Places
from byline.engines.embedded.scan_threads import joined, pool, threads

#: Of a query's squared length, what the components have to hold for coarse rows to tell anything.
_HELD = 0.5
#: Coarse rows of less than one in so many articles are taken out to be looked at.
_FEW = 4
#: One row in so many tells how high a score must be.
_SAMPLED = 16
#: Looks after which the coarse rows are kept in memory as they are multiplied quickest, a copy that
#: a single search would wait for; and how many bytes of them at most.
LOOKS_BEFORE_PACKING = 3
_PACKED_BYTES = 250_000_000


class FirstLook:
    """At an archive's coarse rows. Any number of threads may ask.

    Args:
        rows: int8 ``[rows, width]``.
        components: float32 ``[dimension, width]``.
    """

    def __init__(
        self, rows: npt.NDArray[np.int8], components: npt.NDArray[np.float32], layout: Layout
    ) -> None:
        self._rows = rows
        self._components = np.ascontiguousarray(components.T)
        self._layout = layout
        self._looks = 0
        self._packed: list[Any] = []

    def direction(self, vector: npt.NDArray[np.float32]) -> npt.NDArray[np.int8] | None:
        """int8 ``[width]``: a query as coarse rows are compared with it.

        ``None`` where the components hold too little of it to tell much: what is asked is then
        about something else than the archive is.
        """
        along: npt.NDArray[np.float32] = dots(vector, self._components)
        held = float(along @ along) / float(self._components[0] @ self._components[0])
        if held < _HELD * float(vector @ vector):
            return None
        codes: npt.NDArray[np.int8] = quantise(along[None, :])[0][0]
        return codes

    def begin(
        self, direction: npt.NDArray[np.int8], places: Places, wanted: int
    ) -> Callable[[], Places]:
        """Begin to look; what it gives waits for about ``wanted`` of the rows of the articles at
        ``places``, those with the greatest scores."""
        if len(places) * _FEW <= len(self._layout.nums):
            return self._some(direction, places, wanted)
        return self._all(direction, places, wanted)

    def _some(
        self, direction: npt.NDArray[np.int8], places: Places, wanted: int
    ) -> Callable[[], Places]:
        rows = self._layout.rows_of(places)[0]
        looks = [
            pool().submit(lambda part: dots(direction, self._rows.take(part, axis=0)), part)
            for part in np.array_split(rows, threads())
        ]

        def promising() -> Places:
            scores = joined(looks)
            return rows[scores >= _least(scores[::_SAMPLED], wanted)]

        return promising

    def _all(
        self, direction: npt.NDArray[np.int8], places: Places, wanted: int
    ) -> Callable[[], Places]:
        looks = self._scores(direction)
        articles = len(self._layout.nums)

        def promising() -> Places:
            parts = [look.result() for look in looks]
            edges = np.cumsum([0, *map(len, parts)]).tolist()
            sampled = np.concatenate([part[::_SAMPLED] for part in parts])
            allowed = None
            if len(places) < articles:
                allowed = np.zeros(articles, bool)
                allowed[places] = True
                of = [self._layout.owners[slice(*edge, _SAMPLED)] for edge in pairwise(edges)]
                sampled = sampled[allowed[np.concatenate(of)]]
            least = _least(sampled, wanted)
            rows = joined(
                [
                    pool().submit(_reaching, part, least, edge)
                    for part, edge in zip(parts, edges[:-1], strict=True)
                ]
            )
            return rows if allowed is None else rows[allowed[self._layout.owners[rows]]]

        return promising

    def _scores(self, direction: npt.NDArray[np.int8]) -> list[Future[npt.NDArray[np.int32]]]:
        """All rows', in as many parts as there are threads."""
        edges = [len(self._rows) * part // threads() for part in range(threads() + 1)]
        parts = [self._rows[slice(*edge)] for edge in pairwise(edges)]
        self._looks += 1
        if self._looks <= LOOKS_BEFORE_PACKING or self._rows.nbytes > _PACKED_BYTES:
            return [pool().submit(dots, direction, part) for part in parts]
        if not self._packed:
            self._packed = [_packed(part) for part in parts]
        return [pool().submit(_dots_packed, direction, part) for part in self._packed]

    def fits(self, rows: slice, vectors: npt.NDArray[np.float32]) -> bool:
        """Whether ``rows`` are those of ``vectors``, float32 ``[n, dimension]``."""
        again = coarse_rows(vectors, self._components.T)
        # Sums in another order may round to the next number.
        return bool(np.all(np.abs(self._rows[rows] - again.astype(np.int16)) <= 1))


def dots(query: npt.NDArray[Any], rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The inner product of ``query`` ``[width]`` with each of ``rows`` ``[n, width]``."""
    import numkong

    return np.asarray(numkong.dot(query, rows))


def _packed(rows: npt.NDArray[np.int8]) -> Any:
    import numkong

    return numkong.dots_pack(rows, dtype="int8")


def _dots_packed(query: npt.NDArray[np.int8], rows: Any) -> npt.NDArray[np.int32]:
    import numkong

    scores: npt.NDArray[np.int32] = np.asarray(numkong.dots_packed(query[None, :], rows))
    return scores.reshape(-1)


def _least(sampled: npt.NDArray[np.int32], wanted: int) -> np.int32:
    """The score that about ``wanted`` rows reach, by one in :data:`_SAMPLED` of the rows."""
    place = len(sampled) - wanted // _SAMPLED
    if place <= 0:
        return np.int32(np.iinfo(np.int32).min)
    least: np.int32 = np.partition(sampled, place)[place]
    return least


def _reaching(scores: npt.NDArray[np.int32], least: np.int32, first: int) -> Places:
    """Rows, the first of which is ``first``, whose scores are not below ``least``."""
    return np.flatnonzero(scores >= least) + first
