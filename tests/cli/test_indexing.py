"""Every command that writes."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import cli.indexing
from byline.engines.open import create_engine
from byline.testing import MODEL
from cli.render.numbers import duration
from cli.render.report import report_for_people
from cli.terminal import screen
from indexer.report import Copy, Report
from indexer.sources import Noted, Rejected

DOCS = Path(__file__).resolve().parents[2] / "docs"
Run = Callable[..., Any]


def _valid(name: str, text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    schema = json.loads((DOCS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    return document


@pytest.fixture
def indexed(byline: Run, columns: Path) -> Run:
    """The command line, with the columns in ``byline-archive``."""
    assert byline("index", columns, "--model", "none").status == 0
    return byline


def test_the_default_archive_is_made_in_the_current_folder(indexed: Run, tmp_path: Path) -> None:
    assert (tmp_path / "byline-archive").is_dir()
    assert "8 articles" in indexed("check").out


def test_indexing_again_says_that_nothing_changed(indexed: Run, columns: Path) -> None:
    ran = indexed("index", columns)
    assert (ran.status, ran.out) == (0, "8 records unchanged.\n")


def test_the_report_for_programs(byline: Run, columns: Path) -> None:
    ran = byline("index", columns, "nowhere.txt", "--model", "none", "--json")
    assert (ran.status, ran.err) == (0, "")
    report = _valid("index", ran.out)
    assert report["added"] == 8
    assert [row["code"] for row in report["rejected"]] == ["not-found"]
    strict = byline("index", columns, "nowhere.txt", "--strict", "--json")
    assert strict.status == 1
    assert _valid("index", strict.out)["unchanged"] == 8


def test_what_was_rejected_is_named(indexed: Run) -> None:
    ran = indexed("index", "nowhere.txt")
    assert ran.status == 1
    assert "nowhere.txt: There is no such file or folder." in ran.out


def test_fields_of_another_name(byline: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("kop,lap\nBread,It rises.\n", encoding="utf-8")
    ran = byline("index", "a.csv", "--field", "title=kop", "--field", "body=lap", "--model", "none")
    assert ran.status == 0
    assert "Bread" in byline("search", "rises").out


def test_prune(indexed: Run, columns: Path, tmp_path: Path) -> None:
    copy = tmp_path / "some.jsonl"
    lines = columns.read_text("utf-8").splitlines(keepends=True)
    copy.write_text("".join(line.replace("ledger-", "other-") for line in lines[:2]), "utf-8")
    assert indexed("index", copy, "--archive", "two", "--model", "none").status == 0
    copy.write_text(lines[0].replace("ledger-", "other-"), "utf-8")
    assert "1 article removed" in indexed("index", copy, "--archive", "two", "--prune").out


def test_standard_input(byline: Run, columns: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(columns.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    ran = byline("index", "-", "--format", "jsonl", "--model", "none")
    assert ran.out.startswith("8 articles added.")


def test_a_keyboard_is_no_standard_input(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.indexing.is_terminal", lambda _: True)
    ran = byline("index", "-")
    assert ran.status == 2
    assert "cat posts.jsonl | byline index -" in ran.err


def test_ctrl_c_reports_what_was_done(
    byline: Run, columns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = Report(added=3, passages=9, interrupted=True)
    monkeypatch.setattr(cli.indexing, "index", lambda *_, **__: stopped)
    ran = byline("index", columns)
    assert ran.status == 130
    assert ran.out.startswith("3 articles added.")
    assert "the same command again goes on from there" in ran.err


def test_remove(indexed: Run) -> None:
    ran = indexed("remove", "ledger-1", "ledger-1", "ledger-99", "--json")
    assert ran.status == 1
    assert _valid("remove", ran.out) == {"schema": 1, "removed": 1, "unknown": ["ledger-99"]}
    assert "ledger-99" in ran.err
    assert indexed("show", "ledger-1").status == 1
    ran = indexed("remove", "ledger-2")
    assert (ran.status, ran.out) == (0, "1 article removed.\n")


def test_removing_what_is_not_there_is_an_error_with_a_remedy(indexed: Run) -> None:
    ran = indexed("remove", "ledger-98", "ledger-1", "ledger-99")
    assert (ran.status, ran.out) == (1, "1 article removed.\n")
    assert ran.err.startswith("Error: No article has the id 'ledger-98' or 'ledger-99'.")
    assert "`byline search` shows the ids" in ran.err


def test_one_article_is_not_several(byline: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Bread is dear.", "utf-8")
    assert byline("index", "a.txt", "--model", "none", "--archive", "one").status == 0
    ran = byline("rebuild", "--archive", "one")
    assert ran.out == "The indexes were made anew for 1 article.\n"
    assert byline("copy", "one", "two").status == 0
    ran = byline("check", "--archive", "one", "--against", "two")
    assert "1 article is the same in both" in ran.out


def test_rebuild(indexed: Run) -> None:
    ran = indexed("rebuild")
    assert (ran.status, ran.out) == (0, "The indexes were made anew for 8 articles.\n")
    assert indexed("check").status == 0


def test_vectors_can_be_added_and_dropped(indexed: Run) -> None:
    ran = indexed("reembed", "--model", "all-MiniLM-L6-v2")
    assert (ran.status, ran.out) == (0, "8 articles were encoded with all-MiniLM-L6-v2.\n")
    found = _valid("search", indexed("search", "staying out late", "--json").out)
    assert found["query"]["mode"] == "hybrid"
    assert 1 in [hit["meaning"]["rank"] for hit in found["hits"] if hit["meaning"]]
    assert found["total"]["by_words"] + found["total"]["by_meaning_only"] == len(found["hits"])
    stats = _valid("stats", indexed("stats", "--json").out)
    assert stats["model"]["name"] == "all-MiniLM-L6-v2"
    by_meaning = indexed("search", "going home in the dark", "--mode", "semantic").out
    assert "close in meaning" in by_meaning
    assert indexed("reembed", "--model", "none").status == 0
    assert _valid("stats", indexed("stats", "--json").out)["model"] is None


def test_a_model_that_is_none(indexed: Run) -> None:
    ran = indexed("reembed", "--model", "no-such-model")
    assert ran.status == 1
    assert ran.err.startswith("Error: ")


def test_a_report_names_the_first_of_each_kind() -> None:
    stream = io.StringIO()
    rejected = tuple(Rejected("a.jsonl", f"line {n}", "empty-body", "No text.") for n in range(9))
    report = Report(
        updated=1,
        unchanged=1200,
        duplicates=7,
        copies=tuple(Copy("d.jsonl", f"line {n}", f"id-{n}") for n in range(7)),
        rejected=(*rejected, Rejected("b\x1b.txt", "", "binary", "Not text.")),
        notes=(Noted("c.txt", "", "odd-date", "The date is odd."),),
        unused_fields={"hero": 3, "layout": 9},
        unpruned=("c.txt",),
        passages=4,
        seconds=2.0,
    )
    report_for_people(screen(stream), report)
    text = stream.getvalue()
    assert "1 article updated, 1,200 records unchanged." in text
    assert text.count("No text.") == 5
    assert "and 4 more of this kind" in text
    assert "Rejected: b\ufffd.txt: Not text." in text
    assert "Note: c.txt: The date is odd." in text
    assert "layout, hero" in text
    assert "7 records were the same text as another article" in text
    assert "d.jsonl, line 4: the text of id-4" in text
    assert "and 2 more, which --json names" in text
    assert text.index("and 2 more") < text.index("10 records could not be read:")
    assert text.index("10 records could not be read:") < text.index("Rejected: ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (12.4, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_an_archive_that_cannot_be_opened_is_a_finding_of_check(
    indexed: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "byline-archive"
    with closing(sqlite3.connect(folder / "archive.sqlite")) as connection, connection:
        connection.execute("UPDATE manifest SET value = '0' WHERE name = 'version'")
    ran = indexed("check")
    assert ran.status == 1
    assert "damaged  The archive byline-archive has lost what was stored last" in ran.out
    assert "byline rebuild" in ran.out
    (finding,) = _valid("check", indexed("check", "--json").out)["findings"]
    assert (finding["code"], finding["severity"]) == ("archive", "damage")
    # Searches say so as well.
    ran = indexed("search", "rent")
    assert (ran.status, "byline rebuild" in ran.err) == (1, True)


def test_without_a_name_the_archives_own_model_encodes_it_anew(byline: Run) -> None:
    create_engine("byline-archive", replace(MODEL, name="./own-model")).close()
    ran = byline("reembed")
    assert ran.status == 1
    assert "own-model" in ran.err
