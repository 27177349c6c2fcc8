"""Passages for archives without a model: only to be shown, so that rough ones will do."""

from __future__ import annotations

import re

from byline.records import Passage

#: Characters of a passage at most: some 128 of a model's tokens.
_LONGEST = 512
#: What may end a sentence or paragraph; an abbreviation's stop is at times taken for that.
_ENDING = ".!?…\n"
_ENDED = re.compile(r"[.!?…][\"”’»)\]]*(?=\s)|\n(?=\s*\n)")
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
            held = _last_end(body, start, end) or _WORDS.match(body, start, end + 1)
            end = held.end() if held else end
        found.append(Passage(start, start + len(body[start:end].rstrip())))
    return tuple(found)


def _last_end(body: str, start: int, end: int) -> re.Match[str] | None:
    """The last end of a sentence or paragraph in the stretch. Each sign is looked for backwards:
    a pattern would be tried at every character."""
    last: re.Match[str] | None = None
    for sign in _ENDING:
        at = body.rfind(sign, start, end)
        while at >= 0:
            if found := _ENDED.match(body, at, end + 1):
                last, start = found, found.end()
                break
            at = body.rfind(sign, start, at)
    return last
