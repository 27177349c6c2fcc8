"""Text with highlights as HTML; whatever stands in an article is escaped.

Words are ``<mark class="words">``, what is near in meaning ``<mark class="meaning">``; the
first may lie in the second. Screen readers are told of the second by a label, since it is a
sentence that bears no word of the query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from byline.records import Span
from byline.wording.excerpt import MEANING, WORDS, Excerpt, clean


@dataclass(frozen=True, slots=True)
class Layer:
    """Spans that get one kind of element.

    Attributes:
        opening: the start tag of the span with this number; the flag says whether it is the
            span's first piece (an element cannot cross a paragraph, so a span can have several).
        closing: the end tag.
        spans: in order, not overlapping each other.
    """

    opening: Callable[[int, bool], Markup]
    closing: Markup
    spans: Sequence[Span]

    def at(self, start: int, end: int) -> int | None:
        """The number of the span that holds this piece."""
        for number, span in enumerate(self.spans):
            if span.start <= start and end <= span.end:
                return number
        return None


def weave(text: str, offset: int, layers: Sequence[Layer]) -> Markup:
    """``text``, which begins at ``offset`` of the body, in its elements; outer layers first."""
    end = offset + len(text)
    edges = {offset, end}
    for layer in layers:
        for span in layer.spans:
            edges.update(edge for edge in (span.start, span.end) if offset < edge < end)
    safe = clean(text)
    parts: list[Markup] = []
    open_spans: list[tuple[int, int]] = []
    for first, last in pairwise(sorted(edges)):
        wanted = [
            (depth, number)
            for depth, layer in enumerate(layers)
            if (number := layer.at(first, last)) is not None
        ]
        while open_spans and wanted[: len(open_spans)] != open_spans:
            parts.append(layers[open_spans.pop()[0]].closing)
        for depth, number in wanted[len(open_spans) :]:
            layer = layers[depth]
            parts.append(layer.opening(number, layer.spans[number].start == first))
            open_spans.append((depth, number))
        parts.append(escape(safe[first - offset : last - offset]))
    parts.extend(layers[depth].closing for depth, _ in reversed(open_spans))
    return Markup("").join(parts)


def constant(tag: str, attributes: str) -> Callable[[int, bool], Markup]:
    """A start tag that is the same for each span."""
    opening = Markup(f"<{tag} {attributes}>")  # noqa: S704 - from this module's own literals
    return lambda _number, _first: opening


MARK_END = Markup("</mark>")
_PARAGRAPH = Markup('<span class="paragraph" aria-hidden="true">¶ </span>')
_WORDS = constant("mark", 'class="words"')
_MEANING = constant("mark", 'class="meaning"')


def words_layer(spans: Iterable[Span]) -> Layer:
    return Layer(_WORDS, MARK_END, tuple(spans))


def meaning_layer(spans: Iterable[Span]) -> Layer:
    return Layer(_MEANING, MARK_END, tuple(spans))


def excerpt_html(part: Excerpt) -> Markup:
    """An excerpt with its marks, and an ellipsis where it was cut."""
    meanings: list[Span] = []
    words: list[Span] = []
    place = 0
    for text, mark in part.runs():
        span = Span(place, place + len(text))
        place = span.end
        for bit, spans in ((MEANING, meanings), (WORDS, words)):
            if mark & bit:
                if spans and spans[-1].end == span.start:
                    spans[-1] = Span(spans[-1].start, span.end)
                else:
                    spans.append(span)
    layers = (meaning_layer(meanings), words_layer(words))
    # Headings end without a full stop: what follows one is not to be read on with it.
    edges = pairwise((0, *part.paragraphs, len(part.text)))
    woven = _PARAGRAPH.join(weave(part.text[a:b], a, layers) for a, b in edges)
    before, after = "… " if part.cut_before else "", " …" if part.cut_after else ""
    return Markup("{}{}{}").format(before, woven, after)
