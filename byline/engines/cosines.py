"""How near stored vectors are to a query's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from byline.records import StoredArticle


def cosines(
    articles: Sequence[StoredArticle], vector: npt.NDArray[np.float32] | None
) -> list[npt.NDArray[np.float32] | None]:
    """For each article float32 ``[passages]``, or ``None`` where there is nothing to compare."""
    given = [one.vectors for one in articles if one.vectors is not None and len(one.vectors)]
    if vector is None or not given:
        return [None] * len(articles)
    # Imported here, as below: a search by words alone does without.
    import numpy as np

    # Of a whole page at once: there is more to each call than to an article's vectors.
    scores = dots(np.concatenate(given), vector)
    found: list[npt.NDArray[np.float32] | None] = []
    start = 0
    for one in articles:
        count = 0 if one.vectors is None else len(one.vectors)
        found.append(scores[start : start + count] if count else None)
        start += count
    return found


def of_best(
    vectors: Collection[npt.NDArray[np.float16]], vector: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Of each article, float16 ``[passages, dimension]``, its best passage's cosine, float32
    ``[articles]``; each has a passage at least."""
    import numpy as np

    if not vectors:
        return np.zeros(0, np.float32)
    starts = np.cumsum([0, *map(len, vectors)])[:-1]
    best: npt.NDArray[np.float32] = np.maximum.reduceat(
        dots(np.concatenate(list(vectors)), vector), starts
    )
    return best


def dots(
    vectors: npt.NDArray[np.float16], vector: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """float32 ``[n]`` for float16 ``[n, dimension]`` and float32 ``[dimension]``.

    Not by BLAS, whose threads spin on for a while and slow down the rest of the search; and
    widening the vectors would take longer than multiplying them.
    """
    import numkong
    import numpy as np

    upper = vector.astype(np.float16)
    lower = (vector - upper).astype(np.float16)
    dots = np.asarray(numkong.dot(upper, vectors)) + np.asarray(numkong.dot(lower, vectors))
    scores: npt.NDArray[np.float32] = dots.astype(np.float32)
    return scores
