"""Opening an archive's SQLite file, also where nothing beside it can be written."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from byline.engines.embedded.truth import FILE

#: The most that SQLite maps, as it is built by default.
_MAPPED_BYTES = 0x7FFF0000


def connect(folder: Path, *, writable: bool) -> sqlite3.Connection:
    """Open the file. ``writable`` is for the holder of the writer's lock alone.

    A reader's connection can create the shared-memory file that WAL needs; in a folder that
    cannot be written, and so by nobody who would be waited for, it reads without.
    """
    path = folder / FILE
    if writable:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        # A commit is on the disk when it returns: what is said to be indexed, is.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    address = f"{path.absolute().as_uri()}?mode=ro"
    with suppress(sqlite3.OperationalError):
        return _reading(address)
    # Who has the archive open to write has shared memory there; beside him locks are needed.
    if _has_log(folder) and not (folder / f"{FILE}-shm").exists():
        # Without locks, what the log holds is kept in mind instead.
        with suppress(sqlite3.OperationalError):
            return _reading(f"{address}&vfs=unix-none", Unchanging)
    return _reading(f"{address}&immutable=1", WithoutLog)


class Unchanging(sqlite3.Connection):
    """Sees nothing of what is written after it was opened."""


class WithoutLog(Unchanging):
    """Nor what the log holds."""


def passes_over_log(folder: Path, connection: sqlite3.Connection) -> bool:
    """Whether the log holds something that this connection does not see."""
    return isinstance(connection, WithoutLog) and _has_log(folder)


def _has_log(folder: Path) -> bool:
    log = folder / f"{FILE}-wal"
    return log.exists() and log.stat().st_size > 0


def _reading(uri: str, kind: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, factory=kind
    )
    try:
        if kind is Unchanging:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # Vectors and bodies lie on chains of pages; mapped, each link is no call of the system.
        connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring what the log holds into the file itself, and empty the log.

    A copy of the file alone then holds everything. Where a reader is at work or the disk is full,
    as much as can be; the log has the rest, as before.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
