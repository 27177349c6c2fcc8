"""Connections to an archive's SQLite file that readers use one after the other.

Opening one for each search would take a millisecond and start with nothing in its cache.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from byline.engines.embedded import opening, truth
from byline.engines.embedded.failures import storage_errors

#: Connections that wait for a reader; those beyond are closed.
_MOST_IDLE = 8


class ReadConnections:
    """Those of one engine. Any thread may take one; nobody else has it meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._idle: list[tuple[tuple[int, int], sqlite3.Connection]] = []

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """A connection outside a transaction; it is left so."""
        with storage_errors(self._folder):
            file, connection = self._taken()
        try:
            yield connection
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except BaseException:
            connection.close()
            raise
        self._give_back(file, connection)

    def close(self) -> None:
        """Those that wait."""
        with self._guard:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def __del__(self) -> None:
        self.close()

    def _taken(self) -> tuple[tuple[int, int], sqlite3.Connection]:
        file = self._file()
        with self._guard:
            idle, self._idle = self._idle, []
            fresh = [one for one in idle if one[0] == file]
            found = fresh.pop() if fresh else None
            self._idle = fresh
        # Where another archive has come to stand in the folder, the old one's are of no use.
        for other, connection in idle:
            if other != file:
                connection.close()
        return found or (file, opening.connect(self._folder, writable=False))

    def _give_back(self, file: tuple[int, int], connection: sqlite3.Connection) -> None:
        with self._guard:
            if len(self._idle) < _MOST_IDLE and not isinstance(connection, opening.Unchanging):
                self._idle.append((file, connection))
                return
        connection.close()

    def _file(self) -> tuple[int, int]:
        """Which file the archive's is. Where it is gone, opening it says so."""
        try:
            found = (self._folder / truth.FILE).stat()
        except OSError:
            return 0, 0
        return found.st_dev, found.st_ino
