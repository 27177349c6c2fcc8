"""The threads of all scans of this process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt


@cache
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads(), "byline-scan")


def threads() -> int:
    """How many there are."""
    return min(4, os.cpu_count() or 1)


def joined(parts: Sequence[Future[npt.NDArray[Any]]]) -> npt.NDArray[Any]:
    """What they give, one after the other. Waits for it."""
    return np.concatenate([part.result() for part in parts]) if parts else np.zeros(0, np.float32)
