"""A writer's commits, each made while the next batch is read."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as until_done
from types import TracebackType
from typing import Self

from byline.engines.base import Writer


class Commits:
    """Whoever has begun one waits for it before the writer, or what it wrote, is used again.

    On leaving it waits as well, so that nothing is under way when the writer is closed.

    Args:
        done: called after each, in the thread that waits.
    """

    def __init__(self, writer: Writer, done: Callable[[], None]) -> None:
        self._writer = writer
        self._done = done
        self._thread = ThreadPoolExecutor(1, "commit")
        self._under_way: Future[int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()

    def begin(self) -> None:
        self._under_way = self._thread.submit(self._writer.commit)

    def wait(self) -> None:
        """Raises what the commit raised. Interrupted, it can be called again."""
        if self._under_way is not None:
            until_done([self._under_way])
            done, self._under_way = self._under_way, None
            done.result()
            self._done()
