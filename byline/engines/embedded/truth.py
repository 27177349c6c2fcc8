"""The SQLite file: what is stored, and the only part that cannot be made anew.

Every version of an article has a number of its own (``num``), never used again. A replaced or
deleted version keeps its row, marked with the commit that ended it (``died``), until the commit
after that, so that a reader whose derived indexes are one commit behind still finds it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from byline.engines.base import LedgerEntry
from byline.engines.embedded import dictionaries
from byline.engines.embedded.compression import decompress
from byline.engines.embedded.rows import (
    ARTICLE_ALONE,
    COLUMNS,
    WITHOUT_VECTORS,
    from_row,
    passages_in,
    to_rows,
)
from byline.errors import ArchiveDamaged, ArchiveTooNew, NotAnArchive
from byline.records import Manifest, ModelIdentity, Origin, StoredArticle

T = TypeVar("T", int, str)

FILE = "archive.sqlite"
#: What a process that died while it made an archive leaves: that archive was never there.
UNFINISHED = (f"{FILE}.new", f"{FILE}.new-journal")
#: Raised when the stored form changes so that an older Byline would misread it. The first had no
#: dictionaries.
SCHEMA = 2
_APPLICATION_ID = 0x42594C4E  # "BYLN", so that another program's database is told apart.
_CHUNK = 500
#: Rows of a statement: SQLite takes a bounded number of parameters, of old 999.
_ROWS = 100
#: A row ends in a page of its own. Small pages leave the least of it empty: 7 % less on disk than
#: SQLite's usual 4,096, and as fast.
_PAGE_BYTES = 1024

_ORPHANS = "origins WHERE num NOT IN (SELECT num FROM articles)"

_TABLES = (
    """
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
  num INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  meta TEXT NOT NULL,
  body BLOB NOT NULL,
  spans BLOB NOT NULL,
  vectors BLOB,
  codes BLOB,
  passages INTEGER NOT NULL,
  died INTEGER
);
CREATE TABLE origins (
  num INTEGER NOT NULL REFERENCES articles (num) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  source TEXT NOT NULL,
  record TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  fetched_at TEXT NOT NULL,
  PRIMARY KEY (num, place)
) WITHOUT ROWID;
CREATE TABLE pending (
  num INTEGER PRIMARY KEY,
  spans BLOB NOT NULL,
  vectors BLOB,
  codes BLOB,
  passages INTEGER NOT NULL
);
"""
    + dictionaries.TABLE
)

#: By name, what each is on.
_INDEXES = {
    "live_id": "articles (id) WHERE died IS NULL",
    "live_fingerprint": "articles (fingerprint) WHERE died IS NULL",
    "dead": "articles (died) WHERE died IS NOT NULL",
    "origin_source": "origins (source)",
}


def create(folder: Path, manifest: Manifest) -> None:
    """Make the file, whole or, if the process dies meanwhile, not at all."""
    beside = folder / UNFINISHED[0]
    for name in UNFINISHED:
        (folder / name).unlink(missing_ok=True)
    with closing(sqlite3.connect(beside, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        connection.executescript(f"BEGIN; PRAGMA application_id = {_APPLICATION_ID}; {_TABLES}")
        _create_indexes(connection)
        write_manifest(connection, manifest)
        set_version(connection, 0, 0)
        connection.execute("COMMIT")
    beside.rename(folder / FILE)


def _create_indexes(connection: sqlite3.Connection) -> None:
    for name, on in _INDEXES.items():
        unique = "UNIQUE" if name == "live_id" else ""
        connection.execute(f"CREATE {unique} INDEX IF NOT EXISTS {name} ON {on}")


def lacking_indexes(connection: sqlite3.Connection) -> list[str]:
    """Those of SQLite's own that are not there."""
    there = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
    return sorted(_INDEXES.keys() - {name for (name,) in there})


def orphan_origins(connection: sqlite3.Connection) -> int:
    """How many origins are of no article."""
    (count,) = connection.execute(f"SELECT count(*) FROM {_ORPHANS}").fetchone()  # noqa: S608
    return int(count)


def mend(connection: sqlite3.Connection) -> None:
    """Make anew, within SQLite, what follows from the articles themselves."""
    connection.execute("BEGIN IMMEDIATE")
    _create_indexes(connection)
    connection.execute(f"DELETE FROM {_ORPHANS}")  # noqa: S608
    find = dictionaries.finder(connection)
    counted = []
    for num, spans in connection.execute("SELECT num, spans FROM articles"):
        # What cannot be read is mended by encoding anew.
        with suppress(ValueError):
            counted.append((len(passages_in(spans, find)), num))
    connection.executemany(
        "UPDATE articles SET passages = ?1 WHERE num = ?2 AND passages != ?1", counted
    )
    connection.execute("COMMIT")


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    model = json.dumps(asdict(manifest.model)) if manifest.model else ""
    rows = {
        "schema": str(manifest.schema),
        "created": manifest.created,
        "byline": manifest.byline,
        "model": model,
    }
    connection.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", rows.items())


