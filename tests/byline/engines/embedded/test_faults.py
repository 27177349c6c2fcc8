"""What is said when the folder is not as it should be, and that nothing is lost by it."""

from __future__ import annotations

import gc
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import weakref
from contextlib import closing
from pathlib import Path

import pytest

from byline.engines.base import Matching, Retrieval, Severity
from byline.engines.embedded import EmbeddedEngine, opening, truth, vector_files, words
from byline.engines.embedded.failures import storage_errors
from byline.engines.open import create_engine, open_engine
from byline.errors import (
    ArchiveDamaged,
    ArchiveNotFound,
    ArchiveReadOnly,
    ArchiveTooNew,
    BadArchiveAddress,
    NotAnArchive,
    StorageFull,
)
from byline.query.tree import Everything
from byline.testing import MODEL, random_archive
from byline.testing.engines import fill, unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive of twenty articles."""
    path = tmp_path / "archive"
    engine = EmbeddedEngine.create(str(path), MODEL)
    fill(engine, random_archive(1, 20))
    engine.close()
    return path


def found(folder: Path) -> tuple[int, int]:
    with EmbeddedEngine.open(str(folder)).reader() as reader:
        both = reader.retrieve(Retrieval(Matching(), vector=unit(0)))
        assert {finding.severity for finding in reader.check()} == {Severity.OK}
        return both.words_total, len(both.meaning)


def test_what_a_search_took_is_free_once_its_reader_ends(folder):
    """Without a look for objects that refer to each other, which a server seldom has: a search of
    a large archive holds a megabyte."""
    engine = EmbeddedEngine.open(str(folder))
    gc.disable()
    try:
        with engine.reader() as reader:
            reader.retrieve(Retrieval(Matching(Everything()), vector=unit(0)))
            ended = weakref.ref(reader)
        del reader
        assert ended() is None
    finally:
        gc.enable()


def test_where_nothing_is_the_near_archive_is_named(folder):
    with pytest.raises(ArchiveNotFound) as caught:
        open_engine(str(folder.with_name("archve")))
    assert f"Did you mean {folder}?" in caught.value.message
    assert "byline index" in caught.value.remedy


def test_what_is_no_archive_is_refused_and_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for action in (open_engine, lambda path: create_engine(path, None)):
        for path in (tmp_path, tmp_path / "notes.txt"):
            with pytest.raises(NotAnArchive):
                action(str(path))
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_database_of_another_program_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / truth.FILE)) as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(NotAnArchive):
        open_engine(str(tmp_path))


def test_addresses_that_no_engine_has_are_refused():
    with pytest.raises(BadArchiveAddress, match="ftp"):
        open_engine("ftp://host/archive")


def test_an_archive_of_a_newer_version_is_refused_and_left_alone(folder):
    with closing(sqlite3.connect(folder / truth.FILE)) as connection, connection:
        connection.execute("UPDATE manifest SET value = '99' WHERE name = 'schema'")
    with pytest.raises(ArchiveTooNew) as caught:
        open_engine(str(folder))
    assert "Upgrade" in caught.value.remedy


def test_a_truncated_database_is_damage_and_says_so(folder):
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = folder / truth.FILE
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ArchiveDamaged), EmbeddedEngine.open(str(folder)).reader() as reader:
        list(reader.scan())


@pytest.mark.parametrize("harm", ["missing", "emptied", "truncated"])
@pytest.mark.parametrize("part", [words.FOLDER, vector_files.FOLDER])
def test_derived_indexes_that_are_lost_are_made_anew(folder, part, harm):
    if harm == "missing":
        shutil.rmtree(folder / part)
    else:
        for path in (folder / part).iterdir():
            size = 0 if harm == "emptied" else path.stat().st_size // 2
            path.write_bytes(path.read_bytes()[:size])
    if harm != "missing" and part == words.FOLDER:
        # A broken index may only show when it is used; rebuilding mends it.
        EmbeddedEngine.open(str(folder)).rebuild()
    assert found(folder) == (20, 20)


def test_check_finds_what_is_wrong_and_names_what_mends_it(folder):
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute("UPDATE articles SET vectors = zeroblob(length(vectors)) WHERE num = 3")
        connection.execute("UPDATE articles SET fingerprint = 'other' WHERE num = 4")
    with EmbeddedEngine.open(str(folder)).reader() as reader:
        damage = [f for f in reader.check() if f.severity is Severity.DAMAGE]
    assert {finding.code for finding in damage} == {"articles", "vector-index"}
    assert any("reembed" in finding.remedy for finding in damage)
    assert any("unit length" in finding.message for finding in damage)
    assert any("fingerprint" in finding.message for finding in damage)


@pytest.mark.parametrize("part", ["vectors", "codes", "spans"])
def test_what_a_model_made_and_cannot_be_read_is_made_again(folder, part):
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute(f"UPDATE articles SET {part} = x'010203' WHERE num = 3")
        (article_id,) = connection.execute("SELECT id FROM articles WHERE num = 3").fetchone()
    engine = EmbeddedEngine.open(str(folder))
    with engine.reader() as reader:
        (damage,) = [f for f in reader.check() if f.severity is Severity.DAMAGE]
    assert article_id in damage.message
    assert "reembed" in damage.remedy
    # Rebuilding cannot mend that, and does what it can all the same.
    engine.rebuild()
    fresh = {stored.article.id: stored for stored in random_archive(1, 20)}
    engine.replace_model(MODEL, lambda old: (fresh[stored.article.id] for stored in old))
    assert found(folder) == (20, 20)


def test_a_reader_that_is_a_commit_behind_sees_one_commit(folder, monkeypatch):
    """As when a disk fills up between the two: SQLite has the commit, the words do not."""
    articles = random_archive(2, 30)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(words.WordsWriter, "commit", full)
        with pytest.raises(StorageFull):
            fill(EmbeddedEngine.open(str(folder)), [articles[0], *articles[20:]])
        with EmbeddedEngine.open(str(folder)).reader() as reader:
            ids = [stored.article.id for stored in reader.scan()]
            assert len(ids) == len(set(ids)) == reader.stats().articles == 20
            assert not reader.fetch([articles[25].article.id])
            assert {finding.severity for finding in reader.check()} == {Severity.OK}
    assert found(folder) == (30, 30)


def test_a_copy_that_cannot_be_written_is_searched_all_the_same(folder, monkeypatch):
    """Root may write anywhere, so the operating system's refusal is played."""
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    refuse(monkeypatch, "immutable")
    assert found(folder) == (20, 20)
    with pytest.raises(ArchiveReadOnly), EmbeddedEngine.open(str(folder)).writer():
        pass


