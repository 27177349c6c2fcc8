"""A writer killed at any moment: whole batches only, nothing lost, and the work can go on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from byline.engines.base import Matching, Retrieval, Severity
from byline.engines.embedded import EmbeddedEngine
from byline.testing import MODEL, random_archive
from byline.testing.suite import fill, same, unit

BATCH, BATCHES, SEED = 15, 14, 77

WRITER = f"""
import sys
from byline.engines.embedded import EmbeddedEngine
from byline.testing import random_archive
articles = random_archive({SEED}, {BATCH * BATCHES})
engine = EmbeddedEngine.open(sys.argv[1])
with engine.reader() as reader:
    start = reader.stats().articles
print("started", flush=True)
with engine.writer() as writer:
    for first in range(start, len(articles), {BATCH}):
        writer.put(articles[first : first + {BATCH}])
        writer.commit()
"""


def whole_batches(engine: EmbeddedEngine) -> int:
    """How many articles a reader sees, which is a number of whole batches, and sound."""
    wanted = {stored.article.id: stored for stored in random_archive(SEED, BATCH * BATCHES)}
    with engine.reader() as reader:
        found = list(reader.scan())
        assert len(found) % BATCH == 0
        assert [s.article.id for s in found] == sorted(wanted)[: len(found)]
        assert reader.retrieve(Retrieval(Matching())).words_total == len(found)
        assert len(reader.retrieve(Retrieval(Matching(), vector=unit(1))).meaning) == len(found)
        assert {finding.severity for finding in reader.check()} == {Severity.OK}
    return len(found)


def test_killed_at_any_moment_the_archive_holds_whole_batches_and_goes_on(tmp_path):
    """One archive, killed again and again at random moments until the work is done."""
    rng = random.Random(5)
    folder = str(tmp_path / "archive")
    EmbeddedEngine.create(folder, MODEL).close()
    kills, seen = 0, 0
    for _ in range(40):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.uniform(0, 0.5))
        killed = writer.poll() is None
        if killed:
            os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        kills += killed
        now = whole_batches(EmbeddedEngine.open(folder))
        assert now >= seen
        seen = now
        if seen == BATCH * BATCHES:
            break
    assert seen == BATCH * BATCHES
    assert kills > 2
    clean = EmbeddedEngine.create(str(tmp_path / "clean"), MODEL)
    fill(clean, random_archive(SEED, BATCH * BATCHES))
    with clean.reader() as one, EmbeddedEngine.open(folder).reader() as other:
        for found, wanted in zip(other.scan(), one.scan(), strict=True):
            same(found, wanted)


#: Where a writer can die between the steps of a commit: the function that is not reached.
STEPS = [
    "byline.engines.embedded.codes.CodesWriter.append",
    "byline.engines.embedded.codes.write_state",
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
