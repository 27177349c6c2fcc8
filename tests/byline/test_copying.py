"""Copies between archives, of one engine and of two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byline import copying
from byline.copying import compare, copy, differences, findings_against, open_or_create
from byline.engines.base import Engine, Severity
from byline.engines.open import create_engine, open_engine
from byline.errors import BadArchiveAddress, ModelMismatch
from byline.settings import Settings
from byline.testing import MODEL, random_archive

ARTICLES = random_archive(21, 40)


@pytest.fixture(params=["folder to folder", "folder to server", "server to folder"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, str]]:
    """A filled archive and the address of one to be made."""
    if "server" in request.param:
        make: Callable[[], str] = request.getfixturevalue("elastic_address")
        served = make()
    folder = str(tmp_path / "one")
    first, second = {
        "folder to folder": (folder, str(tmp_path / "two")),
        "folder to server": (folder, served if "server" in request.param else ""),
        "server to folder": (served if "server" in request.param else "", folder),
    }[request.param]
    source = create_engine(first, MODEL)
    with source.writer() as writer:
        writer.put(ARTICLES)
        writer.commit()
    yield source, second
    source.close()


def severities(first: Engine, second: Engine) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in findings_against(first, second)}


def test_a_copy_is_equal_and_done_again_writes_nothing(pair: tuple[Engine, str]) -> None:
    source, address = pair
    target = open_or_create(address, source, Settings.load({}))
    done = copy(source, target)
    assert (done.added, done.unchanged, done.updated) == (len(ARTICLES), 0, 0)
    assert severities(source, target) == {"models": Severity.OK, "equal": Severity.OK}
    with target.reader() as reader:
        assert {finding.severity for finding in reader.check()} == {Severity.OK}
        version = reader.version
        for one, other in zip(reader.scan(), sorted(ARTICLES, key=_id), strict=True):
            assert differences(one, other) == ()
    again = copy(source, target)
    assert (again.added, again.unchanged) == (0, len(ARTICLES))
    with target.reader() as reader:
        assert reader.version == version
    target.close()


def _id(stored: object) -> str:
    return str(stored.article.id)  # type: ignore[attr-defined]


def test_differences_are_found_named_and_mended(pair: tuple[Engine, str]) -> None:
    source, address = pair
    target = open_or_create(address, source, Settings.load({}))
    copy(source, target)
    changed, gone = ARTICLES[3], ARTICLES[5]
    assert changed.vectors is not None
    (stranger,) = random_archive(99, 1)
    stranger = replace(stranger, article=replace(stranger.article, id="stranger"))
    turned = replace(changed, vectors=(-changed.vectors.astype(np.float32)).astype(np.float16))
    with target.writer() as writer:
        writer.put([turned, stranger])
        writer.delete([gone.article.id])
        writer.commit()
    with source.reader() as first, target.reader() as second:
        found = compare(first, second)
    assert found.named_different == {changed.article.id: ("vectors",)}
    assert (found.named_first, found.named_second) == ([gone.article.id], ["stranger"])
    said = list(findings_against(source, target))
    assert {one.code for one in said if one.severity is Severity.DAMAGE} == {
        "lacking",
        "beyond",
        "different",
    }
    assert all(target.address in one.remedy for one in said if one.remedy)
    done = copy(source, target)
    assert (done.added, done.updated, done.beyond, done.removed) == (1, 1, 1, 0)
    assert copy(source, target, prune=True).removed == 1
    assert "equal" in severities(source, target)
    target.close()


def test_a_copy_that_was_killed_goes_on(pair: tuple[Engine, str]) -> None:
    """Between two commits, and whatever holds the target must not be waited for."""
    source, address = pair
    script = (
        "import os, signal, sys\n"
        "from byline import copying\n"
        "from byline.engines.open import open_engine\n"
        "from byline.settings import Settings\n"
        "copying._BATCH = 10\n"
        "def stop(done, total):\n"
        "    if done == 25: os.kill(os.getpid(), signal.SIGKILL)\n"
        "source = open_engine(sys.argv[1])\n"
        "target = copying.open_or_create(sys.argv[2], source, Settings.load())\n"
        "copying.copy(source, target, progress=stop)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, source.address, address],
        check=False,
        timeout=120,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == -signal.SIGKILL
    target = open_engine(address)
    rest = copy(source, target)
    assert (rest.unchanged, rest.added) == (20, len(ARTICLES) - 20)
    assert "equal" in severities(source, target)
    target.close()


def test_batches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_BATCH_BYTES", 1000)
    source = create_engine(str(tmp_path / "one"), MODEL)
    with source.writer() as writer:
        writer.put(ARTICLES)
        writer.commit()
    target = open_or_create(str(tmp_path / "two"), source, Settings.load({}))
    copy(source, target)
    with target.reader() as reader:
        assert reader.version > 5
    source.close()
    target.close()


def test_many_are_removed_together(pair: tuple[Engine, str]) -> None:
    """Each by itself would take a server a request."""
    source, address = pair
    target = open_or_create(address, source, Settings.load({}))
    strangers = [
        replace(one, article=replace(one.article, id=f"stranger-{number:02d}"))
        for number, one in enumerate(random_archive(77, 12))
    ]
    copy(source, target)
    with target.writer() as writer:
        writer.put(strangers)
        writer.commit()
    removals: list[list[str]] = []

    class Watched:
        """The target, whose writer's removals are counted."""

        def __getattr__(self, name: str) -> Any:
            return getattr(target, name)

        @contextmanager
        def writer(self) -> Iterator[Any]:
            with target.writer() as made:
                delete = made.delete

                def counted(ids: Iterable[str]) -> int:
                    removals.append(list(ids))
                    return delete(removals[-1])

                made.delete = counted  # type: ignore[method-assign]
                yield made

    done = copy(source, Watched(), prune=True)
    assert done.removed == len(strangers)
    assert [len(ids) for ids in removals if ids] == [len(strangers)]
    assert "equal" in severities(source, target)
    target.close()


def test_archives_that_cannot_be_equal_are_refused(tmp_path: Path) -> None:
    source = create_engine(str(tmp_path / "one"), MODEL)
    for model in (None, replace(MODEL, weights="d" * 64)):
        other = create_engine(str(tmp_path / f"two-{model is None}"), model)
        with pytest.raises(ModelMismatch, match="different models"):
            copy(source, other)
        assert severities(source, other)["models"] is Severity.DAMAGE
        other.close()
    with pytest.raises(BadArchiveAddress, match="itself"):
        open_or_create(source.address, source, Settings.load({}))
    source.close()
