"""How far long work has come: a bar on standard error, if that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.terminal import complain, is_terminal

#: Seconds between lines where nobody watches a bar but somebody may read a log.
_SPARSE = 30.0


@contextmanager
def counting(what: str, unit: str = "articles") -> Iterator[Callable[[int, int], None]]:
    """A callback for (done, total). On a terminal it moves a bar with rate and time left; else
    it writes a plain line now and then."""
    if not is_terminal(sys.stderr):
        yield _SparseLines(what, unit)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    class Rate(TextColumn):
        """Work done each second."""

        def __init__(self) -> None:
            super().__init__("")

        def render(self, task):  # type: ignore[no-untyped-def]
            from rich.text import Text

            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f} {unit}/s" if speed else "", style="progress.data.speed")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        yield report


class _SparseLines:
    def __init__(self, what: str, unit: str) -> None:
        self._what, self._unit = what, unit
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said >= _SPARSE:
            self._said = now
            whole = f" of {total:,}" if total else ""
            complain(f"{self._what}: {done:,}{whole} {self._unit}")
