"""The first thing that anybody runs."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byline.settings import Settings
from cli.commands.demo import SEARCHES, demo_folder

Run = Callable[..., Any]


def test_it_indexes_and_searches_and_says_what_to_type_next(byline: Run, tmp_path: Path) -> None:
    ran = byline("demo", "try it")
    assert (ran.status, ran.err) == (0, "")
    for mode, query, _ in SEARCHES:
        shown = ran.out.split(f"--mode {mode}\n")[1].split("──")[0]
        assert query.strip('"') in shown
        assert "\n 1  " in shown
    assert "byline authors --archive 'try it'" in ran.out
    again = byline("demo", "try it")
    assert again.status == 0
    assert "records unchanged" in again.out
    assert all(len(line) <= 80 for line in again.out.splitlines())
    said = again.out.split("What to type next\n")[1]
    typed = [shlex.split(line) for line in said.splitlines() if "--archive" in line]
    assert len(typed) >= 3
    for words in typed:
        assert words[0] == "byline"
        assert byline(*words[1:]).status == 0


def test_without_a_model_it_searches_by_words(byline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_MODEL", "none")
    ran = byline("demo", "words")
    assert ran.status == 0
    assert "--mode keyword" in ran.out
    assert "--mode semantic" not in ran.out


def test_the_archive_is_kept_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("BYLINE_CACHE", raising=False)
    assert demo_folder(Settings.load()) == tmp_path / "byline" / "demo"
    monkeypatch.setenv("BYLINE_CACHE", str(tmp_path / "own"))
    assert demo_folder(Settings.load()) == tmp_path / "own" / "demo"
