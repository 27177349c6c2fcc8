"""A writer's commits, each made while the next batch is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as until_done
from contextlib import contextmanager


class Commits:
    """Whoever has begun one waits for it before the writer, or what it wrote, is used again.

    Args:
        commit: makes one.
        done: called after each, in the thread that waits.
        thread: in which they are made.
    """

    def __init__(
        self, commit: Callable[[], int], done: Callable[[], None], thread: ThreadPoolExecutor
    ) -> None:
        self._commit = commit
        self._done = done
        self._thread = thread
        self._under_way: Future[int] | None = None

    def begin(self) -> None:
        self._under_way = self._thread.submit(self._commit)

    def wait(self) -> None:
        """Raises what the commit raised. Interrupted, it can be called again."""
        if self._under_way is not None:
            until_done([self._under_way])
            done, self._under_way = self._under_way, None
            done.result()
            self._done()


@contextmanager
def committing(commit: Callable[[], int], done: Callable[[], None]) -> Iterator[Commits]:
    """Leaving it waits, whatever stopped the work: no writer is closed while it commits."""
    with ThreadPoolExecutor(1, "commit") as thread:
        commits = Commits(commit, done, thread)
        try:
            yield commits
        finally:
            commits.wait()
