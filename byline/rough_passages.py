"""Passages for archives without a model: only to be shown, so that rough ones will do."""

from __future__ import annotations

import re

from byline.records import Passage

#: Characters of a passage at most: some 128 of a model's tokens.
_LONGEST = 512
#: To the last end of a sentence or paragraph that fits; an abbreviation is at times taken for one.
_SENTENCES = re.compile(r".*(?:[.!?…][\"”’»)\]]*(?=\s)|(?=\n\s*\n))", re.DOTALL)
_WORDS = re.compile(rf".{{{_LONGEST // 2},}}(?=\s)", re.DOTALL)
_TEXT = re.compile(r"\S")


def rough_passages(body: str) -> tuple[Passage, ...]:
    """Cut after the last sentence that fits, else between words, else between characters.

    Every character that is not white space is in one of them.
    """
    found: list[Passage] = []
    while text := _TEXT.search(body, found[-1].end if found else 0):
        start = text.start()
        longest = start + _LONGEST
        end = longest
        if end < len(body):
            # What follows is looked at as well: whether it is white space.
            held = _SENTENCES.match(body, start, end + 1) or _WORDS.match(body, start, end + 1)
            end = held.end() if held else end
        found.append(Passage(start, start + len(body[start:end].rstrip())))
    return tuple(found)
