"""Bringing the derived indexes in step with SQLite. The caller holds the writer's lock."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from byline.engines.embedded import codes, opening, truth, vector_files, words
from byline.engines.embedded.rows import unpack_vectors
from byline.engines.embedded.vector_files import VectorFiles, vectors_key
from byline.engines.embedded.words import WordsSnapshot, WordsWriter
from byline.errors import ArchiveDamaged, ArchiveReadOnly
from byline.records import Manifest
from byline.wording.numbers import counted

#: The vector index is made anew when more of its rows than this are of articles that are gone.
_MOST_DEAD = 0.4
_BATCH = 1000

Progress = Callable[[int, int], None]


def require_all_commits(folder: Path, connection: sqlite3.Connection) -> None:
    """SQLite commits first, so an index that is ahead of it shows that SQLite has lost commits.

    Safe beside a writer: what the indexes have seen is read first.

    Raises:
        ArchiveDamaged: it has. To bring the indexes in step would only hide it.
        ArchiveReadOnly: they are in SQLite's log, which cannot be read in this folder.
    """
    seen, last = _seen_by_words(folder), _seen_by_codes(folder)
    version = truth.version(connection)
    has_vectors = truth.read_manifest(connection, folder).model is not None
    if seen <= version and not (has_vectors and last > truth.last_num(connection)):
        return
    if opening.passes_over_log(folder, connection):
        raise ArchiveReadOnly(
            f"What was stored last in the archive {folder} is in its {truth.FILE}-wal, which can "
            "be read only in a folder that can be written to; nothing is lost.",
            remedy="Make the folder writable, copy it whole to one that is, or copy the original "
            "again once nobody has it open.",
        )
    (left,) = connection.execute("SELECT count(*) FROM articles WHERE died IS NULL").fetchone()
    raise ArchiveDamaged(
        f"The archive {folder} has lost what was stored last: its search indexes have seen "
        f"articles that {truth.FILE} does not hold, as when {truth.FILE}-wal was removed, cut "
        "short or left out of a copy. Nothing was changed.",
        remedy="Restore the whole folder from a copy; or run `byline rebuild` to go on with the "
        f"{counted(left, 'article')} left, and index the sources again.",
    )


def _seen_by_words(folder: Path) -> int:
    """The latest commit; -1 where that cannot be read."""
    try:
        return WordsSnapshot(words.open_index(folder)).version
    except ValueError:
        return -1


def _seen_by_codes(folder: Path) -> int:
    """The highest article number."""
    try:
        return vector_files.read_state(folder).last_num
    except (OSError, ValueError):
        return 0


def catch_up(folder: Path, connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Whatever a crash, a copy or a new version left behind is put right."""
    _catch_up_words(folder, connection)
    _catch_up_codes(folder, connection, manifest)


def _catch_up_words(folder: Path, connection: sqlite3.Connection) -> None:
    version = truth.version(connection)
    try:
        index = words.open_index(folder)
        snapshot = WordsSnapshot(index)
    except ValueError:
        rebuild_words(folder, connection)
        return
    if snapshot.version == version:
        return
    there = set(snapshot.nums(snapshot.compiler.everything()).tolist())
    live = {num for chunk in truth.scan_nums(connection, version) for num in chunk}
    writer = WordsWriter(index)
    writer.clear()
    writer.delete(there - live)
    missing = iter(sorted(live - there))
    while batch := list(islice(missing, _BATCH)):
        for num, stored in truth.fetch(connection, batch, passages=False).items():
            writer.add(num, stored.article)
    writer.commit(version)
    writer.close()


def _catch_up_codes(folder: Path, connection: sqlite3.Connection, manifest: Manifest) -> None:
    if manifest.model is None:
        return
    try:
        state = vector_files.read_state(folder)
    except (OSError, ValueError):
        rebuild_codes(folder, connection, manifest)
        return
    if state.key != vectors_key(manifest) or _too_many_dead(folder, connection):
        rebuild_codes(folder, connection, manifest)
        return
    rows = connection.execute(
        "SELECT num, vectors FROM articles "
        "WHERE num > ? AND died IS NULL AND vectors IS NOT NULL ORDER BY num",
        (state.last_num,),
    )
    missing = list(_unpacked(rows, state.dimension))
    if missing:
        codes.CodesWriter(folder, state).append(iter(missing))


def _too_many_dead(folder: Path, connection: sqlite3.Connection) -> bool:
    there = len(VectorFiles(folder).snapshot.nums)
    (live,) = connection.execute("SELECT count(*) FROM articles WHERE died IS NULL").fetchone()
    return there > _BATCH and there - live > _MOST_DEAD * there


def rebuild_words(
    folder: Path, connection: sqlite3.Connection, progress: Progress | None = None
) -> None:
    """Make the Tantivy index anew beside the old one, then put it in its place."""
    beside = folder / f"{words.FOLDER}.new"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        _index_words(words.create_index(beside), connection, progress)
    except BaseException:
        # On a disk that is full, half an index would only be in the way.
        shutil.rmtree(beside, ignore_errors=True)
        raise
    there = folder / words.FOLDER
    old = folder / f"{words.FOLDER}.old"
    shutil.rmtree(old, ignore_errors=True)
    if there.exists():
        there.rename(old)
    beside.rename(there)
    # With the old one, what earlier versions of Byline made.
    for other in folder.glob("words-*"):
        if other != there:
            shutil.rmtree(other, ignore_errors=True)


def _index_words(
    index: tantivy.Index, connection: sqlite3.Connection, progress: Progress | None
) -> None:
    """Put every article into an empty index."""
    writer = WordsWriter(index)
    version = truth.version(connection)
    (total,) = connection.execute("SELECT count(*) FROM articles WHERE died IS NULL").fetchone()
    done = 0
    for chunk in truth.scan_nums(connection, version):
        for num, stored in sorted(truth.fetch(connection, chunk, passages=False).items()):
            writer.add(num, stored.article)
        done += len(chunk)
        if progress:
            progress(done, total)
    writer.commit(version)
    writer.close()


def rebuild_codes(folder: Path, connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Make the vector index anew in a new generation of files."""
    if manifest.model is None:
        return
    try:
        generation = vector_files.read_state(folder).generation + 1
    except (OSError, ValueError):
        there = (folder / vector_files.FOLDER).glob("codes-*.i8")
        generation = 1 + max((int(path.stem.split("-")[1]) for path in there), default=0)
    dimension = manifest.model.dimension
    writer = codes.start_generation(folder, generation, dimension, vectors_key(manifest))
    rows = connection.execute(
        "SELECT num, vectors FROM articles WHERE died IS NULL AND vectors IS NOT NULL ORDER BY num"
    )
    writer.append(_unpacked(rows, dimension))
    vector_files.remove_others(folder, writer.state)


def _unpacked(
    rows: Iterator[tuple[int, bytes]], dimension: int
) -> Iterator[tuple[int, npt.NDArray[np.float16]]]:
    for num, data in rows:
        if len(data) % (2 * dimension):
            # What cannot be read is found by the check, and mended by encoding anew.
            continue
        yield num, unpack_vectors(data, len(data) // (2 * dimension))
