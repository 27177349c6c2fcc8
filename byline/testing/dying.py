"""A process that is killed at a moment of its own work, for tests of what crashes leave behind.

Moments are counted in calls of functions rather than in seconds, so that they fall at the same
stage of the work on any machine.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Calls:
    """``made``: calls of Python and C functions by the thread that counts."""

    made: int = 0


@contextmanager
def counted_calls(fatal: int = 0, delay: float = 0.0) -> Iterator[Calls]:
    """Count the calls made in this block, and die of the ``fatal``-th (0: of none).

    Nothing is tidied up, as by ``kill -9``. After ``delay`` seconds, if given, it is the system
    that ends the process, so that it can happen inside a function written in C too.
    """
    calls = Calls()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        if event not in ("call", "c_call"):
            return
        calls.made += 1
        if calls.made == fatal:
            if delay:
                signal.setitimer(signal.ITIMER_REAL, delay)
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)
