"""Bodies are compressed by what an archive's own articles repeat, and are never lost by it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from byline.engines.base import Severity
from byline.engines.embedded import EmbeddedEngine, opening, truth
from byline.engines.embedded.compression import LEARNT_FROM, compress, decompress, learn
from byline.errors import ArchiveDamaged
from byline.records import StoredArticle
from byline.testing import random_archive
from byline.testing.engines import fill

ARTICLES = random_archive(7, LEARNT_FROM + 50, vectors=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of as many articles as a dictionary wants, and one of fifty more."""
    folder = tmp_path_factory.mktemp("large") / "archive"
    engine = EmbeddedEngine.create(str(folder), None)
    fill(engine, ARTICLES[:LEARNT_FROM])
    fill(engine, ARTICLES[LEARNT_FROM:])
    engine.close()
    return folder


def bodies(folder: Path) -> dict[str, str]:
    with EmbeddedEngine.open(str(folder)).reader() as reader:
        return {stored.article.id: stored.article.body for stored in reader.scan()}


def given(articles: list[StoredArticle]) -> dict[str, str]:
    return {stored.article.id: stored.article.body for stored in articles}


def share_of_text(folder: Path, articles: list[StoredArticle]) -> float:
    """Bytes on disk for each byte of the bodies."""
    ids = [stored.article.id for stored in articles]
    marks = ", ".join("?" * len(ids))
    with closing(sqlite3.connect(folder / truth.FILE)) as connection:
        (stored,) = connection.execute(
            f"SELECT sum(length(body)) FROM articles WHERE id IN ({marks})", ids
        ).fetchone()
    return float(stored) / sum(len(one.article.body.encode()) for one in articles)


def test_articles_after_the_first_thousand_take_much_less(whole):
    first, later = ARTICLES[:50], ARTICLES[LEARNT_FROM:]
    assert share_of_text(whole, later) < 0.8 * share_of_text(whole, first)
    assert bodies(whole) == given(ARTICLES)
    with EmbeddedEngine.open(str(whole)).reader() as reader:
        assert {finding.severity for finding in reader.check()} == {Severity.OK}


def test_without_its_dictionary_an_archive_says_that_it_is_damaged(whole, tmp_path):
    copy = tmp_path / "archive"
    with closing(opening.connect(whole, writable=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy.mkdir()
    (copy / truth.FILE).write_bytes((whole / truth.FILE).read_bytes())
    with closing(sqlite3.connect(copy / truth.FILE)) as connection, connection:
        connection.execute("DELETE FROM dictionaries")

    # Another thread, as it has not the dictionary from before; another process has not either.
    said: list[BaseException] = []

    def read() -> None:
        try:
            bodies(copy)
        except ArchiveDamaged as error:
            said.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert "dictionary" in str(said[0])


def test_an_archive_of_the_first_form_is_read_and_brought_up_to_date(tmp_path):
    folder = tmp_path / "archive"
    fill(EmbeddedEngine.create(str(folder), None), ARTICLES[:10])
    with closing(sqlite3.connect(folder / truth.FILE)) as connection, connection:
        connection.execute("DROP TABLE dictionaries")
        connection.execute("UPDATE manifest SET value = '1' WHERE name = 'schema'")
    assert bodies(folder) == given(ARTICLES[:10])
    fill(EmbeddedEngine.open(str(folder)), ARTICLES[10:])
    with EmbeddedEngine.open(str(folder)).reader() as reader:
        assert reader.manifest.schema == truth.SCHEMA
    assert bodies(folder) == given(ARTICLES)


@pytest.mark.parametrize("place", [-1, 20])
def test_a_text_that_was_damaged_is_refused_not_read_wrongly(place):
    learnt = learn([stored.article.body.encode() for stored in ARTICLES])
    assert learnt is not None
    number, dictionary = learnt
    packed = bytearray(*compress([ARTICLES[0].article.body.encode()], dictionary))
    packed[place] ^= 1
    with pytest.raises(ValueError, match="cannot be read"):
        decompress(bytes(packed), {number: dictionary}.__getitem__)


@pytest.mark.parametrize("few", [[], [b"one"], [b""] * 3])
def test_what_repeats_nothing_teaches_nothing(few):
    assert learn(few) is None


def test_where_texts_repeat_nothing_a_dictionary_is_sought_again_only_in_twice_as_many(
    tmp_path, monkeypatch
):
    sought = []

    def in_vain(texts):
        sought.append(len(texts))

    monkeypatch.setattr("byline.engines.embedded.writer.learn", in_vain)
    monkeypatch.setattr("byline.engines.embedded.writer.LEARNT_FROM", 20)
    engine = EmbeddedEngine.create(str(tmp_path / "archive"), None)
    for start in range(0, 100, 10):
        fill(engine, ARTICLES[start : start + 10])
    # With 20 articles, with 40 and with 80.
    assert sought == [20, 20, 20]
    with engine.reader() as reader:
        assert reader.stats().articles == 100
