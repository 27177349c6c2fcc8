"""Every command that reads, over a small archive."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

DOCS = Path(__file__).resolve().parents[2] / "docs"
Run = Callable[..., Any]
Golden = Callable[[str, str], None]


def _scrubbed(text: str, archive: Path) -> str:
    """Without what differs from run to run: times, sizes, where the archive lies."""
    text = re.sub(r"in \d+\.\d+ s", "in 0.00 s", text)
    text = re.sub(r"\d+(\.\d)? (bytes|[kMGT]B)", "0 kB", text)
    text = re.sub(r"(?m)^Made .*$", "Made          today", text)
    return text.replace(str(archive), "ARCHIVE")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("words", ["search", "bread", "tax"]),
        ("phrase", ["search", '"bread tax"', "--passages", "1"]),
        ("explained", ["search", "liberty", "--explain", "--limit", "2"]),
        ("page", ["search", "liberty", "--limit", "1", "--offset", "1"]),
        ("past-the-end", ["search", "liberty", "--offset", "90"]),
        ("counted", ["search", "--limit", "0", "--facet", "author", "--timeline", "year"]),
        ("listed", ["search", "--author", "Old Mr. Tarn", "--sort", "oldest"]),
        ("negated", ["search", "--", "-tax", "bread"]),
        ("near-author", ["search", "liberty", "--author", "Ines Marlow"]),
        ("part-of-author", ["search", "liberty", "--author", "marlowe", "--author", "quill"]),
        ("misspelt", ["search", "umpyre"]),
        ("conditions", ["search", '"liberty tax"', "--before", "2021-12"]),
        ("nothing", ["search", "xyzzy"]),
        ("filtered-out", ["search", "liberty", "--after", "2024"]),
        ("authors", ["authors"]),
        ("authors-last", ["authors", "--sort", "last", "--limit", "2"]),
        ("authors-none", ["authors", "quil l"]),
        ("show", ["show", "ledger-2", "--highlight", "bread"]),
        ("stats", ["stats"]),
        ("check", ["check"]),
    ],
)
def test_for_people(
    byline: Run,
    golden: Golden,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(archive.parent)
    place = arguments.index("--") if "--" in arguments else len(arguments)
    ran = byline(*arguments[:place], "--archive", archive.name, *arguments[place:])
    assert ran.status == 0
    assert ran.err == ""
    golden(f"command-{name}.txt", _scrubbed(ran.out, archive))


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("search", ["search", "bread", "--facet", "author", "--timeline", "month"]),
        ("search", ["search", "nothing-like-this"]),
        ("search", ["search", "--author", "Old Mr. Tarn"]),
        ("show", ["show", "ledger-2", "--highlight", "bread"]),
        ("show", ["show", "ledger-8"]),
        ("authors", ["authors"]),
        ("stats", ["stats"]),
        ("check", ["check"]),
        ("config", ["config"]),
        ("version", ["version"]),
    ],
)
def test_for_programs(byline: Run, archive: Path, schema: str, arguments: list[str]) -> None:
    where = [] if arguments[0] in ("config", "version") else ["--archive", archive]
    ran = byline(*arguments, *where, "--json")
    assert (ran.status, ran.err) == (0, "")
    described = json.loads((DOCS / f"{schema}.schema.json").read_text("utf-8"))
    Draft202012Validator(described).validate(json.loads(ran.out))


def test_the_archive_of_the_environment_and_of_the_settings(
    byline: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "byline.toml").write_text(f"archive = {json.dumps(str(archive))}\nlimit = 1\n")
    assert len(json.loads(byline("search", "liberty", "--json").out)["hits"]) == 1
    monkeypatch.setenv("BYLINE_ARCHIVE", str(tmp_path / "elsewhere"))
    assert "elsewhere" in byline("search", "liberty").err


def test_json_lines_and_csv_hold_the_same_hits(byline: Run, archive: Path) -> None:
    search = ("search", "liberty", "--archive", archive)
    lines = [json.loads(line) for line in byline(*search, "--jsonl").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(byline(*search, "--csv").out, newline="")))
    whole = json.loads(byline(*search, "--json").out)["hits"]
    assert lines == whole
    assert [row["id"] for row in rows] == [hit["article"]["id"] for hit in whole]


@pytest.mark.parametrize("form", ["--csv", "--jsonl"])
def test_an_export_says_how_its_query_was_taken(byline: Run, archive: Path, form: str) -> None:
    asked = ("(liberty foo:x", "--author", "Ines Marlow", "--mode", "hybrid")
    ran = byline("search", *asked, "--archive", archive, form)
    assert ran.status == 0
    assert "Note" not in ran.out
    notes = ran.err.splitlines()
    assert len(notes) == len(set(notes)) == 4
    assert all(note.startswith("Note: ") for note in notes)
    for said in ("not closed", "No field is called foo", "Did you mean", "no vectors"):
        assert said in ran.err


def test_reading_says_how_the_query_to_mark_was_taken(byline: Run, archive: Path) -> None:
    ran = byline("show", "ledger-2", "--highlight", "(bread x:y", "--archive", archive)
    assert ran.status == 0
    assert "not closed" in ran.err
    assert "No field is called x" in ran.err


def test_a_misspelt_word_is_corrected_once(byline: Run, archive: Path) -> None:
    ran = byline("search", "umpyre " * 50, "--archive", archive)
    assert ran.out.count("umpire for umpyre") == 1


def test_a_strict_query_points_at_the_place(byline: Run, archive: Path) -> None:
    ran = byline("search", "--strict-query", 'liberty "bread', "--archive", archive)
    assert ran.status == 2
    complaint, query, marks = ran.err.splitlines()
    assert complaint.startswith("Error: ")
    assert query[marks.index("^") :].startswith('"')


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["show", "ledger-99"], 1, "`byline search` shows the ids"),
        (["search", "x", "--after", "2021-13"], 2, "Write dates as 2022, 2022-07 or 2022-07-29."),
        (["search", "x", "--after", "2021", "--before", "2020"], 2, "let the second be later"),
        (["search", "x", "--mode", "semantic"], 1, "byline reembed"),
    ],
)
def test_what_the_archive_cannot_do(
    byline: Run, archive: Path, arguments: list[str], status: int, words: str
) -> None:
    ran = byline(*arguments, "--archive", archive)
    assert (ran.status, ran.out) == (status, "")
    assert words in ran.err


def test_bytes_that_are_no_text_are_searched_for_as_something(byline: Run, archive: Path) -> None:
    ran = byline("search", "caf\udce9", "liberty", "--archive", archive)
    assert ran.status == 0
    assert "The last tram" in ran.out


def test_no_secret_is_printed(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_ARCHIVE", "elasticsearch://elastic:hunter2@example.org:9200/columns")
    monkeypatch.setenv("BYLINE_ELASTICSEARCH_PASSWORD", "hunter2")
    for arguments in (["config"], ["config", "--json"]):
        out = byline(*arguments).out
        assert "hunter2" not in out
        assert "elasticsearch://example.org:9200/columns" in out
        assert "(set)" in out


def test_damage_is_told_with_what_mends_it(byline: Run, archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(archive, copy)
    with closing(sqlite3.connect(copy / "archive.sqlite")) as connection, connection:
        connection.execute("UPDATE articles SET fingerprint = 'other' WHERE id = 'ledger-3'")
    ran = byline("check", "--archive", "copy")
    assert ran.status == 1
    assert "damaged  " in ran.out
    assert "ledger-3" in ran.out
    assert "1 thing damaged." in ran.out
    ran = byline("check", "--archive", "copy", "--json")
    assert ran.status == 1
    assert json.loads(ran.out)["sound"] is False
