"""Texts with their highlights as HTML, everything of the article escaped.

Highlights of words may lie in one of meaning or reach across its end; what comes out is nested
properly all the same: ``<mark class="words">`` may lie inside ``<mark class="meaning">``, never
across its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from byline.passages import Highlight, HighlightKind, ShownPassage
from byline.records import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text under the same highlights.

    ``text`` is not escaped. ``begins_words`` and ``begins_meaning``: whether a highlight of that
    kind begins with it, so that each can be numbered.
    """

    text: str
    words: bool = False
    meaning: bool = False
    begins_words: bool = False
    begins_meaning: bool = False


def pieces(text: str, highlights: Iterable[Highlight], start: int = 0) -> Iterator[Piece]:
    """``text`` cut wherever a highlight begins or ends; joined, the pieces are ``text``.

    Args:
        start: where ``text`` begins in what the highlights' offsets point into; highlights
            are cut to it.
    """
    end = start + len(text)
    given = list(highlights)
    by_kind = {
        kind: sorted(
            (max(mark.start, start), min(mark.end, end))
            for mark in given
            if mark.kind is kind and mark.start < end and mark.end > start
        )
        for kind in HighlightKind
    }
    edges = sorted(
        {start, end} | {edge for spans in by_kind.values() for span in spans for edge in span}
    )
    places = dict.fromkeys(HighlightKind, 0)
    for left, right in pairwise(edges):
        inside = {}
        begins = {}
        for kind, spans in by_kind.items():
            while places[kind] < len(spans) and spans[places[kind]][1] <= left:
                places[kind] += 1
            place = places[kind]
            inside[kind] = place < len(spans) and spans[place][0] <= left
            begins[kind] = inside[kind] and spans[place][0] == left
        yield Piece(
            text[left - start : right - start],
            inside[HighlightKind.WORDS],
            inside[HighlightKind.MEANING],
            begins[HighlightKind.WORDS],
            begins[HighlightKind.MEANING],
        )


def html(passage: ShownPassage) -> str:
    """A passage as HTML."""
    return marked(passage.text, passage.highlights, passage.start)


def marked(text: str, highlights: Iterable[Highlight], start: int = 0) -> str:
    """Any text as HTML; see :func:`pieces`."""
    parts: list[str] = []
    meaning = words = False
    for piece in pieces(text, highlights, start):
        ends_meaning = meaning and (not piece.meaning or piece.begins_meaning)
        starts_meaning = piece.meaning and (not meaning or ends_meaning)
        if words and (not piece.words or piece.begins_words or ends_meaning or starts_meaning):
            parts.append("</mark>")
            words = False
        if ends_meaning:
            parts.append("</mark>")
        if starts_meaning:
            parts.append('<mark class="meaning">')
        meaning = piece.meaning
        if piece.words and not words:
            parts.append('<mark class="words">')
            words = True
        parts.append(escape(piece.text))
    parts += ["</mark>"] * (words + meaning)
    return "".join(parts)


def words(spans: Iterable[Span], start: int = 0) -> list[Highlight]:
    """Spans that match words as highlights, moved by ``start``."""
    return [Highlight(start + span.start, start + span.end, HighlightKind.WORDS) for span in spans]


def meaning(spans: Iterable[Span]) -> list[Highlight]:
    """Sentences near in meaning as highlights."""
    return [Highlight(span.start, span.end, HighlightKind.MEANING) for span in spans]
