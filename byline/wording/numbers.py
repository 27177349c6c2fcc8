"""Counts as people say them."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 article``, ``1,203 articles``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
