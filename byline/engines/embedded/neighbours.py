"""The meaning leg: nearest articles among those that satisfy a condition."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from byline.engines.base import Retrieval
from byline.engines.cosines import of_best
from byline.engines.embedded import truth
from byline.engines.embedded.scan import Scan

#: Candidates by 8-bit scores beyond the depth, so that rounding loses none that belongs to it.
_MARGIN = 1.1
_LEAST_MARGIN = 100
#: As many of the best are scored by the stored vectors. The 8-bit scores of those below, which
#: nobody sees at the top of a list, are within a few thousandths.
_EXACT = 130

#: Number → float16 ``[passages, dimension]``.
Vectors: TypeAlias = dict[int, npt.NDArray[np.float16]]


def candidates(depth: int) -> int:
    """How many articles to take by 8-bit scores, of which the ``depth`` nearest are wanted."""
    return max(int(depth * _MARGIN), depth + _LEAST_MARGIN)


def neighbours(
    connection: sqlite3.Connection,
    vector: npt.NDArray[np.float32],
    scan: Scan,
    wanted: Retrieval,
) -> tuple[list[tuple[int, float]], Vectors]:
    """(number, cosine) of the nearest articles, by falling cosine, ties by number; and the vectors
    of those that were read for it.

    Args:
        vector: ``wanted``'s, made.
        scan: for it, of :func:`candidates` articles that satisfy the condition.
    """
    nearest, scores = scan.best()
    read = vectors_of(connection, nearest[:_EXACT].tolist(), len(vector))
    nums = np.concatenate([np.fromiter(read, np.int64, len(read)), nearest[_EXACT:]])
    cosines = np.concatenate([of_best(read.values(), vector), scores[_EXACT:]]).astype(np.float64)
    kept = np.flatnonzero(cosines >= wanted.floor)
    order = kept[np.lexsort((nums[kept], -cosines[kept]))][: wanted.depth]
    return list(zip(nums[order].tolist(), cosines[order].tolist(), strict=True)), read


def vectors_of(connection: sqlite3.Connection, nums: Sequence[int], dimension: int) -> Vectors:
    """Of each article that has some."""
    return {
        num: np.frombuffer(data, "<f2").reshape(-1, dimension)
        for num, data in truth.vectors_of(connection, nums)
        if data
    }
