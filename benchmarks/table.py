"""Rows of figures, as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """``figures``: name with unit → value."""

    what: str
    figures: dict[str, float]


def yardstick() -> float:
    """Seconds for ten million additions in Python, the best of three: how fast this machine is
    just now. A shared one may be twice as slow an hour later."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        total = 0
        for number in range(10_000_000):
            total += number
        best = min(best, time.perf_counter() - started)
    return best


def show(title: str, rows: Sequence[Row]) -> None:
    print(f"\n{title}")
    for row in rows:
        figures = "   ".join(f"{value:,.1f} {name}" for name, value in row.figures.items())
        print(f"  {row.what:<48} {figures}")


def write(path: Path, tables: dict[str, Sequence[Row]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "yardstick_s": yardstick(),
    }
    content = {
        "machine": machine,
        "tables": {
            title: [{"what": row.what, **row.figures} for row in rows]
            for title, rows in tables.items()
        },
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
