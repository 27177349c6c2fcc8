"""How benchmarks run Byline: as where it is installed and serves."""

from __future__ import annotations

import gc
import os

#: Installed packages have their bytecode; where nothing may be written, a checkout is compiled at
#: every start, which takes a third of it.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}


def as_served() -> None:
    """Objects that refer to each other are looked for as seldom as in ``byline serve``."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)
