"""Rows of figures, as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """``figures``: name with unit → value."""

    what: str
    figures: dict[str, float]


def show(title: str, rows: Sequence[Row]) -> None:
    print(f"\n{title}")
    for row in rows:
        figures = "   ".join(f"{value:,.1f} {name}" for name, value in row.figures.items())
        print(f"  {row.what:<48} {figures}")


def write(path: Path, tables: dict[str, Sequence[Row]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    content = {
        "machine": machine,
        "tables": {
            title: [{"what": row.what, **row.figures} for row in rows]
            for title, rows in tables.items()
        },
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
