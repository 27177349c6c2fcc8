"""Which article a record is, as sources change: nothing is lost, mixed up or encoded twice."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byline.engines.base import Severity
from byline.engines.open import open_engine
from byline.records import Article
from byline.settings import Settings
from indexer import resolution
from indexer.pipeline import index
from indexer.report import Report
from indexer.sources import Format, ReadOptions

SETTINGS = Settings.load({})


def body(number: int) -> str:
    return f"Column number {number}: " + " ".join(f"word{number}x{n}" for n in range(60)) + "."


class Paper:
    """An archive, and files that it is made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = str(folder / "archive")

    def write(self, name: str, *records: object) -> Path:
        """JSON Lines; a number stands for a record that has a text and no id."""
        path = self.folder / name
        whole = [{"text": body(one)} if isinstance(one, int) else one for one in records]
        path.write_text("".join(json.dumps(one) + "\n" for one in whole))
        return path

    def index(self, *sources: Path | str, **options: object) -> Report:
        return index(
            [str(source) for source in sources],
            self.archive,
            settings=SETTINGS,
            model="none",
            **options,  # type: ignore[arg-type]
        )

    def articles(self) -> dict[str, Article]:
        with open_engine(self.archive).reader() as reader:
            assert {finding.severity for finding in reader.check()} == {Severity.OK}
            return {found.article.id: found.article for found in reader.scan()}

    def ids(self) -> dict[str, str]:
        """Text → the id of its article."""
        return {article.body: article_id for article_id, article in self.articles().items()}


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


def changes(report: Report) -> dict[str, int]:
    names = ("added", "updated", "unchanged", "removed", "duplicates", "passages")
    counted = {name: getattr(report, name) for name in names}
    return {name: count for name, count in counted.items() if count}


def test_a_line_on_top_of_a_file_without_ids_is_one_new_article(paper):
    path = paper.write("a.jsonl", *range(10))
    per_article = paper.index(path).passages // 10
    before = paper.ids()
    paper.write("a.jsonl", 99, *range(10))
    assert changes(paper.index(path)) == {"added": 1, "unchanged": 10, "passages": per_article}
    after = paper.ids()
    assert {text: after[text] for text in before} == before
    assert changes(paper.index(path, prune=True)) == {"unchanged": 11}


def test_a_line_taken_out_leaves_its_article_until_it_is_pruned(paper):
    path = paper.write("a.jsonl", *range(10))
    paper.index(path)
    before = paper.ids()
    paper.write("a.jsonl", *range(3), *range(4, 10))
    assert changes(paper.index(path)) == {"unchanged": 9}
    assert paper.ids() == before
    assert changes(paper.index(path, prune=True)) == {"unchanged": 9, "removed": 1}
    del before[body(3)]
    assert paper.ids() == before


def test_a_changed_line_without_an_id_is_the_same_article(paper):
    path = paper.write("a.jsonl", 1, 2, 3)
    paper.index(path)
    before = paper.ids()
    paper.write("a.jsonl", 1, 22, 3)
    report = paper.index(path)
    assert (report.added, report.updated, report.unchanged) == (0, 1, 2)
    after = paper.ids()
    assert set(after) == {body(number) for number in (1, 22, 3)}
    assert after[body(22)] == before[body(2)]


def test_what_is_changed_and_moved_at_once_is_new_and_the_old_one_is_pruned(paper):
    path = paper.write("a.jsonl", 1, 2, 3)
    paper.index(path)
    paper.write("a.jsonl", 99, 1, 22, 3)
    assert paper.index(path).added == 2
    assert set(paper.ids()) == {body(number) for number in (99, 1, 2, 22, 3)}
    assert changes(paper.index(path, prune=True)) == {"unchanged": 4, "removed": 1}
    assert set(paper.ids()) == {body(number) for number in (99, 1, 22, 3)}


def test_rows_of_a_table_move_as_lines_do(paper):
    path = paper.folder / "a.csv"

    def write(*numbers: int) -> None:
        table = io.StringIO()
        csv.writer(table).writerows([("title", "text"), *((f"T{n}", body(n)) for n in numbers)])
        path.write_text(table.getvalue())

    write(1, 2, 3)
    paper.index(path)
    before = paper.ids()
    write(9, 1, 3, 2)
    assert changes(paper.index(path))["unchanged"] == 3
    after = paper.ids()
    assert {text: after[text] for text in before} == before


