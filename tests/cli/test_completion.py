"""What the shell is offered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cli

ROOT = Path(cli.__file__).parents[1]


def _complete(shell: str, line: str, folder: Path) -> list[str]:
    words = line.split(" ")
    ran = subprocess.run(
        [sys.executable, "-m", "cli.main"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "_BYLINE_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "_TYPER_COMPLETE_ARGS": line,
        },
    )
    assert ran.stderr == ""
    return [line for line in ran.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("byline sea", ["search"]),
        ("byline search --mode s", ["semantic"]),
        ("byline search --expl", ["--explain"]),
        ("byline search --archive columns --author O", ["Old\\ Mr.\\ Tarn"]),
        ("byline search --archive columns --topic b", ["bread"]),
        ("byline search --archive nowhere --author O", []),
    ],
)
def test_bash(archive: Path, line: str, offered: list[str]) -> None:
    assert _complete("bash", line, archive.parent) == offered


def test_zsh_shows_counts(archive: Path) -> None:
    line = "byline search --archive columns --author Ada"
    assert '"Ada Quill":"2 articles"' in "".join(_complete("zsh", line, archive.parent))