def refuse(monkeypatch, *but):
    """As in a folder that cannot be written: a connection is refused unless its address has one of
    ``but`` in it."""
    real = sqlite3.connect

    def refusing(target, **options):
        if not any(allowed in str(target) for allowed in but):
            raise sqlite3.OperationalError("unable to open database file")
        return real(target, **options)

    monkeypatch.setattr(sqlite3, "connect", refusing)


@pytest.fixture
def copy_of_open(folder, tmp_path):
    """A copy whose last commit is in its log alone, and which has no shared memory."""
    copy = tmp_path / "copy"
    engine = EmbeddedEngine.open(str(folder))
    with engine.reader():
        # While somebody reads, the log cannot be emptied.
        fill(engine, random_archive(2, 30)[20:])
        shutil.copytree(folder, copy)
    (copy / f"{truth.FILE}-shm").unlink()
    return copy


def test_a_copy_of_an_open_archive_that_cannot_be_written_is_searched_all_the_same(
    copy_of_open, monkeypatch
):
    before = {path.name: path.read_bytes() for path in copy_of_open.iterdir() if path.is_file()}
    with monkeypatch.context() as patched:
        refuse(patched, "unix-none", "immutable")
        assert found(copy_of_open) == (30, 30)
        engine = EmbeddedEngine.open(str(copy_of_open))
        with engine.reader() as one, engine.reader() as other:
            assert one.stats().articles == other.stats().articles == 30
    after = {path.name: path.read_bytes() for path in copy_of_open.iterdir() if path.is_file()}
    assert after == before


def test_a_copy_of_an_open_archive_whose_log_cannot_be_read_says_how_to_read_it(
    copy_of_open, monkeypatch
):
    """Where SQLite has no way to read without locks."""
    with monkeypatch.context() as patched:
        refuse(patched, "immutable")
        with (
            pytest.raises(ArchiveReadOnly) as caught,
            EmbeddedEngine.open(str(copy_of_open)).reader(),
        ):
            pass
    assert "-wal" in caught.value.message
    assert "rebuild" not in caught.value.remedy
    # Where it can be written it is read.
    assert found(copy_of_open) == (30, 30)


def test_an_index_that_cannot_be_locked_is_searched_all_the_same(folder):
    """Tantivy locks to read as well. Root may write anywhere, so a folder stands in the way."""
    for path in (folder / words.FOLDER).glob("*.lock"):
        path.unlink()
    lock = folder / words.FOLDER / ".tantivy-meta.lock"
    lock.mkdir()
    assert found(folder) == (20, 20)
    # It was read as it lies there, not made anew, which a folder that is read-only forbids.
    assert lock.is_dir()


