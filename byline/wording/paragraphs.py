"""A body's paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def paragraphs(body: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph of a body begins and ends; none is empty."""
    start = 0
    for gap in (*_BLANK_LINE.finditer(body), None):
        end = gap.start() if gap else len(body)
        if body[start:end].strip():
            yield start, end
        if gap:
            start = gap.end()