def read_manifest(connection: sqlite3.Connection, folder: Path) -> Manifest:
    """Raises NotAnArchive, ArchiveTooNew, ArchiveDamaged."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
        raise NotAnArchive(f"{folder / FILE} was not made by Byline.")
    rows: dict[str, str] = dict(connection.execute("SELECT name, value FROM manifest"))
    try:
        schema = int(rows["schema"])
        if schema > SCHEMA:
            raise ArchiveTooNew(
                f"The archive {folder} has the stored form {schema}; this Byline reads up to "
                f"{SCHEMA}."
            )
        model = ModelIdentity(**json.loads(rows["model"])) if rows["model"] else None
        return Manifest(schema, rows["created"], rows["byline"], model)
    except (KeyError, ValueError, TypeError) as error:
        raise ArchiveDamaged(f"The manifest of the archive {folder} cannot be read.") from error


def upgrade(connection: sqlite3.Connection, manifest: Manifest) -> Manifest:
    """Bring the stored form up to date, and its manifest."""
    if manifest.schema == SCHEMA:
        return manifest
    upgraded = replace(manifest, schema=SCHEMA)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(dictionaries.TABLE)
    write_manifest(connection, upgraded)
    connection.execute("COMMIT")
    return upgraded


def version(connection: sqlite3.Connection) -> int:
    """The latest commit. Raises ValueError where the manifest does not say."""
    row = connection.execute("SELECT value FROM manifest WHERE name = 'version'").fetchone()
    if row is None:
        raise ValueError("its manifest does not say which commit is the latest")
    return int(row[0])


def set_version(connection: sqlite3.Connection, value: int, before: int) -> None:
    """``before``: the highest number of an article that the commit before has seen."""
    connection.executemany(
        "INSERT OR REPLACE INTO manifest VALUES (?, ?)",
        [("version", str(value)), ("before", str(before))],
    )


def last_num(connection: sqlite3.Connection) -> int:
    """The highest number that was ever given to an article."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'articles'").fetchone()
    return 0 if row is None else int(row[0])


def insert(
    connection: sqlite3.Connection,
    articles: Iterable[tuple[int, StoredArticle]],
    dictionary: bytes = b"",
) -> None:
    """Articles with their new numbers.

    Args:
        dictionary: that their bodies are compressed by, one that is kept; empty for none.
    """
    rest = iter(articles)
    while chunk := list(islice(rest, _ROWS)):
        rows = to_rows([stored for _, stored in chunk], dictionary)
        numbered = [
            (num, *row, len(stored.passages))
            for (num, stored), row in zip(chunk, rows, strict=True)
        ]
        _insert(connection, f"articles (num, {COLUMNS}, passages)", numbered)
        origins = [
            (num, place, origin.source, origin.record, origin.sha256, origin.fetched_at)
            for num, stored in chunk
            for place, origin in enumerate(stored.article.origins)
        ]
        for start in range(0, len(origins), _ROWS):
            _insert(connection, "origins", origins[start : start + _ROWS])


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """In one statement, so that other threads need not wait between rows."""
    marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
    connection.execute(f"INSERT INTO {table} VALUES {marks}", list(chain.from_iterable(rows)))  # noqa: S608


def end(connection: sqlite3.Connection, ids: Sequence[str], at: int) -> dict[str, int]:
    """Mark live versions as ended by commit ``at``: id → number of those that there were."""
    ended: dict[str, int] = {}
    for chunk in _chunks(ids):
        marks = ", ".join("?" * len(chunk))
        ended.update(
            connection.execute(
                f"UPDATE articles SET died = ? WHERE id IN ({marks}) AND died IS NULL "  # noqa: S608
                "RETURNING id, num",
                (at, *chunk),
            )
        )
    return ended


def purge(connection: sqlite3.Connection, before: int) -> None:
    """Remove versions that ended before commit ``before``."""
    connection.execute("DELETE FROM articles WHERE died < ?", (before,))


def live(connection: sqlite3.Connection, at: int) -> str:
    """The condition under which a row was live at commit ``at``, the last or the one before, for
    use in SQL."""
    if at == version(connection):
        return "died IS NULL"
    condition = f"(died IS NULL OR died > {int(at)})"
    # Archives that an earlier version wrote to last do not say what the last commit added.
    row = connection.execute("SELECT value FROM manifest WHERE name = 'before'").fetchone()
    return condition if row is None else f"{condition} AND num <= {int(row[0])}"


