"""Searching: `byline search` as a process, and searches within one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median, quantiles

from benchmarks.processes import ENVIRONMENT, as_served
from benchmarks.queries import unremembered
from benchmarks.table import Row
from byline.archive import Archive
from byline.engines.base import FacetWanted, Period
from byline.query.tree import ValueField
from byline.request import Mode

QUERIES = (
    "should the government be transparent",
    "power of the union to raise armies",
    "how to make a web site accessible",
    "the pleasure of lying in bed",
    "agile procurement",
    "taxation without consent",
    "open source in government",
    "democracy and the newspapers",
)
_PROCESSES = 7
_ROUNDS = 6


def measure(address: str) -> list[Row]:
    """Rows for the archive at ``address``: medians and 95th percentiles in milliseconds."""
    rows = []
    for mode in (Mode.KEYWORD, Mode.HYBRID):
        command = [sys.executable, "-m", "cli.main", "search", "--archive", address,
                   "--mode", mode.value, QUERIES[0]]  # fmt: skip
        rows.append(Row(f"byline search, {mode.value}, a process", _timed(
            [lambda command=command: subprocess.run(
                command, check=True, capture_output=True, env=ENVIRONMENT)]
            * _PROCESSES)))  # fmt: skip
    with Archive.open(address) as archive:
        as_served()
        rows += [
            Row(f"{mode.value} with highlights, facets, timeline", _within(archive, mode))
            for mode in Mode
        ]
    return rows


def _within(archive: Archive, mode: Mode) -> dict[str, float]:
    facets = tuple(FacetWanted(field) for field in (ValueField.AUTHOR, ValueField.TOPIC))
    calls: list[Callable[[], object]] = []
    for _ in range(_ROUNDS):
        for query in QUERIES:
            request = unremembered(archive.request(query))
            request = replace(request, mode=mode, facets=facets, timeline=Period.YEAR)
            calls.append(lambda request=request: archive.search(request))
    calls[0]()
    return _timed(calls)


def _timed(calls: list[Callable[[], object]]) -> dict[str, float]:
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return {"p50 ms": median(times), "p95 ms": quantiles(times, n=20)[-1]}
