"""The meaning leg: nearest articles among those that satisfy a condition."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from byline.engines.base import Retrieval
from byline.engines.cosines import dots
from byline.engines.embedded import truth
from byline.engines.embedded.ranking import by_score
from byline.engines.embedded.scan import Scan

#: Candidates by 8-bit scores beyond the depth, so that rounding loses none that belongs to it.
_MARGIN = 1.1
_LEAST_MARGIN = 100
#: As many of the best are scored by the stored vectors. The 8-bit scores of those below, which
#: nobody sees at the top of a list, are within a few thousandths.
_EXACT = 200


def candidates(depth: int) -> int:
    """How many articles to take by 8-bit scores, of which the ``depth`` nearest are wanted."""
    return max(int(depth * _MARGIN), depth + _LEAST_MARGIN)


def neighbours(
    connection: sqlite3.Connection,
    vector: npt.NDArray[np.float32],
    scan: Scan,
    wanted: Retrieval,
) -> list[tuple[int, float]]:
    """(number, cosine) of the nearest articles, by falling cosine, ties by number.

    Args:
        vector: ``wanted``'s, made.
        scan: for it, of :func:`candidates` articles that satisfy the condition.
    """
    nearest, scores = scan.best()
    nums: list[int] = nearest.tolist()
    scored = _rescored(connection, nums[:_EXACT], vector)
    scored += zip(nums[_EXACT:], scores[_EXACT:].tolist(), strict=True)
    kept = [pair for pair in scored if pair[1] >= wanted.floor]
    return by_score(kept)[: wanted.depth]


def _rescored(
    connection: sqlite3.Connection, nums: Sequence[int], vector: npt.NDArray[np.float32]
) -> list[tuple[int, float]]:
    """Cosines by the stored vectors."""
    rows = list(truth.vectors_of(connection, nums))
    if not rows:
        return []
    width = 2 * len(vector)
    lengths = [len(data) // width for _, data in rows]
    matrix = np.frombuffer(b"".join(data for _, data in rows), "<f2").reshape(-1, len(vector))
    starts = np.cumsum([0, *lengths[:-1]])
    best = np.maximum.reduceat(dots(matrix, vector), starts)
    return [(num, float(score)) for (num, _), score in zip(rows, best, strict=True)]
