"""How benchmarks run Byline: as where it is installed and serves."""

from __future__ import annotations

import gc
import os
import sys

#: Installed packages have their bytecode; where nothing may be written, a checkout is compiled at
#: every start, which takes a third of it.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}


def as_served() -> None:
    """What ``byline`` tells the interpreter: to look seldom for objects that refer to each other,
    and, when it serves, to let threads take shorter turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)
    sys.setswitchinterval(0.001)
