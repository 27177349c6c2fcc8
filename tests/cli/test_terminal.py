"""Terminals as they are: without Unicode, without colour, closed, or none at all."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from cli import terminal
from cli.progress import counting

ROOT = Path(cli.__file__).parents[1]


def _environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", **more}


def _run(
    arguments: list[str], archive: Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments, "--archive", archive.name],
        capture_output=True,
        cwd=archive.parent,
        env=_environment(**environment),
        check=False,
    )


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "cp1252"}],
    ids=str,
)
def test_a_terminal_without_unicode(archive: Path, environment: dict[str, str]) -> None:
    ran = _run(["search", "bread", "--facet", "author"], archive, **environment)
    assert (ran.returncode, ran.stderr) == (0, b"")
    spoken = ran.stdout.decode("cp1252").replace("“", '"').replace("”", '"')
    assert 'Articles that contain "bread".' in spoken
    assert b"####" in ran.stdout
    for arguments in (["--json"], ["--jsonl"], ["--csv"]):
        ran = _run(["search", "bread", *arguments], archive, **environment)
        assert "Tomás Reyé" in ran.stdout.decode("utf-8") or b"Tom\\u00e1s Rey\\u00e9" in ran.stdout


def test_ascii_gets_letters_without_their_accents() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="byline-plainer")
    stream.write("“Größe” – naïve… 漢\udce9")
    stream.flush()
    assert stream.buffer.getvalue() == b'"Grosse" - naive... ??'  # type: ignore[attr-defined]


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(archive: Path, closed: str) -> None:
    line = f'exec "$0" -m cli.main search bread --archive {archive.name} {closed}'
    ran = subprocess.run(
        ["/bin/sh", "-c", line, sys.executable],
        cwd=archive.parent,
        env=_environment(),
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0
    assert b"Traceback" not in ran.stderr


def test_what_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()
    assert not terminal.is_terminal(None)
    assert not terminal.is_terminal(closed)
    assert not terminal.is_terminal(io.StringIO())


def _in_terminal(arguments: list[str], archive: Path, **environment: str) -> str:
    """What one sees who runs it at a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments, "--archive", archive.name],
        stdin=child,
        stdout=child,
        stderr=child,
        cwd=archive.parent,
        env=_environment(TERM="xterm-256color", LC_ALL="C.UTF-8", **environment),
    )
    os.close(child)
    seen = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # how Linux tells the end of a terminal
            break
        if not part:
            break
        seen += part
    os.close(parent)
    assert process.wait(timeout=60) == 0
    return seen.decode("utf-8")


def test_colour_at_a_terminal_and_not_with_no_color(archive: Path) -> None:
    assert "\x1b[1;35mbread\x1b[0m" in _in_terminal(["search", "bread"], archive)
    plain = _in_terminal(["search", "bread"], archive, NO_COLOR="1")
    assert "\x1b[1mbread\x1b[0m" in plain
    assert "\x1b[1;35m" not in plain


def test_long_work_shows_a_bar_at_a_terminal(archive: Path) -> None:
    assert "Checking" in _in_terminal(["check"], archive)


def test_long_work_says_little_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 40.0, 41.0, 80.0])
    monkeypatch.setattr("cli.progress.monotonic", lambda: next(clock))
    with counting("Checking") as progress:
        for done in (10, 400, 410, 1800):
            progress(done, 2000)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Checking: 400 of 2,000 articles (20%)",
        "Checking: 1,800 of 2,000 articles (90%)",
    ]
