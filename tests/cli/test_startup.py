"""What the command line may cost before it does anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.registry import NAMES

#: Each takes a good part of a second to import.
HEAVY = ("torch", "transformers", "scipy", "sklearn", "fastapi", "sentence_transformers", "onnx")


def _imported(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize("code", ["import cli.main", "from cli.registry import command"])
def test_the_entry_point_imports_little(code: str) -> None:
    imported = _imported(code)
    assert not imported & {*HEAVY, "numpy", "rich", "tantivy", "onnxruntime"}


def test_a_command_line_is_read_without_pydantic() -> None:
    imported = _imported(
        "from cli.main import run\n"
        "status = run(['search', 'tax', '--limit', '3', '--mode', 'keyword', '--facet', 'topic'])\n"
        "assert status == 1"
    )
    assert "pydantic" not in imported


def test_no_command_imports_what_takes_long() -> None:
    code = "from cli.registry import NAMES, command\nfor name in NAMES: command(name)"
    imported = _imported(code)
    assert {f"cli.commands.{name}" for name in NAMES} <= imported
    assert not imported & set(HEAVY)


def test_a_hybrid_search_imports_no_torch(byline: Callable[..., Any], columns: Path) -> None:
    assert byline("index", columns, "--archive", "with-vectors").status == 0
    imported = _imported(
        "from cli.main import run\n"
        "assert run(['search', 'late trams', '--archive', 'with-vectors', '--explain']) == 0"
    )
    assert "onnxruntime" in imported
    assert not imported & set(HEAVY)


def test_a_search_by_words_imports_no_numpy(byline: Callable[..., Any], columns: Path) -> None:
    """Also where there are vectors, which it has no use for."""
    assert byline("index", columns, "--archive", "with-vectors").status == 0
    imported = _imported(
        "from cli.main import run\n"
        "assert run(['search', 'late trams', '--archive', 'with-vectors', '--mode', 'keyword',"
        " '--facet', 'author', '--timeline', 'year']) == 0"
    )
    assert "tantivy" in imported
    assert not imported & {*HEAVY, "numpy", "onnxruntime"}


def test_a_server_starts_without_numpy(byline: Callable[..., Any], columns: Path) -> None:
    """The first request that needs it pays, not whoever waits for the server."""
    assert byline("index", columns, "--archive", "with-vectors").status == 0
    imported = _imported(
        "import api.server\n"
        "from api.app import create_app\n"
        "from byline.archive import Archive\n"
        "create_app(Archive.open('with-vectors'))"
    )
    assert "fastapi" in imported
    assert not imported & ({*HEAVY, "numpy", "onnxruntime"} - {"fastapi"})
