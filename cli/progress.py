"""How far long work has come: a bar on standard error, if that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.terminal import complain, is_terminal

if TYPE_CHECKING:
    from indexer.pipeline import Progress as Reading

#: Seconds between lines where nobody watches a bar but somebody may read a log.
_SPARSE = 30.0


@contextmanager
def counting(what: str, unit: str = "articles") -> Iterator[Callable[[int, int], None]]:
    """A callback for (done, total). On a terminal it moves a bar with rate and time left; else
    it writes a plain line now and then."""
    with _shown(what) as show:

        def report(done: int, total: int) -> None:
            whole = f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"
            show(done, total, done, unit, whole)

        yield report


@contextmanager
def reading() -> Iterator[Callable[[Reading], None]]:
    """A callback for how far the reading of sources has come, shown in the same way."""
    with _shown("Indexing") as show:

        def report(now: Reading) -> None:
            counts = f"{now.records:,} records"
            if now.passages:
                counts += f", {now.passages:,} passages"
            show(now.bytes_done, now.bytes_total, now.records, "records", counts)

        yield report


#: Called with done, total (in any unit), what the rate counts, its unit, and what to say.
_Show = Callable[[int, int, int, str, str], None]


@contextmanager
def _shown(what: str) -> Iterator[_Show]:
    if not is_terminal(sys.stderr):
        yield _SparseLines(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
        TextColumn("{task.fields[rate]}", style="progress.data.speed"),
        TimeLeft(compact=True, elapsed_when_finished=True),
    )
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None, said="", rate="")

        def show(done: int, total: int, counted: int, unit: str, said: str) -> None:
            seconds = time.monotonic() - started
            rate = f"{counted / seconds:,.0f} {unit}/s" if seconds > 1 else ""
            fields: dict[str, Any] = {"said": said, "rate": rate}
            progress.update(task, completed=done, total=total or None, **fields)

        yield show


class _SparseLines:
    """A line now and then, for logs."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._said = time.monotonic()

    def __call__(self, done: int, total: int, counted: int, unit: str, said: str) -> None:
        del counted, unit
        now = time.monotonic()
        if now - self._said >= _SPARSE:
            self._said = now
            share = f" ({done / total:.0%})" if total else ""
            complain(f"{self._what}: {said}{share}")
