"""What a disk that is full costs: nothing. Whichever part meets it, it is named as what it is, the
archive is searched meanwhile, and with room again the same command does its work.

The disk is real and small, in a namespace of its own that ends with the process.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Takes the name of an action; fills the disk but for some room, from none to enough, and acts.
ACTS = """
import shutil, subprocess, sys
from pathlib import Path
from byline.engines.base import Matching, Retrieval, Severity
from byline.engines.embedded import EmbeddedEngine
from byline.errors import StorageFull
from byline.testing import MODEL, random_archive
from byline.testing.engines import fill, unit

disk = Path(sys.argv[2])
mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
subprocess.run(mount, check=True)
ARTICLES = random_archive(3, 60)
folder = disk / "archive"

def make():
    if sys.argv[1] != "create":
        engine = EmbeddedEngine.create(str(folder), MODEL)
        fill(engine, ARTICLES[:40])
        engine.close()

def act():
    if sys.argv[1] == "create":
        engine = EmbeddedEngine.create(str(folder), MODEL)
        fill(engine, ARTICLES[:40])
        engine.close()
        return
    engine = EmbeddedEngine.open(str(folder))
    try:
        match sys.argv[1]:
            case "add":
                fill(engine, ARTICLES[40:])
            case "remove":
                with engine.writer() as writer:
                    writer.delete([stored.article.id for stored in ARTICLES[:7]])
                    writer.commit()
            case "rebuild":
                engine.rebuild()
            case "reembed":
                engine.replace_model(MODEL, lambda stored: stored)
    finally:
        engine.close()

def state():
    engine = EmbeddedEngine.open(str(folder))
    try:
        with engine.reader() as reader:
            bad = [f for f in reader.check() if f.severity is Severity.DAMAGE]
            assert not bad, bad
            found = reader.retrieve(Retrieval(Matching(), vector=unit(0)))
            assert found.words_total == len(found.meaning) == reader.stats().articles
            return found.words_total
    finally:
        engine.close()

before, after = {"create": (0, 40), "add": (40, 60), "remove": (40, 33)}.get(sys.argv[1], (40, 40))
failed = 0
for room in range(0, 4000, int(sys.argv[3])):
    make()
    rest = shutil.disk_usage(disk).free - room * 1024
    with (disk / "fill").open("wb") as file:
        file.write(bytes(rest))
    try:
        act()
        done = True
    except StorageFull as error:
        done = False
        failed += 1
        assert str(folder) in error.message and "Make room" in error.remedy, error
    if sys.argv[1] != "create" or done:
        assert state() in ((after,) if done else (before, after)), room
    (disk / "fill").unlink()
    if not done:
        if sys.argv[1] == "create" and (folder / "archive.sqlite").exists():
            shutil.rmtree(folder)
        act()
    assert state() == after, room
    shutil.rmtree(folder)
    if done:
        break
print(failed, done)
"""

SPACE = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.fixture
def disk(tmp_path):
    """Where a small disk can be mounted."""
    try:
        trial = [*SPACE, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
        allowed = subprocess.run(trial, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("waits for a system that lets its users mount a disk of their own")
    return tmp_path


@pytest.mark.parametrize("action", ["create", "add", "remove", "rebuild", "reembed"])
def test_a_full_disk_is_named_costs_nothing_and_is_got_over(disk, action):
    # Steps differ, so that another part meets the end of the disk in each.
    step = {"create": 52, "add": 36, "remove": 14, "rebuild": 30, "reembed": 28}[action]
    done = subprocess.run(
        [*SPACE, sys.executable, "-c", ACTS, action, str(disk), str(step)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    failed, at_last = done.stdout.split()
    assert int(failed) >= 2
    assert at_last == "True"
