"""The dictionary that an archive's bodies are compressed by (:mod:`.compression`), kept beside
them: without it they cannot be read.
"""

from __future__ import annotations

import sqlite3

from byline.engines.embedded.compression import DictionaryOf

TABLE = "CREATE TABLE dictionaries (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"


def kept(connection: sqlite3.Connection) -> bytes:
    """Empty for none."""
    row = connection.execute("SELECT bytes FROM dictionaries LIMIT 1").fetchone()
    return b"" if row is None else bytes(row[0])


def keep(connection: sqlite3.Connection, number: int, dictionary: bytes) -> None:
    """In the transaction that is under way; nothing may be compressed by it before that ends."""
    connection.execute("INSERT INTO dictionaries VALUES (?, ?)", (number, dictionary))


def tried_at(connection: sqlite3.Connection) -> int:
    """The highest number of an article when it was last tried, in vain, to make a dictionary."""
    row = connection.execute(
        "SELECT value FROM manifest WHERE name = 'no dictionary at'"
    ).fetchone()
    return 0 if row is None else int(row[0])


def tried(connection: sqlite3.Connection, last_num: int) -> None:
    """The texts repeat nothing; in the transaction that is under way."""
    row = ("no dictionary at", str(last_num))
    connection.execute("INSERT OR REPLACE INTO manifest VALUES (?, ?)", row)


def finder(connection: sqlite3.Connection) -> DictionaryOf:
    """What finds a dictionary by its number; raises ValueError where it is not there."""

    def find(number: int) -> bytes:
        row = connection.execute(
            "SELECT bytes FROM dictionaries WHERE number = ?", (number,)
        ).fetchone()
        if row is None:
            raise ValueError(f"the dictionary {number}, which texts are compressed by, is missing")
        return bytes(row[0])

    return find
