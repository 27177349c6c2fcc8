"""Opening and making an archive in a folder, and giving out its readers and writers."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from byline.engines.base import Capabilities
from byline.engines.embedded import opening, truth, words
from byline.engines.embedded.connections import ReadConnections
from byline.engines.embedded.failures import guarded_items, storage_errors
from byline.engines.embedded.lock import LOCK_FILES, WriterLock
from byline.engines.embedded.reader import EmbeddedReader
from byline.engines.embedded.vector_files import VectorFiles, vectors_key
from byline.engines.embedded.words import WordsSnapshot
from byline.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveError,
    ArchiveNotFound,
    ArchiveReadOnly,
    NotAnArchive,
    StorageFull,
)
from byline.records import Manifest, ModelIdentity, StoredArticle, utc_now

if TYPE_CHECKING:
    from byline.engines.embedded.writer import EmbeddedWriter

_CAPABILITIES = Capabilities(
    name="embedded", exact_neighbours=True, instant_visibility=True, served=False
)
#: How long a reader waits for a commit that is between its steps; they lie milliseconds apart.
_PATIENCE_SECONDS = 5.0


class EmbeddedEngine:
    """One archive in a folder. Use :meth:`open` or :meth:`create`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._words: WordsSnapshot | None = None
        self._vectors: VectorFiles | None = None
        self._connections = ReadConnections(folder)

    @classmethod
    def open(cls, address: str) -> Self:
        """Open what is there.

        Raises:
            ArchiveNotFound: there is no such folder, or it is empty.
            NotAnArchive: something else is there.
            ArchiveTooNew, ArchiveDamaged: see their docs.
        """
        folder = Path(address).expanduser()
        _require_archive(folder)
        with storage_errors(folder), closing(opening.connect(folder, writable=False)) as connection:
            truth.read_manifest(connection, folder)
        return cls(folder)

    @classmethod
    def create(cls, address: str, model: ModelIdentity | None) -> Self:
        """Make an empty archive in a folder that is new or empty.

        Raises:
            NotAnArchive: something is there already.
            ArchiveBusy: another process is making one there.
            ArchiveReadOnly, StorageFull: it cannot be written.
        """
        # Imported here, as elsewhere in this module what a search does without.
        from importlib.metadata import version as package_version

        from byline.engines.embedded import derived

        folder = Path(address).expanduser()
        with storage_errors(folder):
            _require_room(folder)
            folder.mkdir(parents=True, exist_ok=True)
            lock = WriterLock(folder)
            lock.acquire()
            try:
                # Another process may have made one since.
                _require_room(folder)
                manifest = Manifest(truth.SCHEMA, utc_now(), package_version("byline"), model)
                truth.create(folder, manifest)
                with closing(opening.connect(folder, writable=True)) as connection:
                    derived.catch_up(folder, connection, manifest)
            finally:
                lock.release()
        return cls(folder)

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    @property
    def address(self) -> str:
        return str(self._folder)

    @contextmanager
    def reader(self) -> Iterator[EmbeddedReader]:
        folder = self._folder
        with self._connections.one() as connection:
            with storage_errors(folder):
                words_now, vectors_now = self._pin(connection)
                manifest = truth.read_manifest(connection, folder)
            yield EmbeddedReader(folder, connection, manifest, words_now, vectors_now)

    def _pin(self, connection: sqlite3.Connection) -> tuple[WordsSnapshot, VectorFiles | None]:
        """A snapshot of SQLite and of the derived indexes that fit together.

        A commit reaches Tantivy last, so Tantivy may be one commit behind; the rows of that
        commit are still there. Where it is not in step for long, a writer died: what it left
        is caught up with, if nobody writes and the folder can be written.
        """
        give_up = time.monotonic() + _PATIENCE_SECONDS
        helped = False
        while True:
            connection.execute("BEGIN")
            version = truth.version(connection)
            key = vectors_key(truth.read_manifest(connection, self._folder))
            pair = self._snapshots(version, key)
            if pair is not None and (helped or pair[0].version == version):
                return pair
            connection.execute("ROLLBACK")
            self._require_all_commits(connection)
            if pair is not None:
                # Behind by one: a writer is about to finish, or died before it could.
                with suppress(StorageFull):
                    self._help()
                helped = True
            elif not helped:
                helped = self._help()
            elif time.monotonic() > give_up:
                raise ArchiveDamaged(
                    f"The indexes of the archive {self._folder} are not in step with what is "
                    "stored.",
                    remedy="Run `byline rebuild`; nothing has to be encoded again.",
                )
            else:
                time.sleep(0.01)

    def _require_all_commits(self, connection: sqlite3.Connection) -> None:
        from byline.engines.embedded import derived

        derived.require_all_commits(self._folder, connection)

    def _snapshots(self, version: int, key: str) -> tuple[WordsSnapshot, VectorFiles | None] | None:
        """The derived indexes as a reader of commit ``version`` can use them, if they are so.

        Those of the last reader serve again while no commit has come between.
        """
        with self._guard:
            if self._words is None or self._words.version != version:
                try:
                    self._words = WordsSnapshot(words.open_index(self._folder))
                except ValueError:
                    self._words = None
                    return None
                self._vectors = None
            if self._words.version not in (version, version - 1):
                return None
            if key and (self._vectors is None or self._vectors.state.key != key):
                try:
                    self._vectors = VectorFiles(self._folder)
                except (OSError, ValueError):
                    return None
                if self._vectors.state.key != key:
                    return None
            return self._words, self._vectors if key else None

    def _help(self) -> bool:
        """Catch up, if no writer is at it. Whether to stop trying that."""
        try:
            with self._writing():
                return True
        except ArchiveBusy:
            return False
        except ArchiveReadOnly:
            return True

    @contextmanager
    def _writing(self) -> Iterator[tuple[sqlite3.Connection, Manifest]]:
        """The writer's lock, with everything in step."""
        from byline.engines.embedded import derived

        folder = self._folder
        lock = WriterLock(folder)
        with storage_errors(folder):
            lock.acquire()
        try:
            with storage_errors(folder):
                # By a connection that only reads: to close one that writes could remove the log.
                with closing(opening.connect(folder, writable=False)) as reading:
                    derived.require_all_commits(folder, reading)
                connection = opening.connect(folder, writable=True)
            with closing(connection):
                with storage_errors(folder):
                    manifest = truth.read_manifest(connection, folder)
                    manifest = truth.upgrade(connection, manifest)
                    derived.catch_up(folder, connection, manifest)
                try:
                    yield connection, manifest
                finally:
                    opening.checkpoint(connection)
        finally:
            lock.release()

    @contextmanager
    def writer(self) -> Iterator[EmbeddedWriter]:
        from byline.engines.embedded.writer import EmbeddedWriter

        with self._writing() as (connection, manifest):
            with storage_errors(self._folder):
                writer = EmbeddedWriter(self._folder, connection, manifest)
            try:
                yield writer
            finally:
                writer.close()

    def replace_model(
        self,
        model: ModelIdentity | None,
        articles: Callable[[Iterator[StoredArticle]], Iterator[StoredArticle]],
    ) -> int:
        from byline.engines.embedded import derived, reembedding

        foreign: list[Exception] = []

        def renewed(stored: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
            try:
                yield from articles(guarded_items(self._folder, stored))
            except (OSError, ValueError) as error:
                foreign.append(error)
                raise

        with self._writing() as (connection, manifest):
            try:
                with storage_errors(self._folder):
                    version = reembedding.replace_model(connection, manifest, model, renewed)
                    fresh = truth.read_manifest(connection, self._folder)
                    # Even for the same model: the index may lack what could not be read before.
                    derived.rebuild_codes(self._folder, connection, fresh)
                    derived.catch_up(self._folder, connection, fresh)
            except ArchiveError as error:
                if error.__cause__ in foreign:
                    # Not the storage's, but of whatever makes the articles.
                    raise error.__cause__ from None
                raise
            return version

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        from byline.engines.embedded import derived

        folder = self._folder
        lock = WriterLock(folder)
        with storage_errors(folder):
            lock.acquire()
            try:
                with closing(opening.connect(folder, writable=True)) as connection:
                    manifest = truth.read_manifest(connection, folder)
                    truth.mend(connection)
                    derived.rebuild_codes(folder, connection, manifest)
                    derived.rebuild_words(folder, connection, progress)
                    opening.checkpoint(connection)
            finally:
                lock.release()
        with self._guard:
            self._words = self._vectors = None

    def close(self) -> None:
        self._connections.close()
        with self._guard:
            self._words = self._vectors = None


def _require_archive(folder: Path) -> None:
    if (folder / truth.FILE).is_file():
        return
    if folder.is_dir() and not _is_vacant(folder):
        raise NotAnArchive(f"{folder} is a folder, but not an archive that Byline made.")
    if folder.exists() and not folder.is_dir():
        raise NotAnArchive(f"{folder} is a file; an archive is a folder.")
    raise ArchiveNotFound(f"There is no archive at {folder}.{_near(folder)}")


def _require_room(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and _is_vacant(folder)):
        raise NotAnArchive(f"{folder} is not empty, so no archive was made there.")


def _is_vacant(folder: Path) -> bool:
    """Empty but for what a process leaves that died before it had made an archive."""
    return all(path.name in (*truth.UNFINISHED, *LOCK_FILES) for path in folder.iterdir())


def _near(folder: Path) -> str:
    """`` Did you mean …?`` where a folder beside it is an archive with a name like it."""
    from difflib import get_close_matches

    try:
        beside = [path.name for path in folder.absolute().parent.iterdir() if path.is_dir()]
    except OSError:
        return ""
    archives = [name for name in beside if (folder.absolute().parent / name / truth.FILE).is_file()]
    near = get_close_matches(folder.name, archives, n=1)
    return f" Did you mean {folder.with_name(near[0])}?" if near else ""
