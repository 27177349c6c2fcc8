"""From a passage to the few lines of it that a person is shown.

The part that is shown holds as much as it can of what was found, begins at the beginning of a
sentence where that costs nothing, and is cut between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from byline.records import Span

if TYPE_CHECKING:
    from byline.passages import Highlight, ShownPassage

#: Bits of a character's mark.
WORDS, MEANING = 1, 2

#: By :class:`byline.passages.HighlightKind`, whose module costs more to import than this one.
_BITS = {"words": WORDS, "meaning": MEANING}
_SENTENCE_END = re.compile(r"[.!?…][\"'’”»)\]]*\s+(?=\S)")
_SPACE = re.compile(r"\s")
#: No word is longer; text without spaces is cut anywhere.
_LONGEST_WORD = 40
#: Characters after a word found that help to see why.
_CONTEXT = 40

#: Control characters other than white space could command a terminal; each becomes a sign
#: that something stood there, so that offsets stay.
_CONTROLS = {
    code: "\ufffd"
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\t\n\v\f\r\x85"
}


def clean(text: str) -> str:
    """``text`` without anything that a terminal would obey; of the same length."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """``text`` cleaned, on one line."""
    return " ".join(clean(text).split())


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``marks`` has one number a character of ``text``: :data:`WORDS`, :data:`MEANING`, both.

    ``paragraphs``: where in ``text`` another paragraph begins.
    """

    text: str
    marks: bytes
    cut_before: bool = False
    cut_after: bool = False
    paragraphs: tuple[int, ...] = ()

    def runs(self) -> Iterator[tuple[str, int]]:
        """Pieces of text with the mark that all of their characters have."""
        start = 0
        for mark, group in groupby(self.marks):
            end = start + sum(1 for _ in group)
            yield self.text[start:end], mark
            start = end


def marked(text: str, offset: int, highlights: Iterable[Highlight | Span]) -> Excerpt:
    """All of ``text``, which begins at ``offset`` of the body, on one line.

    A plain :class:`Span` counts as one of words.
    """
    marks = bytearray(len(text))
    for highlight in highlights:
        bit = WORDS if isinstance(highlight, Span) else _BITS[highlight.kind]
        start, end = max(0, highlight.start - offset), min(len(text), highlight.end - offset)
        for place in range(start, end):
            marks[place] |= bit
    return _collapsed(clean(text), marks)


def _collapsed(text: str, marks: Sequence[int]) -> Excerpt:
    """Runs of white space become one space, which is marked if its neighbours both are."""
    letters: list[str] = []
    kept = bytearray()
    paragraphs: list[int] = []
    gap, lines = False, 0
    for letter, mark in zip(text, marks, strict=True):
        if letter.isspace():
            gap = bool(letters)
            lines += letter == "\n"
            continue
        if gap:
            letters.append(" ")
            kept.append(kept[-1] & mark)
            if lines > 1:
                paragraphs.append(len(letters))
        gap, lines = False, 0
        letters.append(letter)
        kept.append(mark)
    return Excerpt("".join(letters), bytes(kept), paragraphs=tuple(paragraphs))


def excerpt(passage: ShownPassage, budget: int) -> Excerpt:
    """About ``budget`` characters of a passage, those that show best why it was found."""
    whole = marked(passage.text, passage.start, passage.highlights)
    if len(whole.text) <= budget + budget // 8:
        return whole
    text = whole.text
    sentences = {0, *(match.end() for match in _SENTENCE_END.finditer(text))}
    words = list(_runs(whole.marks, WORDS))
    meanings = list(_runs(whole.marks, MEANING))
    starts = set(sentences)
    for span in (*words, *meanings):
        starts.add(_word_start(text, span.start))
        starts.add(_word_start(text, max(0, span.start - budget // 3)))
        starts.add(_word_start(text, max(0, span.end - budget + 20)))
    best = max(
        starts,
        key=lambda start: (
            _worth(text, start, _end(text, start, budget), words, meanings)
            + (1.5 if start in sentences else 0),
            -start,
        ),
    )
    end = _end(text, best, budget)
    end = _at_sentence(sentences, best, end, [*words, *meanings])
    while end > best and text[end - 1].isspace():
        end -= 1
    return Excerpt(
        text[best:end],
        whole.marks[best:end],
        cut_before=best not in sentences,
        cut_after=end < len(text) and end + 1 not in sentences,
        paragraphs=tuple(place - best for place in whole.paragraphs if best < place < end),
    )


def _runs(marks: bytes, bit: int) -> Iterator[Span]:
    start = 0
    for inside, group in groupby(bool(mark & bit) for mark in marks):
        end = start + sum(1 for _ in group)
        if inside:
            yield Span(start, end)
        start = end


def _worth(
    text: str, start: int, end: int, words: Iterable[Span], meanings: Iterable[Span]
) -> float:
    """Different words found count most, then how much of the nearest sentence is there, then
    whether what was found is read on for a while."""
    shown = [span for span in words if start <= span.start and span.end <= end]
    different = {text[span.start : span.end].casefold() for span in shown}
    # Short words are the common ones: that they are there says little.
    worth = sum(min(3.0, 0.75 * (len(form) - 1)) for form in different) + 0.1 * len(shown)
    for span in shown:
        after = end - span.end if end < len(text) else _CONTEXT
        worth += min(_CONTEXT, after) / _CONTEXT / len(shown)
    for span in meanings:
        common = min(end, span.end) - max(start, span.start)
        if common > 0:
            worth += 4.0 * common / (span.end - span.start)
    return worth


def _word_start(text: str, place: int) -> int:
    """The beginning of the word at ``place``."""
    low = max(0, place - _LONGEST_WORD)
    before = max(
        (match.end() for match in _SPACE.finditer(text, low, place)), default=0 if not low else -1
    )
    return before if before >= 0 else _whole(text, place)


def _end(text: str, start: int, budget: int) -> int:
    """The end of the last word that begins and ends within ``budget`` of ``start``."""
    limit = start + budget
    if limit >= len(text):
        return len(text)
    space = text.rfind(" ", max(start + 1, limit - _LONGEST_WORD), limit + 1)
    return space if space > start else _whole(text, limit)


def _whole(text: str, place: int) -> int:
    """``place``, moved back so that it parts no letter from its marks."""
    while 0 < place < len(text) and (
        unicodedata.combining(text[place])
        or text[place] in "\u200d\ufe0f"
        or text[place - 1] == "\u200d"
    ):
        place -= 1
    return place


def _at_sentence(sentences: set[int], start: int, end: int, spans: Iterable[Span]) -> int:
    """``end``, or the end of a sentence a little before it, if nothing found is lost by it."""
    needed = max((span.end for span in spans if start <= span.start < end), default=start)
    floor = max(start + (end - start) * 2 // 3, min(needed, end))
    return max((place for place in sentences if floor <= place <= end), default=end)