FILLS = """
import sys
from byline.engines.embedded import EmbeddedEngine
from byline.errors import StorageFull
from byline.testing import random_archive
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
engine = EmbeddedEngine.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    with engine.writer() as writer:
        for seed in range(100, 140):
            writer.put(random_archive(seed, 200))
            writer.commit()
except StorageFull as error:
    print(error.error_code)
    sys.exit(7)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="waits for limits on file size")
def test_a_full_disk_is_named_and_costs_nothing_that_was_committed(folder):
    limit = max(path.stat().st_size for path in folder.rglob("*") if path.is_file()) + 400_000
    done = subprocess.run(
        [sys.executable, "-c", FILLS, str(folder), str(limit)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (7, "storage-full"), done.stderr[-2000:]
    # There is room again: what was committed is there, and sound.
    total, near = found(folder)
    assert total == near >= 20


@pytest.mark.parametrize(
    ("raised", "becomes"),
    [
        (sqlite3.OperationalError("database or disk is full"), StorageFull),
        (sqlite3.OperationalError("attempt to write a readonly database"), ArchiveReadOnly),
        (sqlite3.DatabaseError("database disk image is malformed"), ArchiveDamaged),
        (OSError(28, "No space left on device"), StorageFull),
        (OSError(13, "Permission denied"), ArchiveReadOnly),
        (OSError(5, "Input/output error"), ArchiveDamaged),
        (ValueError("An IO error occurred: 'No space left on device'"), StorageFull),
        (ValueError("Data corrupted"), ArchiveDamaged),
    ],
    ids=str,
)
def test_what_the_parts_raise_is_never_let_out(tmp_path, raised, becomes):
    with pytest.raises(becomes) as caught, storage_errors(tmp_path):
        raise raised
    assert str(tmp_path) in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("error", [ValueError("mine"), BrokenPipeError(32, "mine")])
def test_what_others_raise_is_not_taken_for_the_archives(folder, error):
    """A closed pipe, or a mistake in whatever uses the engine, says nothing of the archive."""
    engine = EmbeddedEngine.open(str(folder))

    def fails(*_):
        raise error

    def fails_later(stored):
        yield next(stored)
        raise error

    for use in (engine.reader, engine.writer):
        with pytest.raises(type(error), match="mine"), use():
            fails()
    with pytest.raises(type(error), match="mine"), engine.writer() as writer:
        writer.put(map(fails, [None]))
    with pytest.raises(type(error), match="mine"):
        engine.replace_model(MODEL, fails_later)
    assert found(folder) == (20, 20)


def test_what_the_storage_raises_inside_a_method_is_mapped(folder, monkeypatch):
    engine = EmbeddedEngine.open(str(folder))

    def fails(*_, **__):
        raise ValueError("the index is broken")

    with engine.reader() as reader:
        monkeypatch.setattr(truth, "fetch", fails)
        monkeypatch.setattr(truth, "nums_of", lambda *_: {"x": 1})
        for read in (lambda: reader.fetch(["x"]), lambda: list(reader.scan())):
            with pytest.raises(ArchiveDamaged):
                read()
    with pytest.raises(ArchiveDamaged):
        engine.replace_model(MODEL, lambda stored: stored)


def test_what_is_stored_lies_in_the_file_once_nobody_writes(folder):
    """A copy of the file alone, without SQLite's log, loses nothing."""
    engine = EmbeddedEngine.open(str(folder))
    with engine.reader() as reader:
        list(reader.scan())
    fill(engine, random_archive(2, 30)[20:])
    log = folder / f"{truth.FILE}-wal"
    assert not log.exists() or log.stat().st_size == 0


@pytest.fixture
def without_log(folder, tmp_path) -> Path:
    """A copy of an archive to which articles were added, without the log that holds them."""
    engine = EmbeddedEngine.open(str(folder))
    with engine.reader():
        # While somebody reads, the log cannot be emptied.
        fill(engine, random_archive(2, 30)[20:])
        assert (folder / f"{truth.FILE}-wal").stat().st_size > 0
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    return copy