def test_what_waits_is_bounded_and_no_text_is_lost_by_it(paper, monkeypatch):
    path = paper.write("a.jsonl", *range(20))
    per_article = paper.index(path).passages // 20
    monkeypatch.setattr(resolution, "_MOST_WAITING", 1000)
    paper.write("a.jsonl", *range(100, 108), *range(20))
    report = paper.index(path)
    assert report.added + report.updated + report.unchanged == 28
    assert report.passages == 8 * per_article
    assert set(paper.ids()) == {body(n) for n in (*range(100, 108), *range(20))}


def test_a_file_that_ends_too_early_replaces_nothing(paper):
    """What stood in a changed record's place may stand in the part that is missing."""
    path = paper.folder / "a.json"
    path.write_text(json.dumps([{"text": body(n)} for n in range(3)]))
    paper.index(path)

    import gzip

    whole = gzip.compress(paper.write("b.jsonl", *range(200)).read_bytes())
    packed = paper.folder / "b.jsonl.gz"
    packed.write_bytes(whole)
    paper.index(packed)
    packed.write_bytes(
        gzip.compress(paper.write("b.jsonl", 999, *range(200)).read_bytes())[: len(whole) // 2]
    )
    report = paper.index(packed, prune=True)
    assert [row.code for row in report.rejected] == ["truncated"]
    assert set(paper.ids()) == {body(n) for n in (*range(200), 999)}


def test_one_id_for_two_texts_loses_neither_the_first_nor_the_word_of_the_second(paper):
    first = paper.write("a.jsonl", {"id": "c1", "text": body(1)})
    second = paper.write("b.jsonl", {"id": "c1", "text": body(2)})
    for sources in ((first, second), (second,), (second, first)):
        report = paper.index(*sources)
        (refused,) = report.rejected
        assert (refused.source, refused.record, refused.code) == (
            str(second),
            "line 1",
            "id-conflict",
        )
        assert list(paper.ids()) == [body(1)]
    assert str(first) in paper.index(second).rejected[0].message


def test_when_the_file_that_held_an_id_is_gone_another_may_have_it(paper):
    old = paper.write("old.jsonl", {"id": "c1", "text": body(1)})
    paper.index(old)
    old.unlink()
    new = paper.write("new.jsonl", {"id": "c1", "text": body(2)})
    assert changes(paper.index(new))["updated"] == 1
    (article,) = paper.articles().values()
    assert (article.id, article.body, article.origins[0].source) == ("c1", body(2), str(new))


def test_a_copy_under_the_same_id_that_changes_is_refused(paper):
    """Whose text the id has is told by the place where it stood first."""
    first = paper.write("a.jsonl", {"id": "c1", "text": body(1)})
    second = paper.write("b.jsonl", {"id": "c1", "text": body(1)})
    assert changes(paper.index(first, second))["duplicates"] == 1
    paper.write("b.jsonl", {"id": "c1", "text": body(2)})
    report = paper.index(first, second)
    assert [row.code for row in report.rejected] == ["id-conflict"]
    assert list(paper.ids()) == [body(1)]


def test_an_original_and_its_copy_that_change_alike_leave_no_old_text(paper):
    records = {"id": "c1", "text": body(1)}, {"id": "other", "text": body(1)}
    first, second = (paper.write(f"{n}.jsonl", one) for n, one in zip("ab", records, strict=True))
    paper.index(first, second)
    for path, one in zip("ab", records, strict=True):
        paper.write(f"{path}.jsonl", one | {"text": body(2)})
    report = paper.index(first, second)
    assert (report.updated, report.duplicates) == (1, 1)
    (article,) = paper.articles().values()
    assert (article.id, article.body) == ("c1", body(2))
    assert [origin.source for origin in article.origins] == [str(first), str(second)]


def test_a_record_that_changes_into_a_copy_leaves_its_old_text(paper):
    for named in ({}, {"id": "c2"}):
        path = paper.write("a.jsonl", {"text": body(1)}, {"text": body(2), **named})
        paper.index(path)
        paper.write("a.jsonl", {"text": body(1)}, {"text": body(1), "title": "Again", **named})
        assert changes(paper.index(path)) == {"unchanged": 1, "duplicates": 1}
        assert list(paper.ids()) == [body(1)]


def test_copies_are_named_with_the_article_that_has_them(paper):
    first = paper.write("a.jsonl", {"id": "c1", "text": body(1)})
    second = paper.write("b.jsonl", 5, 1)
    (copy,) = paper.index(first, second).copies
    assert (copy.source, copy.record, copy.article_id) == (str(second), "line 2", "c1")


def test_records_that_are_given_ids_are_the_same_articles(paper):
    path = paper.write("a.jsonl", 1, 2)
    paper.index(path)
    paper.write("a.jsonl", {"text": body(1), "id": "one"}, {"text": body(2), "id": "two"})
    assert changes(paper.index(path)) == {"updated": 2}
    assert set(paper.articles()) == {"one", "two"}


def test_fields_told_otherwise_are_read_anew_and_not_encoded_anew(paper):
    path = paper.write("a.jsonl", {"text": body(1), "headline": "One", "rubrik": "Sport"})
    paper.index(path)
    told = ReadOptions(fields={"section": "rubrik"})
    assert changes(paper.index(path, options=told)) == {"updated": 1}
    (article,) = paper.articles().values()
    assert (article.title, article.section) == ("One", "Sport")
    assert changes(paper.index(path, options=told)) == {"unchanged": 1}


def test_streams_are_not_taken_for_one_another(paper):
    """Standard input is no place, so that its first line replaces nothing."""

    def stream(*numbers: int, prune: bool = False) -> Report:
        data = "".join(json.dumps({"text": body(n)}) + "\n" for n in numbers).encode()
        options = ReadOptions(format=Format.JSONL)
        return paper.index("-", options=options, stdin=io.BytesIO(data), prune=prune)

    assert changes(stream(1, 2))["added"] == 2
    assert changes(stream(3, 1))["added"] == 1
    report = stream(4, prune=True)
    assert (report.removed, report.unpruned) == (0, ("-",))
    assert changes(stream(1, 2, 3, 4)) == {"unchanged": 4}
    assert set(paper.ids()) == {body(n) for n in (1, 2, 3, 4)}


#: What a file holds: numbers of texts, each with an id of its own or none.
FILES = st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["", "a", "b", "c"])), max_size=6)


