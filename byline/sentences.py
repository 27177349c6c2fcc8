"""Sentences of a body, by offsets."""

from __future__ import annotations

import re
from itertools import pairwise

from byline.records import Sentence

#: A blank line, or a line that begins with a bullet or a number, ends what stands before it.
_BREAK = re.compile(r"\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:[-*•‣◦–—]|\d{1,3}[.)])\s)")


def sentences(body: str) -> tuple[Sentence, ...]:
    """In order, without the white space around them; together they hold all else.

    Punkt's way of telling a full stop from an abbreviation's (Kiss and Strunk, "Unsupervised
    Multilingual Sentence Boundary Detection", 2006), as nupunkt has it; paragraphs and list
    items always end a sentence.
    """
    # Imported here: searching does without.
    from nupunkt import sent_spans

    found: list[Sentence] = []
    start = 0
    ends = [match.start() for match in _BREAK.finditer(body)]
    for end in (*ends, len(body)):
        block = body[start:end]
        if block.strip():
            spans = sent_spans(block)
            # Between and around nupunkt's spans nothing but white space may be left out.
            edges = [0, *(first for first, _ in spans[1:]), len(block)]
            for first, last in pairwise(edges):
                _add(found, body, start + first, start + last)
        start = end
    return tuple(found)


def _add(found: list[Sentence], body: str, start: int, end: int) -> None:
    text = body[start:end]
    stripped = text.strip()
    if stripped:
        first = start + text.index(stripped[0])
        found.append(Sentence(first, first + len(stripped)))
