"""Which passages of an article to show for a query, and what to highlight in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from byline.engines.base import PageArticle
from byline.highlight import Highlighter, inside, merged, nearest_sentence, passage_scores
from byline.occurrences import Occurrence
from byline.query.tree import Query, TextField
from byline.records import Passage, Span

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class HighlightKind(StrEnum):
    WORDS = "words"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Highlight:
    """``body[start:end]`` of the article, code points."""

    start: int
    end: int
    kind: HighlightKind


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """``text`` is ``body[start:end]``; highlights are in order of their start.

    Those of one kind do not overlap each other; those of words may lie in one of meaning.
    """

    start: int
    end: int
    text: str
    highlights: tuple[Highlight, ...]


class PassageChooser:
    """Chooses for one query; made once and used for each article of a page.

    Args:
        vector: float32 ``[dimension]``, the query's, where meaning was searched.
        floor: cosine to it under which a passage is not near.
    """

    def __init__(
        self,
        query: Query,
        vector: npt.NDArray[np.float32] | None,
        floor: float = 1.0,
    ) -> None:
        self._highlighter = Highlighter(query)
        self._vector = vector
        self._floor = floor

    def title_highlights(self, title: str) -> tuple[Span, ...]:
        return tuple(self._highlighter.word_spans(title, TextField.TITLE))

    def choose(self, found: PageArticle, wanted: int) -> tuple[ShownPassage, ...]:
        """Up to ``wanted`` passages, the best first.

        The best by words and the best by meaning take turns, words first; passages that
        overlap become one. An article that was found by neither (a listing) shows its first.
        """
        stored = found.stored
        if not wanted or not stored.passages:
            return ()
        occurrences = self._highlighter.occurrences(stored.article.body, TextField.BODY)
        by_words = _by_words(occurrences, stored.passages)
        by_meaning = self._by_meaning(found)
        turns = _taking_turns(by_words, by_meaning) or [0]
        groups: list[list[int]] = []
        for place in turns:
            passage = stored.passages[place]
            for group in groups:
                if any(stored.passages[other].overlaps(passage) for other in group):
                    group.append(place)
                    break
            else:
                if len(groups) == wanted:
                    break
                groups.append([place])
        near = set(by_meaning)
        return tuple(self._show(found, occurrences, group, near) for group in groups)

    def _by_meaning(self, found: PageArticle) -> list[int]:
        if found.cosines is None:
            return []
        cosines = found.cosines.tolist()
        ranked = sorted(range(len(cosines)), key=lambda place: (-cosines[place], place))
        return [place for place in ranked if cosines[place] >= self._floor]

    def _show(
        self,
        found: PageArticle,
        occurrences: Sequence[Occurrence],
        group: Iterable[int],
        near: set[int],
    ) -> ShownPassage:
        stored = found.stored
        body = stored.article.body
        places = sorted(group)
        start = min(stored.passages[place].start for place in places)
        end = max(stored.passages[place].end for place in places)
        highlights = [
            Highlight(span.start, span.end, HighlightKind.WORDS)
            for span in merged(inside(occurrences, Span(start, end)))
        ]
        sentence = self._nearest(found, [place for place in places if place in near])
        if sentence is not None:
            highlights.append(Highlight(sentence.start, sentence.end, HighlightKind.MEANING))
        highlights.sort(key=lambda mark: (mark.start, -mark.end))
        return ShownPassage(start, end, body[start:end], tuple(highlights))

    def _nearest(self, found: PageArticle, places: list[int]) -> Span | None:
        """The sentence nearest in meaning, in the nearest of these passages."""
        if not places or self._vector is None or found.cosines is None:
            return None
        cosines = found.cosines
        stored = found.stored
        passage: Passage = stored.passages[max(places, key=lambda place: float(cosines[place]))]
        if stored.sentence_codes is None:
            return None
        return nearest_sentence(self._vector, passage, stored.sentences, stored.sentence_codes)


def _by_words(occurrences: Sequence[Occurrence], passages: Sequence[Passage]) -> list[int]:
    scores = passage_scores(occurrences, passages)
    ranked = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    return [place for place in ranked if scores[place] > 0]


def _taking_turns(first: list[int], second: list[int]) -> list[int]:
    """Both lists merged item by item, each item once."""
    merged: dict[int, None] = {}
    for place in range(max(len(first), len(second))):
        for ranked in (first, second):
            if place < len(ranked):
                merged.setdefault(ranked[place])
    return list(merged)
