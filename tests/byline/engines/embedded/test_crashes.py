"""A writer killed at any moment: whole batches only, nothing lost, and the work can go on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from byline.engines.base import Matching, Retrieval, Severity
from byline.engines.embedded import EmbeddedEngine
from byline.engines.embedded.lock import WriterLock
from byline.errors import ArchiveBusy, ArchiveNotFound, NotAnArchive
from byline.testing import MODEL, random_archive
from byline.testing.engines import fill, same, unit

BATCH, BATCHES, SEED = 15, 14, 77

WRITER = f"""
import sys
from byline.engines.embedded import EmbeddedEngine
from byline.testing import random_archive
from byline.testing.dying import counted_calls
articles = random_archive({SEED}, {BATCH * BATCHES})
with counted_calls(int(sys.argv[2]), float(sys.argv[3])) as calls:
    engine = EmbeddedEngine.open(sys.argv[1])
    with engine.reader() as reader:
        start = reader.stats().articles
    opening = calls.made
    with engine.writer() as writer:
        for first in range(start, len(articles), {BATCH}):
            writer.put(articles[first : first + {BATCH}])
            writer.commit()
print(opening, calls.made)
"""


def write(folder: str, fatal: int = 0, delay: float = 0.0) -> tuple[int, str]:
    """The exit status of a writer that goes on where the last one ended, and what it printed."""
    command = [sys.executable, "-c", WRITER, folder, str(fatal), str(delay)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout


def whole(engine: EmbeddedEngine) -> int:
    """How many articles every part of the archive has, and all of them are sound."""
    with engine.reader() as reader:
        found = len(list(reader.scan()))
        assert reader.retrieve(Retrieval(Matching())).words_total == found
        assert len(reader.retrieve(Retrieval(Matching(), vector=unit(1))).meaning) == found
        assert {finding.severity for finding in reader.check()} == {Severity.OK}
    return found


def whole_batches(engine: EmbeddedEngine) -> int:
    """How many articles a reader sees, which is a number of whole batches, and sound."""
    wanted = sorted(stored.article.id for stored in random_archive(SEED, BATCH * BATCHES))
    with engine.reader() as reader:
        ids = [stored.article.id for stored in reader.scan()]
    assert len(ids) % BATCH == 0
    assert ids == wanted[: len(ids)]
    assert whole(engine) == len(ids)
    return len(ids)


def test_killed_at_any_moment_the_archive_holds_whole_batches_and_goes_on(tmp_path):
    """One archive, killed again and again at random moments until the work is done.

    The moments are counted in the writer's own calls, up to seven batches from its start, so that
    neither a fast machine nor a slow one changes how often it is killed, and where.
    """
    clean, folder = str(tmp_path / "clean"), str(tmp_path / "archive")
    for path in (clean, folder):
        EmbeddedEngine.create(path, MODEL).close()
    status, printed = write(clean)
    assert status == 0
    opening, total = map(int, printed.split())
    latest = opening + 7 * (total - opening) // BATCHES
    rng = random.Random(5)
    kills, seen = 0, 0
    for _ in range(60):
        # Half of them are ended by the system a little later, in the midst of a C function.
        delay = rng.choice([0, rng.uniform(0.0001, 0.003)])
        status, _ = write(folder, rng.randrange(1, latest), delay)
        assert status in (0, -signal.SIGALRM if delay else -signal.SIGKILL)
        kills += status != 0
        now = whole_batches(EmbeddedEngine.open(folder))
        assert now >= seen
        seen = now
        if seen == BATCH * BATCHES:
            break
    assert seen == BATCH * BATCHES
    assert kills >= 5
    with EmbeddedEngine.open(clean).reader() as one, EmbeddedEngine.open(folder).reader() as other:
        for found, wanted in zip(other.scan(), one.scan(), strict=True):
            same(found, wanted)


#: Where a writer can die between the steps of a commit: the function that is not reached.
STEPS = [
    "byline.engines.embedded.codes.CodesWriter.append",
    "byline.engines.embedded.vector_files.write_state",
    "byline.engines.embedded.words.WordsWriter.delete",
    "byline.engines.embedded.words.WordsWriter.commit",
]

DIES = """
import importlib, os, sys
from byline.engines.embedded import EmbeddedEngine
from byline.testing import random_archive
path, name = sys.argv[2].rsplit(".", 1)
try:
    holder = importlib.import_module(path)
except ModuleNotFoundError:
    module, kind = path.rsplit(".", 1)
    holder = getattr(importlib.import_module(module), kind)
engine = EmbeddedEngine.open(sys.argv[1])
with engine.writer() as writer:
    setattr(holder, name, lambda *_: os._exit(9))
    writer.delete(["id/000 é"])
    writer.put(random_archive(3, 30)[20:])
    writer.commit()
"""


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.rsplit(".", 1)[1])
def test_a_commit_that_died_half_way_is_completed_by_the_next_to_open(tmp_path, step):
    folder = str(tmp_path / "archive")
    engine = EmbeddedEngine.create(folder, MODEL)
    articles = random_archive(3, 30)
    fill(engine, articles[:20])
    with engine.reader() as before:
        died = subprocess.run([sys.executable, "-c", DIES, folder, step], check=False)
        assert died.returncode == 9
        # Whoever was reading goes on reading what was there.
        assert len(list(before.scan())) == 20
    with EmbeddedEngine.open(folder).reader() as reader:
        ids = {stored.article.id for stored in reader.scan()}
        assert ids == {stored.article.id for stored in articles[1:]}
        assert reader.retrieve(Retrieval(Matching())).words_total == 29
        assert {finding.severity for finding in reader.check()} == {Severity.OK}


MAKES = """
import sys
from byline.engines.embedded import EmbeddedEngine
from byline.testing import MODEL
from byline.testing.dying import counted_calls
# One beforehand, so that nothing is imported while calls are counted.
EmbeddedEngine.create(sys.argv[1] + "-before", MODEL)
with counted_calls(int(sys.argv[2])) as calls:
    EmbeddedEngine.create(sys.argv[1], MODEL)
print(calls.made)
"""


def test_killed_while_it_is_made_an_archive_is_not_there_or_whole(tmp_path):
    def make(folder: str, fatal: int = 0) -> tuple[int, str]:
        command = [sys.executable, "-c", MAKES, folder, str(fatal)]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        return done.returncode, done.stdout

    status, calls = make(str(tmp_path / "clean"))
    assert status == 0
    made = 0
    for part in range(1, 6):
        folder = str(tmp_path / f"archive-{part}")
        assert make(folder, int(calls) * part // 6)[0] == -signal.SIGKILL
        try:
            engine = EmbeddedEngine.open(folder)
            made += 1
        except ArchiveNotFound:
            engine = EmbeddedEngine.create(folder, MODEL)
        fill(engine, random_archive(3, 3))
        assert whole(engine) == 3
    assert 0 < made < 5


def test_who_comes_while_an_archive_is_made_is_told_so(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    lock = WriterLock(folder)
    lock.acquire()
    with pytest.raises(ArchiveBusy, match=str(os.getpid())):
        EmbeddedEngine.create(str(folder), MODEL)
    lock.release()
    EmbeddedEngine.create(str(folder), MODEL)
    with pytest.raises(NotAnArchive):
        EmbeddedEngine.create(str(folder), MODEL)