def fetch(
    connection: sqlite3.Connection,
    nums: Sequence[int],
    *,
    vectors: bool = True,
    passages: bool = True,
) -> dict[int, StoredArticle]:
    """By number; whatever is not there is left out.

    Args:
        vectors: whether vectors and sentences' codes are wanted, which are most of an article.
        passages: whether these and sentences are, with or without vectors.
    """
    columns = ARTICLE_ALONE if not passages else COLUMNS if vectors else WITHOUT_VECTORS
    found: dict[int, StoredArticle] = {}
    dictionary_of = dictionaries.finder(connection)
    for chunk in _chunks(nums):
        marks = ", ".join("?" * len(chunk))
        origins = _origins(connection, chunk)
        rows = connection.execute(
            f"SELECT num, {columns} FROM articles WHERE num IN ({marks})",  # noqa: S608
            chunk,
        )
        for num, *row in rows:
            found[num] = from_row(tuple(row), origins.get(num, ()), dictionary_of)
    return found


def _origins(connection: sqlite3.Connection, nums: Sequence[int]) -> dict[int, tuple[Origin, ...]]:
    marks = ", ".join("?" * len(nums))
    rows = connection.execute(
        f"SELECT num, source, record, sha256, fetched_at FROM origins WHERE num IN ({marks}) "  # noqa: S608
        "ORDER BY num, place",
        nums,
    )
    found: dict[int, tuple[Origin, ...]] = {}
    for num, *parts in rows:
        found[num] = (*found.get(num, ()), Origin(*parts))
    return found


def nums_of(
    connection: sqlite3.Connection, column: str, values: Sequence[str], at: int
) -> dict[str, int]:
    """Value of ``id`` or ``fingerprint`` → number of the live article that has it."""
    found: dict[str, int] = {}
    condition = live(connection, at)
    for chunk in _chunks(values):
        marks = ", ".join("?" * len(chunk))
        found.update(
            connection.execute(
                f"SELECT {column}, max(num) FROM articles "  # noqa: S608
                f"WHERE {column} IN ({marks}) AND {condition} GROUP BY {column}",
                chunk,
            )
        )
    return found


def ids_of(connection: sqlite3.Connection, nums: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in _chunks(nums):
        marks = ", ".join("?" * len(chunk))
        found.update(
            connection.execute(f"SELECT num, id FROM articles WHERE num IN ({marks})", chunk)  # noqa: S608
        )
    return found


def vectors_of(connection: sqlite3.Connection, nums: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Number → its vectors' bytes, in no order."""
    for chunk in _chunks(nums):
        marks = ", ".join("?" * len(chunk))
        yield from connection.execute(
            f"SELECT num, vectors FROM articles WHERE num IN ({marks}) AND vectors IS NOT NULL",  # noqa: S608
            chunk,
        )


def last_bodies(connection: sqlite3.Connection, count: int, most: int) -> list[bytes]:
    """The beginnings, of ``most`` bytes each, of the ``count`` newest articles; none where there
    are fewer."""
    query = "SELECT body FROM articles ORDER BY num DESC LIMIT ?"
    (there,) = connection.execute(f"SELECT count(*) FROM ({query})", (count,)).fetchone()  # noqa: S608
    if there < count:
        return []
    find = dictionaries.finder(connection)
    return [decompress(body, find)[:most] for (body,) in connection.execute(query, (count,))]


def scan_nums(connection: sqlite3.Connection, at: int) -> Iterator[list[int]]:
    """Numbers of the live articles in the order of their ids, a chunk at a time."""
    rows = connection.execute(
        f"SELECT num FROM articles WHERE {live(connection, at)} ORDER BY id"  # noqa: S608
    )
    while chunk := [num for (num,) in islice(rows, _CHUNK)]:
        yield chunk


def ledger(connection: sqlite3.Connection, source: str, at: int) -> Iterator[LedgerEntry]:
    """Of ``source`` itself and of what lies below it."""
    below = source.rstrip("/\\")
    rows = connection.execute(
        "SELECT o.source, o.record, o.sha256, a.id FROM origins o JOIN articles a USING (num) "  # noqa: S608
        f"WHERE {live(connection, at)} AND "
        "(o.source = ?1 OR (o.source >= ?2 || '/' AND o.source < ?2 || '0')"
        " OR (o.source >= ?2 || '\\' AND o.source < ?2 || ']'))"
        " ORDER BY o.source, o.num, o.place",
        (source, below),
    )
    for parts in rows:
        yield LedgerEntry(*parts)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """SQLite takes a bounded number of parameters."""
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
