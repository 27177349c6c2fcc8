"""Indexing: what becomes of each record, the first time and every time after."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from byline.embedding.embedder import Encoded
from byline.engines.base import Severity
from byline.engines.open import open_engine
from byline.errors import ModelMismatch, ModelNotFound
from byline.records import StoredArticle
from byline.settings import Settings
from byline.testing.engines import same
from indexer import pipeline
from indexer.pipeline import Progress, index, reembed, remove
from indexer.report import Report
from indexer.sources import Format, ReadOptions

SETTINGS = Settings.load({})


@pytest.fixture
def archive(tmp_path: Path) -> str:
    return str(tmp_path / "archive")


def lines(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def record(number: int, **fields: object) -> dict[str, object]:
    body = f"Column number {number}: " + " ".join(f"word{number}x{n}" for n in range(60)) + "."
    return {"id": f"c{number}", "title": f"Title {number}", "text": body, **fields}


def run(archive: str, *sources: Path | str, prune: bool = False) -> Report:
    return index([str(s) for s in sources], archive, settings=SETTINGS, model="none", prune=prune)


def counts(report: Report) -> tuple[int, int, int, int, int]:
    return (
        report.added,
        report.updated,
        report.unchanged,
        report.removed,
        report.duplicates,
    )


def stored(archive: str) -> dict[str, StoredArticle]:
    with open_engine(archive).reader() as reader:
        assert {finding.severity for finding in reader.check()} == {Severity.OK}
        return {found.article.id: found for found in reader.scan()}


def test_the_same_again_is_a_no_op(archive, tmp_path):
    path = lines(tmp_path / "a.jsonl", record(1), record(2))
    assert counts(run(archive, path)) == (2, 0, 0, 0, 0)
    with open_engine(archive).reader() as reader:
        version = reader.version
    assert counts(run(archive, path)) == (0, 0, 2, 0, 0)
    with open_engine(archive).reader() as reader:
        assert reader.version == version


def test_a_changed_record_is_replaced(archive, tmp_path):
    run(archive, lines(tmp_path / "a.jsonl", record(1), record(2)))
    path = lines(tmp_path / "a.jsonl", record(1, title="New"), record(2, text="Other words."))
    assert counts(run(archive, path)) == (0, 2, 0, 0, 0)
    found = stored(archive)
    assert (found["c1"].article.title, found["c2"].article.body) == ("New", "Other words.")
    assert len(found) == 2


def test_two_sources_with_one_text_are_one_article_that_remembers_both(archive, tmp_path):
    first = lines(tmp_path / "a.jsonl", record(1))
    second = lines(tmp_path / "b.jsonl", record(1, id="other", title="Reprint"))
    assert counts(run(archive, first, second)) == (1, 0, 0, 0, 1)
    (article,) = (s.article for s in stored(archive).values())
    assert (article.id, article.title) == ("c1", "Title 1")
    assert [origin.source for origin in article.origins] == [str(first), str(second)]
    assert counts(run(archive, first, second)) == (0, 0, 2, 0, 0)


def test_a_copy_that_changes_becomes_an_article_and_the_other_text_stays(archive, tmp_path):
    first = lines(tmp_path / "a.jsonl", record(1))
    second = lines(tmp_path / "b.jsonl", record(1, id="other"))
    run(archive, first, second)
    lines(second, record(2, id="other"))
    assert counts(run(archive, first, second)) == (1, 0, 1, 0, 0)
    found = stored(archive)
    assert set(found) == {"c1", "other"}
    assert [origin.source for origin in found["c1"].article.origins] == [str(first)]


def test_an_original_that_changes_leaves_the_text_to_its_copy(archive, tmp_path):
    first = lines(tmp_path / "a.jsonl", record(1))
    second = lines(tmp_path / "b.jsonl", record(1, id="other"))
    run(archive, first, second)
    old = stored(archive)["c1"].article.body
    lines(first, record(9, id="c1"))
    run(archive, first, second)
    found = stored(archive)
    assert len(found) == 2
    assert "Column number 9" in found["c1"].article.body
    (kept,) = (s.article for name, s in found.items() if name != "c1")
    assert kept.body == old
    assert [origin.source for origin in kept.origins] == [str(second)]
    assert counts(run(archive, first, second)) == (0, 0, 2, 0, 0)


def test_prune_removes_what_has_vanished_and_only_that(archive, tmp_path):
    folder = tmp_path / "columns"
    folder.mkdir()
    lines(folder / "a.jsonl", record(1), record(2), record(3))
    gone = lines(folder / "b.jsonl", record(4))
    other = lines(tmp_path / "other.jsonl", record(3, id="copy"), record(5))
    run(archive, folder, other)
    lines(folder / "a.jsonl", record(1))
    gone.unlink()
    assert counts(run(archive, folder))[3] == 0
    assert counts(run(archive, folder, prune=True)) == (0, 0, 1, 3 - 1, 0)
    found = stored(archive)
    assert set(found) == {"c1", "c3", "c5"}
    assert [o.source for o in found["c3"].article.origins] == [str(other)]


def test_prune_trusts_no_source_that_was_not_read_to_its_end(archive, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record(1), record(2)]))
    run(archive, path)
    path.write_text("[ broken")
    report = run(archive, path, prune=True)
    assert (report.removed, report.unpruned) == (0, (str(path),))
    assert set(stored(archive)) == {"c1", "c2"}


def test_one_id_for_two_texts_in_one_run_is_refused_by_name(archive, tmp_path):
    path = lines(tmp_path / "a.jsonl", record(1), record(2, id="c1"))
    report = run(archive, path)
    assert counts(report) == (1, 0, 0, 0, 0)
    assert [(row.record, row.code) for row in report.rejected] == [("line 2", "id-conflict")]
    assert "Column number 1" in stored(archive)["c1"].article.body


def test_every_record_is_counted_once_and_what_is_wrong_is_named(archive, tmp_path):
    path = lines(tmp_path / "a.jsonl", record(1), record(2), record(1, id="copy"))
    with path.open("a") as file:
        file.write('{"text": \n{"title": "no body"}\n{"text": ""}\n')
        file.write(json.dumps(record(7, date="2022-02-30")) + "\n")
    report = run(archive, path, tmp_path / "absent.txt")
    assert counts(report) == (3, 0, 0, 0, 1)
    assert [row.code for row in report.rejected] == [
        "bad-json",
        "no-body",
        "empty-body",
        "not-found",
    ]
    assert [(row.record, row.code) for row in report.notes] == [("line 7", "bad-date")]
    assert stored(archive)["c7"].article.date is None


class CountingEncoder:
    """Stands in for a model and counts what it is given; vectors follow from the text."""

    def __init__(self, real: object) -> None:
        self._real = real
        self.identity = real.identity  # type: ignore[attr-defined]
        self.dimension = 384
        self.note = None
        self.passages = 0

    def cut(self, title, body):
        return self._real.cut(title, body)

    def encode(self, items, watch=None):
        self.passages += sum(len(item.passages) for item in items)
        return [self._one(item) for item in items]

    def _one(self, item):
        rows = [
            np.random.default_rng(abs(hash((item.title, item.body[p.start : p.end])))).normal(
                size=384
            )
            for p in item.passages
        ]
        unit = [row / np.linalg.norm(row) for row in rows]
        codes = np.ones((len(item.sentences), 48), np.uint8)
        return Encoded(np.array(unit, np.float16).reshape(-1, 384), codes)


@pytest.fixture
def encoder(monkeypatch):
    from byline.embedding import open_embedder

    counting = CountingEncoder(open_embedder())
    monkeypatch.setattr(pipeline, "open_model", lambda *_, **__: counting)
    return counting


def test_only_what_the_model_reads_anew_is_encoded(archive, tmp_path, encoder):
    path = lines(tmp_path / "a.jsonl", record(1), record(2))
    report = index([str(path)], archive, settings=SETTINGS)
    assert encoder.passages == report.passages > 0
    before = stored(archive)

    encoder.passages = 0
    index([str(path)], archive, settings=SETTINGS)
    copy = lines(tmp_path / "b.jsonl", record(2, id="copy"))
    index([str(path), str(copy)], archive, settings=SETTINGS)
    lines(path, record(1, date="2020"), record(2))
    index([str(path)], archive, settings=SETTINGS)
    assert encoder.passages == 0
    after = stored(archive)
    assert str(after["c1"].article.date) == "2020"
    assert np.array_equal(after["c1"].vectors, before["c1"].vectors)

    lines(path, record(1, title="Another"), record(2))
    index([str(path)], archive, settings=SETTINGS)
    assert encoder.passages == len(before["c1"].passages)


def test_ctrl_c_keeps_what_was_committed_and_the_next_run_goes_on(archive, tmp_path, monkeypatch):
    path = lines(tmp_path / "a.jsonl", *map(record, range(50)))
    monkeypatch.setattr(pipeline, "_BATCH_WITHOUT", 10)
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if progress.records >= 30:
            raise KeyboardInterrupt

    report = index([str(path)], archive, settings=SETTINGS, model="none", watch=stop)
    assert report.interrupted
    assert 0 < report.added < 50
    assert len(stored(archive)) == report.added
    again = run(archive, path)
    assert (again.added, again.unchanged) == (50 - report.added, report.added)
    assert [p.records for p in seen] == sorted(p.records for p in seen)


def test_long_articles_make_small_batches(archive, tmp_path, monkeypatch):
    """What Ctrl-C or a crash costs is a matter of text, not of records."""
    path = lines(tmp_path / "a.jsonl", *map(record, range(50)))
    monkeypatch.setattr(pipeline, "_CHARACTERS_WITHOUT", 2000)

    def stop(progress: Progress) -> None:
        if progress.records >= 30:
            raise KeyboardInterrupt

    report = index([str(path)], archive, settings=SETTINGS, model="none", watch=stop)
    assert 25 <= report.added < 50
    assert len(stored(archive)) == report.added


INDEXES = """
import sys
from byline.testing.dying import counted_calls
from indexer import pipeline
pipeline._BATCH_WITHOUT = 10
with counted_calls(int(sys.argv[3])) as calls:
    pipeline.index([sys.argv[1]], sys.argv[2], model="none")
