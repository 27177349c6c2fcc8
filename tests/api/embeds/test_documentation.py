"""docs/embedding.md: every example runs, and every name that a page can use is there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.embeds import frame, widget
from byline.client import AsyncClient, Client
from byline.client.operations import Operations

ROOT = Path(__file__).resolve().parents[3]
DOCS = (ROOT / "docs" / "embedding.md").read_text("utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)


@pytest.fixture
def filled(closed, key):
    """An example with this archive's address and keys in place of those it names."""

    def fill(code: str, *, page: bool) -> str:
        shown = key if page else closed.key()
        code = code.replace("https://archive.example", closed.address)
        return re.sub(r"\bWRITE_KEY\b", closed.key("write"), re.sub(r"\bKEY\b", shown, code))

    return fill


def run(command: list[str], folder, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("code", examples("html"))
def test_every_html_example_shows_results(code, filled, site, open_page):
    page = open_page(site.show(filled(code, page=True)))
    if "<iframe" in code:
        expect(page.frame_locator("iframe").locator(".item")).to_have_count(2)
        return
    if "query=" not in code:
        page.get_by_label("Search our columns").fill("rent")
        page.keyboard.press("Enter")
    expect(page.locator(".item").first).to_be_visible()
    if "byline:select" in code:
        page.locator(".link").first.click()
        expect(page).to_have_title("A cap on rent")


@pytest.mark.parametrize("code", examples("python"))
def test_every_python_example_runs(code, filled, tmp_path):
    done = run([sys.executable, "-W", "error", "-c", filled(code, page=False)], tmp_path)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "rent.csv").read_text("utf-8") if "rent.csv" in code else done.stdout
    assert re.search("rent|precondition-failed|created", written)


def test_every_command_runs(filled, tmp_path):
    keys = {"BYLINE_API_KEYS": str(tmp_path / "keys.json")}
    commands = [
        shlex.split(filled(line, page=False))
        for code in examples("sh")
        for line in code.splitlines()
    ]
    assert len(commands) == 2
    for name, *rest in commands:
        program = [sys.executable, "-m", "cli.main"] if name == "byline" else [name, "-s"]
        done = run([*program, *rest], tmp_path, **keys)
        assert done.returncode == 0, done.stderr
        assert "byline_" in done.stdout or '"code":"key-needed"' in done.stdout


def test_every_attribute_event_part_and_property_is_documented():
    script = widget.SCRIPT
    attributes = set(re.findall(r'[gh]e?t?a?s?Attribute\("([a-z]+)"\)', script)) - {"empty"}
    events = set(re.findall(r'"(byline:[a-z]+)"', script))
    parts = {
        name for names in re.findall(r'make\([^,]+, "([a-z]+)"', script) for name in names.split()
    }
    properties = set(re.findall(r"var\((--byline-[a-z-]+)", widget.STYLE))
    assert len(attributes) >= 7
    assert len(parts) > 15
    for name in attributes | events | properties:
        assert f"| `{name}` |" in DOCS, name
    listed = re.search(r"::part\(title\)[^\n]*\n\n(.*?)\n\n", DOCS, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`([a-z]+)`", listed[1])) == parts
    assert set(re.findall(r"^\| `(--[a-z-]+)`", DOCS, re.MULTILINE)) == properties


def test_every_operation_of_the_client_is_documented_and_both_clients_have_it():
    for name in [name for name in vars(Operations) if not name.startswith("_")]:
        assert f"`{name}`" in DOCS, name
        assert getattr(Client, name) is getattr(AsyncClient, name)
        assert getattr(Client, name).__doc__


def test_every_parameter_of_the_frame_is_documented():
    for name in ("article", "limit", "theme", *frame.Theme):
        assert f"`{name}`" in DOCS or f"{name}=" in DOCS