@pytest.mark.parametrize("words_too", [False, True])
def test_commits_that_the_database_lost_are_said_and_not_hidden(without_log, words_too):
    if words_too:
        shutil.rmtree(without_log / words.FOLDER)
    before = {path: path.read_bytes() for path in (without_log / vector_files.FOLDER).iterdir()}
    engine = EmbeddedEngine.open(str(without_log))
    for use in (engine.reader, engine.writer):
        with pytest.raises(ArchiveDamaged, match="lost what was stored last") as caught, use():
            pass
        assert "byline rebuild" in caught.value.remedy
    with pytest.raises(ArchiveDamaged, match="lost what was stored last"):
        engine.replace_model(MODEL, lambda stored: stored)
    # What the indexes still have is not thrown away.
    assert (
        before.items()
        <= {
            path: path.read_bytes() for path in (without_log / vector_files.FOLDER).iterdir()
        }.items()
    )
    # Who is told so may go on with what is left.
    engine.rebuild()
    assert found(without_log) == (20, 20)


def damage(folder: Path) -> dict[str, str]:
    """What a check finds, with what it says to run."""
    with EmbeddedEngine.open(str(folder)).reader() as reader:
        return {f.message: f.remedy for f in reader.check() if f.severity is Severity.DAMAGE}


SOMEWHERE = "WHERE num = 3"
IN_SQLITE = {
    "another number of passages": f"UPDATE articles SET passages = 999 {SOMEWHERE}",
    "words index holds another": (
        f"UPDATE articles SET meta = json_set(meta, '$.summary', json('[\"Other\"]')) {SOMEWHERE}"
    ),
    "words index holds another text or author": (
        f"UPDATE articles SET meta = json_set(meta, '$.authors', json('[\"Other\"]')) {SOMEWHERE}"
    ),
    "origin of no article": "INSERT INTO origins VALUES (9999, 0, 'a', 'b', 'c', 'd')",
    "lacks its own indexes live_id": "DROP INDEX live_id",
}


@pytest.mark.parametrize("said", IN_SQLITE)
def test_what_rebuilding_mends_in_the_database_is_found_and_mended(folder, said):
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(IN_SQLITE[said])
    ((message, remedy),) = damage(folder).items()
    assert said in message
    assert "byline rebuild" in remedy
    EmbeddedEngine.open(str(folder)).rebuild()
    assert found(folder) == (20, 20)


UNREADABLE = {
    "2022-99": "meta = json_set(meta, '$.date', '2022-99')",
    "not a JSON object": "meta = '[]'",
    "cannot be read": "vectors = substr(vectors, 2)",
    "another dimension": "vectors = CAST(vectors || vectors AS BLOB)",
    "codes are all zero": "codes = zeroblob(length(codes))",
}


@pytest.mark.parametrize("said", UNREADABLE)
def test_what_cannot_be_right_in_an_article_is_a_finding(folder, said):
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute(f"UPDATE articles SET {UNREADABLE[said]} WHERE num % 2")
    messages = {message: remedy for message, remedy in damage(folder).items() if said in message}
    assert len(messages) == 1
    assert all(messages.values())


@pytest.mark.parametrize("name", ["*.fast", "*.term", "*.idx", "*.fieldnorm"])
def test_a_file_of_the_words_index_that_changed_is_found_and_made_anew(folder, name):
    (path,) = (folder / words.FOLDER).glob(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    ((message, remedy),) = damage(folder).items()
    assert path.name in message
    assert "byline rebuild" in remedy
    EmbeddedEngine.open(str(folder)).rebuild()
    assert found(folder) == (20, 20)


def test_scales_of_the_vector_index_that_changed_are_found(folder):
    (path,) = (folder / vector_files.FOLDER).glob("scales-*.f32")
    path.write_bytes(bytes(path.stat().st_size))
    ((message, remedy),) = damage(folder).items()
    assert "other vectors than are stored for 20 articles" in message
    assert "byline rebuild" in remedy


@pytest.mark.parametrize("rows", ["-5", '"many"'])
def test_a_state_of_the_vector_index_that_is_none_is_made_anew(folder, rows):
    path = folder / vector_files.FOLDER / "state.json"
    content = path.read_text("utf-8")
    path.write_text(re.sub(r'"rows": \d+', f'"rows": {rows}', content), "utf-8")
    assert path.read_text("utf-8") != content
    assert found(folder) == (20, 20)


def test_a_manifest_without_the_latest_commit_is_damage(folder):
    with closing(opening.connect(folder, writable=True)) as connection:
        connection.execute("DELETE FROM manifest WHERE name = 'version'")
    engine = EmbeddedEngine.open(str(folder))
    with pytest.raises(ArchiveDamaged, match="which commit is the latest"), engine.reader():
        pass


def test_what_an_earlier_version_made_is_made_anew_and_removed(folder):
    old = folder / "words-1"
    (folder / words.FOLDER).rename(old)
    assert found(folder) == (20, 20)
    assert not old.exists()
