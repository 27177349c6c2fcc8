"""The documentation names every command, option and setting, and is fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byline.settings import TABLE
from cli import reference
from cli.registry import NAMES, command

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_reference_is_fresh() -> None:
    for path, text in reference.pages(DOCS).items():
        assert path.read_text("utf-8") == text, (
            f"{path.name} is stale: run python -m cli.reference --write"
        )


def _options(name: str) -> list[Any]:
    made = command(name)
    return [param for param in made.params if param.param_type_name == "option"]


@pytest.mark.parametrize("name", NAMES)
def test_each_command_and_option_is_explained(name: str) -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    section = page.split(f"## byline {name}\n", 1)[1].split("\n## ", 1)[0]
    for option in _options(name):
        assert option.help, f"{option.opts} has no help"
        assert all(spelling in section for spelling in option.opts)
    assert command(name).help in " ".join(section.split())


def test_each_setting_is_explained() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    for row in TABLE:
        assert row.help in page
        assert row.variable in page


def test_each_schema_is_named() -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    schemas = list(DOCS.glob("*.schema.json"))
    assert schemas
    assert all(path.name in page for path in schemas)