print(calls.made)
"""


def test_killed_again_and_again_it_ends_as_a_clean_run_does(archive, tmp_path):
    path = lines(tmp_path / "a.jsonl", *map(record, range(100)))
    clean = str(tmp_path / "clean")

    def indexed(address: str, fatal: int = 0) -> tuple[int, str]:
        command = [sys.executable, "-c", INDEXES, str(path), address, str(fatal)]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        return done.returncode, done.stdout

    status, calls = indexed(clean)
    assert status == 0
    rng = random.Random(3)
    # Killed before it is done, wherever in its work that is; what is there speeds up the next.
    for _ in range(6):
        status, _ = indexed(archive, rng.randrange(1, int(calls) // 4))
        assert status == -signal.SIGKILL
        if Path(archive, "archive.sqlite").exists():
            # Whatever there is, is sound: as a rule less than all of it.
            assert len(stored(archive)) % 10 == 0
    run(archive, path)
    killed, wanted = stored(archive), stored(clean)
    assert killed.keys() == wanted.keys()
    for name, found in killed.items():
        origins = tuple(replace(o, fetched_at="") for o in found.article.origins)
        expected = wanted[name]
        same(
            replace(found, article=replace(found.article, origins=origins)),
            replace(
                expected,
                article=replace(
                    expected.article,
                    origins=tuple(replace(o, fetched_at="") for o in expected.article.origins),
                ),
            ),
        )


def test_another_model_than_the_archives_is_refused_with_the_remedy(archive, tmp_path):
    path = lines(tmp_path / "a.jsonl", record(1))
    run(archive, path)
    with pytest.raises(ModelMismatch) as caught:
        index([str(path)], archive, settings=SETTINGS, model="all-MiniLM-L6-v2")
    assert "byline reembed" in caught.value.remedy
    with pytest.raises(ModelNotFound):
        index([str(path)], str(tmp_path / "new"), settings=SETTINGS, model=str(tmp_path / "no"))


def test_no_archive_is_made_of_nothing(archive, tmp_path):
    report = run(archive, tmp_path / "nowhere.txt")
    assert [row.code for row in report.rejected] == ["not-found"]
    assert not Path(archive).exists()


def test_removing_by_id(archive, tmp_path):
    run(archive, lines(tmp_path / "a.jsonl", record(1), record(2)))
    assert remove(["c1", "nobody"], open_engine(archive)) == (1, ("nobody",))
    assert set(stored(archive)) == {"c2"}


def test_vectors_are_added_and_dropped(archive, tmp_path, encoder):
    run(archive, lines(tmp_path / "a.jsonl", record(1), record(2)))
    steps: list[tuple[int, int]] = []
    done = reembed(open_engine(archive), "any", SETTINGS, lambda *step: steps.append(step))
    assert (done, steps[-1]) == (2, (2, 2))
    with open_engine(archive).reader() as reader:
        assert reader.manifest.model == encoder.identity
    assert all(s.vectors is not None for s in stored(archive).values())
    reembed(open_engine(archive), "none", SETTINGS)
    with open_engine(archive).reader() as reader:
        assert reader.manifest.model is None
    assert all(s.vectors is None for s in stored(archive).values())


def test_standard_input(archive):
    import io

    data = json.dumps(record(1)).encode()
    options = ReadOptions(format=Format.JSONL)
    report = index(
        ["-"], archive, settings=SETTINGS, model="none", options=options, stdin=io.BytesIO(data)
    )
    assert counts(report) == (1, 0, 0, 0, 0)


def test_the_real_archives_in_one_go(archive, shared):
    archives = shared / "data" / "archives"
    sources = [
        *sorted(archives.glob("*.jsonl")),
        archives / "18f-posts",
        shared / "data" / "articles",
    ]
    report = run(archive, *sources)
    records = sum(
        len(path.read_text("utf-8").splitlines()) for path in sorted(archives.glob("*.jsonl"))
    )
    records += len(list((archives / "18f-posts").iterdir())) + 1
    added, updated, unchanged, removed, duplicates = counts(report)
    assert added + duplicates == records
    assert (updated, unchanged, removed, report.rejected) == (0, 0, 0, ())
    found = stored(archive)
    assert len(found) == added
    assert sum(len(s.article.origins) - 1 for s in found.values()) == duplicates
    again = run(archive, *sources, prune=True)
    assert counts(again) == (0, 0, records, 0, 0)