@settings(max_examples=40)
@given(states=st.lists(st.tuples(FILES, FILES), min_size=1, max_size=3))
def test_however_files_change_the_archive_holds_what_they_hold(
    states: Sequence[tuple[list[tuple[int, str]], list[tuple[int, str]]]],
) -> None:
    # A Tantivy index that was just opened may still make its lock file while it is taken away.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        paper = Paper(Path(folder))
        for both in states:
            paths = []
            texts: dict[tuple[str, str], str] = {}
            for name, records in zip(("one.jsonl", "two.jsonl"), both, strict=True):
                whole = [
                    {"text": body(n)} | ({"id": article_id} if article_id else {})
                    for n, article_id in records
                ]
                paths.append(paper.write(name, *whole))
                for line, (number, _) in enumerate(records, start=1):
                    texts[str(paths[-1]), f"line {line}"] = body(number)
            report = paper.index(*paths, prune=True)
            refused = {(row.source, row.record) for row in report.rejected if row.record}
            read = report.added + report.updated + report.unchanged + report.duplicates
            assert read + len(refused) == len(texts)
            held = {
                (origin.source, origin.record): article.body
                for article in paper.articles().values()
                for origin in article.origins
            }
            # Every record stands in one article, that of its text; what was refused was named.
            assert {place: text for place, text in held.items() if place not in refused} == {
                place: text for place, text in texts.items() if place not in refused
            }
            if not refused:
                again = paper.index(*paths, prune=True)
                assert changes(again) == ({"unchanged": len(texts)} if texts else {})
