"""Opinion columns of an invented newspaper, to try Byline on."""

from __future__ import annotations

from pathlib import Path


def folder() -> Path:
    """The folder with the columns: Markdown, plain text and JSON Lines."""
    return Path(__file__).parent / "columns"
