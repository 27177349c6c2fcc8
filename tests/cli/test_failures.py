"""Whatever goes wrong ends in a sentence on standard error, a remedy and the right status."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import cli.main
from byline.settings import Settings

Run = Callable[..., Any]


def _failed(ran: Any, status: int) -> str:
    """The complaint: one sentence and a remedy on standard error, nothing else."""
    assert ran.status == status
    assert ran.out == ""
    assert ran.err.startswith("Error: ")
    assert "Traceback" not in ran.err
    return str(ran.err)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serch", "tax"], "Did you mean 'search', 'serve'?"),
        (["search", "--limt", "3", "tax"], "Did you mean --limit?"),
        (["search", "tax", "--mode", "keywrd"], "did you mean keyword?"),
        (["search", "tax", "--facet", "autor"], "did you mean author?"),
        (["search", "tax", "--timeline", "decade"], "it can be year, month or day"),
        (["search", "tax", "--limit", "ten"], "--limit: 'ten' is no whole number"),
        (["search", "tax", "--offset", "-1"], "--offset: -1 is less than 0"),
        (["search", "tax", "--sort"], "`byline search --help`"),
        (["search", "tax", "-trump"], "`byline search -- words -trump`"),
        (["search", "tax", "-heat"], "`byline search -- words -heat`"),
        (["search"], "There is nothing to look for."),
        (["search", "tax", "--json", "--csv"], "Only one of --json, --jsonl and --csv"),
        (["search", "tax", "--csv", "--facet", "author"], "--csv and --facet do not go together"),
        (["search", "tax", "--jsonl", "--timeline", "year"], "--jsonl and --timeline do not"),
        (["--archive", "x", "search", "tax"], "Options stand after the command"),
        (["show"], "Missing argument 'ID'"),
        (["show", "a", "b"], "`byline show --help`"),
        (["index", "x", "--field", "body"], "--field body=article_text"),
    ],
)
def test_wrong_usage(byline: Run, arguments: list[str], words: str) -> None:
    assert words in _failed(byline(*arguments), 2)


def test_no_archive(byline: Run) -> None:
    text = _failed(byline("search", "tax"), 1)
    assert "byline-archive" in text
    assert "`byline index SOURCE" in text


def test_a_mistyped_archive(byline: Run, tmp_path: Path) -> None:
    (tmp_path / "columns").mkdir()
    (tmp_path / "columns" / "archive.sqlite").write_bytes(b"")
    text = _failed(byline("stats", "--archive", "colums"), 1)
    assert text.count("Did you mean") == 1
    assert "columns?" in text
    assert "or say --archive columns." in _failed(byline("stats"), 1)


def test_an_archive_that_is_none(byline: Run, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("Dear Sir")
    assert "letters" in _failed(byline("stats", "--archive", "letters"), 1)


def test_a_setting_that_cannot_be(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_LIMIT", "many")
    assert "BYLINE_LIMIT='many'" in _failed(byline("config"), 2)


@pytest.mark.parametrize("sign", ["/", "?", "#", "@", ":"])
@pytest.mark.parametrize("end", ["host:9200/Columns", "[::1/columns", "127.0.0.1:1/columns"])
@pytest.mark.parametrize("command", [["stats"], ["search", "tax"]])
def test_a_password_is_never_printed(
    byline: Run, monkeypatch: pytest.MonkeyPatch, sign: str, end: str, command: list[str]
) -> None:
    monkeypatch.setenv("BYLINE_ARCHIVE", f"elasticsearch://user:hush{sign}hush@{end}")
    ran = byline(*command)
    assert ran.status in (1, 2)
    assert "Internal error" not in ran.err
    shown = byline("config").out
    assert end in shown
    assert "hush" not in ran.out + ran.err + shown


def test_a_secret_that_is_no_text_is_not_printed(byline: Run, tmp_path: Path) -> None:
    (tmp_path / "byline.toml").write_text("elasticsearch_password = 424242")
    assert "424242" not in _failed(byline("config"), 2)


def test_a_settings_file_that_is_none(byline: Run, tmp_path: Path) -> None:
    (tmp_path / "byline.toml").write_text("limit = [")
    assert "is not TOML" in _failed(byline("config"), 2)


def _unforeseen(*_: object) -> None:
    raise ZeroDivisionError("division by zero")


def test_what_nobody_foresaw(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "load", _unforeseen)
    text = _failed(byline("config"), 1)
    assert "Internal error (ZeroDivisionError: division by zero)" in text
    assert "--debug" in text


@pytest.mark.parametrize("arguments", [["--debug", "config"], ["config", "--debug"]])
def test_debug_lets_the_traceback_through(
    byline: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr(Settings, "load", _unforeseen)
    with pytest.raises(ZeroDivisionError):
        byline(*arguments)


def test_debug_after_two_dashes_is_a_word(byline: Run) -> None:
    assert "byline-archive" in _failed(byline("search", "--", "--debug"), 1)


def test_ctrl_c(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Settings, "load", interrupted)
    ran = byline("config")
    assert (ran.status, ran.out, ran.err) == (130, "", "\nStopped.\n")


def test_a_file_that_cannot_be_read(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr(Settings, "load", denied)
    assert "'/somewhere': Permission denied." in _failed(byline("config"), 1)


@pytest.mark.parametrize(
    "arguments", [["--version"], ["search", "--version"], ["keys", "--version", "list"]]
)
def test_the_version_is_told_wherever_it_is_asked_for(byline: Run, arguments: list[str]) -> None:
    ran = byline(*arguments)
    assert (ran.status, ran.out, ran.err) == (0, f"Byline {version('byline')}\n", "")


@pytest.mark.parametrize("arguments", [[], ["search"], ["show"], ["keys"], ["keys", "list"]])
def test_help_has_a_short_name(byline: Run, arguments: list[str]) -> None:
    ran = byline(*arguments, "-h")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == byline(*arguments, "--help").out
    assert "-h, --help" in ran.out


def test_no_command_is_a_request_for_help(byline: Run) -> None:
    ran = byline()
    assert ran.status == 0
    assert "Commands:" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["config"],
        ["search", "bread", "--archive", "columns"],
        ["search", "bread", "--archive", "columns", "--json"],
        ["search", "bread", "--archive", "columns", "--jsonl"],
        ["search", "bread", "--archive", "columns", "--csv"],
    ],
)
def test_a_reader_that_stops_reading(archive: Path, arguments: list[str]) -> None:
    """As with ``| head -1``: the pipe is closed before anything is written to it."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "cli.main", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=archive.parent,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(Path(cli.main.__file__).parents[1]), "HOME": "/"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert complaint == ""
