"""The meaning leg: nearest articles among those that satisfy a condition."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from byline.engines.base import Matching, Retrieval
from byline.engines.embedded import truth
from byline.engines.embedded.codes import Approximate, CodesSnapshot
from byline.engines.embedded.words import WordsSnapshot

#: Candidates by 8-bit scores beyond the depth, so that rounding loses none that belongs to it.
_MARGIN = 1.1
_LEAST_MARGIN = 100
#: As many of the best are scored by the stored vectors. The 8-bit scores of those below, which
#: nobody sees at the top of a list, are within a few thousandths.
_EXACT = 300
#: A condition that keeps more of the archive than this is checked on the candidates.
_BROAD = 0.1


def neighbours(
    connection: sqlite3.Connection,
    words: WordsSnapshot,
    codes: CodesSnapshot,
    wanted: Retrieval,
) -> list[tuple[int, float]]:
    """(number, cosine) of the nearest articles, by falling cosine, ties by number."""
    vector = wanted.vector
    assert vector is not None  # noqa: S101 - the reader asks only with one
    approximate = codes.scan(vector)
    most = max(int(wanted.depth * _MARGIN), wanted.depth + _LEAST_MARGIN)
    nums = _candidates(words, wanted.matching, approximate, most)
    scored = _rescored(connection, nums[:_EXACT], vector)
    scored += _as_scanned(approximate, nums[_EXACT:])
    kept = [(num, score) for num, score in scored if score >= wanted.floor]
    kept.sort(key=lambda pair: (-pair[1], pair[0]))
    return kept[: wanted.depth]


def _candidates(
    words: WordsSnapshot, matching: Matching, approximate: Approximate, most: int
) -> list[int]:
    """The best ``most`` articles that are live and satisfy the condition.

    Few that satisfy it: take these and rank them. Many: walk down the ranking and ask of each
    piece of it which satisfy it. Both find the same.
    """
    query = words.compiler.matching(Matching(matching.condition))
    total = words.count(query)
    if total <= max(most, _BROAD * len(approximate.nums)):
        allowed = np.array(words.nums(query), np.int64)
        places = np.flatnonzero(np.isin(approximate.nums, allowed, assume_unique=True))
        order = np.argsort(-approximate.scores[places], kind="stable")[:most]
        chosen: list[int] = approximate.nums[places[order]].tolist()
        return chosen
    # Enough for the depth at the condition's own rate, and a little more.
    piece = min(len(approximate.nums), int(most * len(approximate.nums) / total * 1.2) + 1)
    found: list[int] = []
    for sort in (partial(_best_first, count=piece), _all_in_order):
        order = sort(approximate.scores)
        found = []
        for start in range(0, len(order), piece):
            ahead = approximate.nums[order[start : start + piece]].tolist()
            allowed_now = set(words.nums(words.compiler.among(query, ahead)))
            found += [num for num in ahead if num in allowed_now]
            if len(found) >= most:
                return found[:most]
    return found


def _all_in_order(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    return np.argsort(-scores, kind="stable")


def _best_first(scores: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """Places of the ``count`` greatest, in order."""
    if count >= len(scores):
        return _all_in_order(scores)
    best = np.argpartition(-scores, count - 1)[:count]
    return best[np.lexsort((best, -scores[best]))]


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
    best = np.maximum.reduceat(matrix.astype(np.float32) @ vector, starts)
    return [(num, float(score)) for (num, _), score in zip(rows, best, strict=True)]


def _as_scanned(approximate: Approximate, nums: Sequence[int]) -> list[tuple[int, float]]:
    places = np.searchsorted(approximate.nums, nums)
    return list(zip(nums, approximate.scores[places].tolist(), strict=True))


def cosines(
    vectors: npt.NDArray[np.float16] | None, vector: npt.NDArray[np.float32] | None
) -> npt.NDArray[np.float32] | None:
    """One a passage, or ``None`` where there is nothing to compare."""
    if vectors is None or vector is None or not len(vectors):
        return None
    scores: npt.NDArray[np.float32] = vectors.astype(np.float32) @ vector
    return scores
