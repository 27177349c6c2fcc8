"""How benchmarks start Byline as a process: as where it is installed."""

from __future__ import annotations

import os

#: Installed packages have their bytecode; where nothing may be written, a checkout is compiled at
#: every start, which takes a third of it.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
