"""How near stored vectors are to a query's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def cosines(
    vectors: npt.NDArray[np.float16] | None, vector: npt.NDArray[np.float32] | None
) -> npt.NDArray[np.float32] | None:
    """float32 ``[passages]``, or ``None`` where there is nothing to compare."""
    if vectors is None or vector is None or not len(vectors):
        return None
    return dots(vectors, vector)


def dots(
    vectors: npt.NDArray[np.float16], vector: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """float32 ``[n]`` for float16 ``[n, dimension]`` and float32 ``[dimension]``.

    Not by BLAS, whose threads spin on for a while and slow down the rest of the search; and
    widening the vectors would take longer than multiplying them.
    """
    # Imported here: a search by words alone does without.
    import numkong
    import numpy as np

    upper = vector.astype(np.float16)
    lower = (vector - upper).astype(np.float16)
    dots = np.asarray(numkong.dot(upper, vectors)) + np.asarray(numkong.dot(lower, vectors))
    scores: npt.NDArray[np.float32] = dots.astype(np.float32)
    return scores
