"""What to highlight in a stored text: a query's words, and the sentence nearest in meaning."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, assert_never

from byline.occurrences import Occurrence, Wanted
from byline.query.tree import (
    PROSE_FIELDS,
    And,
    DateRange,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    TextField,
    TextNode,
    Value,
    Word,
)
from byline.records import Sentence, Span

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Highlighter:
    """Finds one query's words in stored texts. Made once, used for each article of a page.

    Only what speaks for an article is highlighted: nothing negated, and no word that the query
    takes for a boost alone (a page on which every "the" is marked shows nothing).
    """

    def __init__(self, query: Query) -> None:
        nodes = [*query.words, *_positive(query.condition)]
        self._by_field = {
            text_field: Wanted(node for node in nodes if node.field in (None, text_field))
            for text_field in (*PROSE_FIELDS, TextField.AUTHOR)
        }

    def occurrences(self, text: str, text_field: TextField) -> list[Occurrence]:
        """Every word and phrase of the query in ``text``, by its start.

        Args:
            text_field: the field that ``text`` is or is a part of.
        """
        return self._by_field[text_field].occurrences(text)

    def word_spans(self, text: str, text_field: TextField) -> list[Span]:
        """Spans of ``text`` in order, not overlapping. A phrase is one span."""
        return merged(self.occurrences(text, text_field))


def passage_scores(found: Sequence[Occurrence], passages: Sequence[Span]) -> list[float]:
    """How much of the query's words each passage holds; 0 where it holds none.

    A word counts once fully and a little for each repetition; a word that is rare among the
    article's passages counts more than one that is in all of them.

    Args:
        found: in the whole body, by their start.
    """
    held: list[dict[str, tuple[float, int]]] = []
    spread: dict[str, int] = {}
    for passage in passages:
        counts: dict[str, tuple[float, int]] = {}
        for one in inside(found, passage):
            counts[one.key] = (one.weight, counts.get(one.key, (0.0, 0))[1] + 1)
        for key in counts:
            spread[key] = spread.get(key, 0) + 1
        held.append(counts)
    return [
        sum(
            weight * (1 + 0.1 * min(count - 1, 5)) * (1 + 1 / spread[key])
            for key, (weight, count) in counts.items()
        )
        for counts in held
    ]


def inside(found: Sequence[Occurrence], span: Span) -> Iterator[Occurrence]:
    """Those of ``found``, which are by their start, that lie within ``span``."""
    for place in range(bisect_left(found, (span.start,)), len(found)):
        one = found[place]
        if one.start >= span.end:
            return
        if one.end <= span.end:
            yield one


def merged(found: Iterable[Occurrence]) -> list[Span]:
    """Where any of ``found``, which are by their start, stands; those that overlap are one."""
    spans: list[Span] = []
    for one in found:
        if spans and one.start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, one.end))
        else:
            spans.append(Span(one.start, one.end))
    return spans


def _positive(node: Node | None) -> Iterator[TextNode]:
    """The text nodes that are demanded rather than excluded."""
    match node:
        case Word() | Phrase() | Prefix() | Fuzzy():
            yield node
        case And() | Or():
            for child in node.children:
                yield from _positive(child)
        case None | Not() | Value() | DateRange() | Everything():
            return
        case _:
            assert_never(node)


def nearest_sentence(
    vector: npt.NDArray[np.float32],
    passage: Span,
    sentences: Sequence[Sentence],
    codes: npt.NDArray[np.uint8],
) -> Span | None:
    """The sentence of ``passage`` that is nearest to a query, cut to the passage.

    Args:
        vector: float32 ``[dimension]``, the query's.
        codes: :attr:`byline.records.StoredArticle.sentence_codes`.
    """
    # Imported here: a search by words alone does without.
    import numpy as np

    first = bisect_right(sentences, passage.start, key=attrgetter("end"))
    last = bisect_left(sentences, passage.end, key=attrgetter("start"))
    if first >= last:
        return None
    # As 0 and 1: signs as -1 and 1 would take more work, and put the same sentence first.
    signs = np.unpackbits(codes[first:last], axis=1, count=len(vector)).astype(np.float32)
    nearest = sentences[first + int(np.argmax(signs @ vector))]
    return Span(max(nearest.start, passage.start), min(nearest.end, passage.end))
