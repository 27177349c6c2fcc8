"""docs/api.md: every command there answers what is shown, over the sample archive."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from byline.archive import Archive
from byline.settings import Settings
from indexer.pipeline import index
from sample import folder

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"
HERE = "http://127.0.0.1:8000"
#: What is never the same again.
PASSING = {"request_id", "took_ms"}


def shown() -> list[tuple[str, str]]:
    """Each command and what stands below it."""
    (block,) = re.findall(
        r"^```console\n(.*?)^```", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    steps = block.split("$ ")[1:]
    return [(step.partition("\n")[0], step.partition("\n")[2]) for step in steps]


@pytest.fixture(scope="module")
def address(
    serving: Callable[[Any], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    home = tmp_path_factory.mktemp("sample")
    index([str(folder())], str(home / "archive"))
    chosen = Settings.load({"BYLINE_API_KEYS": str(home / "keys.json")}, home)
    with serving(create_app(Archive.open(home / "archive", chosen), chosen)) as made:
        yield made


def lasting(text: str) -> Any:
    """An answer as it is each time."""
    if not text.startswith("{"):
        return [line.rstrip() for line in text.strip().splitlines()]
    return {name: value for name, value in json.loads(text).items() if name not in PASSING}


def test_there_is_something_to_run() -> None:
    assert len(shown()) >= 5


@pytest.mark.parametrize(("command", "answer"), shown())
def test_a_command_answers_what_is_shown(address: str, command: str, answer: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("waits for curl")
    assert HERE in command
    ran = subprocess.run(
        [*shlex.split(command.replace(HERE, address)), "--silent"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert lasting(ran.stdout) == lasting(answer)
