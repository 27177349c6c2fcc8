"""A first look at many vectors: by their first principal components.

To read every row in full is what a search over hundreds of thousands of passages waits for. An
archive's vectors differ more in some directions than in others, so a third of their principal
components tells which articles are worth reading in full: ``docs/performance.md`` has how many
of the nearest are found so.

Jolliffe, I. T. (2002). Principal Component Analysis, second edition, chapter 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: Rows under which reading all of them in full takes a few milliseconds.
_WORTH = 50_000
#: Learnt again when the rows are as many times what they were: an archive's subjects change.
_GROWN = 4
#: Rows to learn from, evenly spaced.
_SAMPLE = 20_000
#: Of the vectors' squared length, what the components have to hold.
_ENOUGH = 0.75
#: Of a row, what may be read twice.
_MOST_READ = 0.5
#: A row's bytes are a multiple of this, as wide as the processor's registers.
_REGISTER = 32


def is_due(rows: int, learnt: int) -> bool:
    """Whether ``rows`` rows, after ``learnt`` had been learnt from, are worth learning from."""
    return rows >= max(_WORTH, _GROWN * learnt)


def sample(rows: int) -> slice:
    """The rows to learn from."""
    return slice(None, None, -(-rows // _SAMPLE))


def components(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32 ``[dimension, width]``: the first principal components of ``vectors``.

    About the origin, not the mean: what is asked for is the inner product. Scaled such that the
    coarse rows of these ``vectors``, float32 ``[n, dimension]``, are within 127.

    Returns:
        as many as hold enough of the vectors' length; with a width of 0 where those are so many
        that reading them first would save nothing.
    """
    squares, directions = np.linalg.eigh(vectors.T @ vectors)  # by rising variance
    held = np.cumsum(squares[::-1]) / squares.sum()
    enough = int(np.searchsorted(held, _ENOUGH)) + 1
    width = -(-enough // _REGISTER) * _REGISTER
    if width > _MOST_READ * vectors.shape[1]:
        width = 0
    first = np.ascontiguousarray(directions[:, ::-1][:, :width])
    largest = np.abs(vectors @ first).max(initial=0.0)
    scaled: npt.NDArray[np.float32] = (first * (127 / max(largest, 1e-9))).astype(np.float32)
    return scaled


def coarse_rows(
    vectors: npt.NDArray[np.float32], components: npt.NDArray[np.float32]
) -> npt.NDArray[np.int8]:
    """int8 ``[n, width]`` of float32 ``[n, dimension]``, all by the same scale."""
    rows: npt.NDArray[np.int8] = np.rint(np.clip(vectors @ components, -127, 127)).astype(np.int8)
    return rows
