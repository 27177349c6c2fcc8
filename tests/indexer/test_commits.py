"""Commits made while the next batch is read: counted when they are done, whatever comes between."""

from __future__ import annotations

import threading

import pytest

from byline.errors import StorageFull
from indexer.commits import committing

#: Seconds after which a test that hangs fails.
LONG = 30


class Slow:
    """A writer whose commit lasts until it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.let_go = threading.Event()
        self.made = 0
        self._error = error

    def commit(self) -> int:
        assert self.let_go.wait(LONG)
        if self._error is not None:
            raise self._error
        self.made += 1
        return self.made


def test_whoever_begins_a_commit_goes_on_and_it_is_counted_when_it_is_done():
    writer, counted = Slow(), []
    with committing(writer.commit, lambda: counted.append(writer.made)) as commits:
        commits.begin()
        assert counted == []
        writer.let_go.set()
        commits.wait()
        assert counted == [1]
        commits.wait()
        assert counted == [1]
        commits.begin()
    assert counted == [1, 2]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_what_stops_the_reading_does_not_stop_a_commit(stop):
    writer, counted = Slow(), []
    threading.Timer(0.05, writer.let_go.set).start()

    def stopped() -> None:
        with committing(writer.commit, lambda: counted.append(writer.made)) as commits:
            commits.begin()
            raise stop

    with pytest.raises(stop):
        stopped()
    assert counted == [1]


def test_what_a_commit_raises_is_raised_to_whoever_waits_and_nothing_is_counted():
    writer, counted = Slow(StorageFull("The disk is full.")), []
    writer.let_go.set()
    with committing(writer.commit, lambda: counted.append(1)) as commits:
        commits.begin()
        with pytest.raises(StorageFull):
            commits.wait()
    assert counted == []


def test_a_commit_that_fails_is_told_of_though_nobody_waits():
    writer = Slow(StorageFull("The disk is full."))
    writer.let_go.set()
    with pytest.raises(StorageFull), committing(writer.commit, lambda: None) as commits:
        commits.begin()
