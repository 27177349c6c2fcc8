"""How far long work has come: a bar on standard error, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from cli.render.numbers import duration, rate
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
            # Encoding passages is what takes the time, where there is a model.
            counted = (now.passages, "passages") if now.passages else (now.records, "records")
            show(now.bytes_done, now.bytes_total, *counted, f"{now.records:,} records")

        yield report


#: Called with done, total (in any unit), what the rate counts, its unit, and what to say.
_Show = Callable[[int, int, int, str, str], None]


@contextmanager
def _shown(what: str) -> Iterator[_Show]:
    if not is_terminal(sys.stderr):
        yield _SparseLines(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn
    from rich.progress import TextColumn as Column
    from rich.text import Text

    class TimeLeft(ProgressColumn):
        """From how long what is done has taken, counted down between reports."""

        def render(self, task: Task) -> Text:
            ends: float | None = task.fields["ends"]
            if ends is None:
                return Text()
            return Text(f"{duration(max(1, round(ends - monotonic())))} left")

    columns = (
        Column("{task.description}"),
        BarColumn(bar_width=16),
        TaskProgressColumn(),
        Column("{task.fields[said]}"),
        Column("{task.fields[rate]}"),
        TimeLeft(),
    )
    started = monotonic()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, refresh_per_second=5) as progress:
        nothing: dict[str, Any] = {"said": "", "rate": "", "ends": None}
        task = progress.add_task(what, total=None, **nothing)

        def show(done: int, total: int, counted: int, unit: str, said: str) -> None:
            now = monotonic()
            seconds = now - started
            told = seconds > 1 and done > 0
            fields: dict[str, Any] = {
                "said": said,
                "rate": f"{rate(counted / seconds)} {unit}/s" if told else "",
                "ends": now + seconds * (total - done) / done if told and total else None,
            }
            progress.update(task, completed=done, total=total or None, **fields)

        yield show


class _SparseLines:
    """A line now and then, for logs."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._said = monotonic()

    def __call__(self, done: int, total: int, counted: int, unit: str, said: str) -> None:
        del counted, unit
        now = monotonic()
        if now - self._said >= _SPARSE:
            self._said = now
            share = f" ({done / total:.0%})" if total else ""
            complain(f"{self._what}: {said}{share}")
