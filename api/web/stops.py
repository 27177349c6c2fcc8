"""Highlights of the reading page: numbered as one reads, so that one can go from each to the next.

A highlight in the title, in a name or in the summary is a stop as one in the text is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from markupsafe import Markup, escape

from api.web.markup import MARK_END, Layer, weave
from byline.article_highlights import ArticleHighlights
from byline.records import Span


@dataclass(frozen=True, slots=True)
class Numbered:
    """One text's spans and, of those that are stops, the numbers."""

    spans: tuple[Span, ...] = ()
    numbers: Mapping[Span, int] = field(default_factory=dict)

    def html(self, text: str) -> Markup:
        return weave(text, 0, [layer("words", self.spans, Span(0, len(text)), self.numbers)])

    @property
    def stops(self) -> int:
        return len(self.numbers)

    def has(self, number: int) -> bool:
        return number in self.numbers.values()


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked on the page. ``body`` has the numbers of both kinds in the text."""

    title: Numbered
    authors: tuple[Numbered, ...]
    summary: tuple[Numbered, ...]
    body: Numbered
    meaning: tuple[Span, ...]

    @property
    def count(self) -> int:
        parts = (self.title, *self.authors, *self.summary, self.body)
        return sum(part.stops for part in parts)


def marks(found: ArticleHighlights) -> Marks:
    """Numbers follow the page from its top: the title, who wrote it, the summary, the text."""
    numbers = count(1)
    meaning = tuple(sorted(found.nearest, key=lambda span: span.start))
    return Marks(
        title=_numbered(found.title, found.title, numbers),
        authors=tuple(_numbered(spans, spans, numbers) for spans in found.authors),
        summary=tuple(_numbered(spans, spans, numbers) for spans in found.summary),
        body=_numbered(found.body, _stops(found.body, meaning), numbers),
        meaning=meaning,
    )


def _numbered(spans: Sequence[Span], stops: Iterable[Span], numbers: Iterator[int]) -> Numbered:
    return Numbered(tuple(spans), {span: next(numbers) for span in stops})


def _stops(words: Sequence[Span], meaning: Sequence[Span]) -> list[Span]:
    """Each sentence near in meaning, and each word outside of them."""
    outside = [word for word in words if not any(near.overlaps(word) for near in meaning)]
    return sorted((*meaning, *outside), key=lambda span: span.start)


def layer(kind: str, spans: Sequence[Span], whole: Span, numbers: Mapping[Span, int]) -> Layer:
    """Those of ``spans`` that reach into ``whole``; each stop's first piece has its anchor."""
    within = tuple(span for span in spans if span.overlaps(whole))

    def opening(number: int, first: bool) -> Markup:
        stop = numbers.get(within[number]) if first else None
        named = Markup(' id="h-{}"').format(stop) if stop else Markup("")
        return Markup('<mark class="{}"{}>').format(escape(kind), named)

    return Layer(opening, MARK_END, within)
