"""Which rows of the vector index are whose."""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

#: Of articles among those of the index, or of rows, rising.
Places: TypeAlias = npt.NDArray[np.intp]


class Layout:
    """Rows of one article stand together, articles by rising number.

    Attributes:
        rows: how many there are.
        nums: the articles' numbers, int64 ``[articles]``.
        starts, ends: where each article's rows are, ``[articles]``.
    """

    def __init__(self, nums: npt.NDArray[np.int32]) -> None:
        """``nums``: of each row the number of its article, ``[rows]``."""
        self.rows = len(nums)
        self.starts = np.flatnonzero(np.diff(nums, prepend=-1))
        self.ends = np.append(self.starts[1:], self.rows)
        self.nums = nums[self.starts].astype(np.int64)

    @property
    def of_one(self) -> float:
        """An article's usual number of rows."""
        return self.rows / len(self.nums)

    @cached_property
    def owners(self) -> npt.NDArray[np.int32]:
        """Which of :attr:`nums` each row is of, ``[rows]``."""
        places = np.arange(len(self.nums), dtype=np.int32)
        return np.repeat(places, self.ends - self.starts)

    def rows_of(self, places: Places) -> tuple[Places, Places]:
        """The rows of the articles at ``places``, and where among them each article's begin."""
        lengths = self.ends[places] - self.starts[places]
        starts = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(self.starts[places] - starts, lengths)
        return rows, starts
