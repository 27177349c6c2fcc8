"""``byline reembed`` in a process of its own, and searches that go on meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from byline.archive import Archive
from byline.derivation import derive
from byline.engines.open import create_engine, open_engine
from byline.records import Article, PartialDate
from byline.request import Mode
from byline.search import Answer
from byline.settings import Settings
from byline.testing.columns import MODEL, FewWords

_ARTICLES = 120
_MODEL = "all-MiniLM-L6-v2"


class _WithItsModel(Archive):
    """Its first model is none that could be found by name."""

    def __init__(self, address: str) -> None:
        super().__init__(open_engine(address), Settings.load({}))
        self._embedder = FewWords()  # type: ignore[assignment]


def column(number: int) -> Article:
    subject = ("rent that a landlord asks", "river in flood", "tram that never came")[number % 3]
    return Article(
        id=f"column-{number:03d}",
        title=f"On the {subject}",
        body=f"Of the {subject} this is number {number}.\n\n" * 3,
        date=PartialDate(1990 + number % 20),
    )


def wait_for_each_mode(answers: list[Answer], after: int) -> None:
    """Until a search in each mode has seen what was written since."""
    last = time.monotonic() + 60
    while time.monotonic() < last:
        if {answer.mode for answer in list(answers) if answer.version > after} == set(Mode):
            return
        time.sleep(0.05)


def test_no_search_fails_or_sees_a_half_while_every_article_is_encoded_anew(
    elastic_address: Callable[[], str], tmp_path: Path
) -> None:
    address = elastic_address()
    made = create_engine(address, MODEL)
    with made.writer() as writer:
        writer.put(derive((column(number) for number in range(_ARTICLES)), FewWords()))
        writer.commit()
    made.close()
    stop = threading.Event()
    answers: list[Answer] = []
    failures: list[Exception] = []

    def search(mode: Mode, archive: Archive) -> None:
        while not stop.is_set():
            try:
                answers.append(archive.search("landlord", mode=mode))
            except Exception as error:  # noqa: BLE001 - the test is that there is none
                failures.append(error)

    with _WithItsModel(address) as archive:
        first = archive.search("landlord", mode=Mode.KEYWORD).version
        threads = [threading.Thread(target=search, args=(mode, archive)) for mode in Mode]
        for thread in threads:
            thread.start()
        command = [sys.executable, "-m", "cli.main", "reembed", "--model", _MODEL]
        home = {"XDG_CONFIG_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
        try:
            done = subprocess.run(
                [*command, "--archive", address],
                env=os.environ | home,
                check=False,
                capture_output=True,
                text=True,
                timeout=300,
            )
            wait_for_each_mode(answers, first)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        after = archive.search("landlord", mode=Mode.SEMANTIC)
        assert archive.manifest.model is not None
        assert archive.manifest.model.dimension == 384
    assert done.returncode == 0, done.stderr
    assert failures == []
    having = _ARTICLES // 3
    for answer in answers:
        # By the first model, and by the second, and by nothing between them.
        assert answer.total.by_words >= having
        assert len(answer.hits) == 10
        assert answer.hits[0].article.title == "On the rent that a landlord asks"
        if answer.mode is Mode.KEYWORD:
            assert answer.total.articles == having
    versions = {answer.version for answer in answers}
    assert len(versions) == 2
    assert {answer.mode for answer in answers if answer.version == max(versions)} == set(Mode)
    assert after.hits[0].article.title == "On the rent that a landlord asks"
