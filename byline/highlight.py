"""Where a stored text matches a query's words, and which sentence is nearest in meaning.

Matching is done on the same tokens as the engines' (:mod:`byline.analysis`), so that what is
highlighted is what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, assert_never

import numpy as np

from byline.analysis import Form, placed, terms
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
    import numpy.typing as npt

#: A phrase says more about a passage than a word does.
_PHRASE_WEIGHT = 3.0
#: A stop word says next to nothing.
_BOOST_WEIGHT = 0.1


@dataclass(slots=True)
class _Patterns:
    """A query's text nodes for one field, ready to be matched against tokens."""

    stems: dict[str, float] = field(default_factory=dict)
    exact: dict[str, float] = field(default_factory=dict)
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    prefixes: tuple[str, ...] = ()
    fuzzy: list[tuple[str, int]] = field(default_factory=list)
    #: How the stems begin.
    beginnings: set[str] = field(default_factory=set)
    #: What the first two letters of a word with such a stem can be.
    starts: set[str] = field(default_factory=set)
    #: What words that match weigh, and words that were found to match nothing. Words repeat, so
    #: most are looked up.
    weights: dict[str, float] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def add(self, node: TextNode, weight: float) -> None:
        match node:
            case Word(field=named) if named is None or named in PROSE_FIELDS:
                stems = terms(node.text, Form.STEMMED)
                self.stems.update(dict.fromkeys(stems, weight))
                self.beginnings.update(map(_beginning, stems))
                self.starts.update(*map(_starts, stems))
            case Word():
                self.exact.update(dict.fromkeys(terms(node.text, Form.EXACT), weight))
            case Phrase():
                phrase = tuple(terms(node.text, Form.EXACT))
                self.phrases += [phrase] if phrase else []
            case Prefix():
                self.prefixes += tuple(terms(node.text, Form.EXACT)[-1:])
            case Fuzzy():
                self.fuzzy.append((node.text, node.distance))
            case _:
                assert_never(node)

    @property
    def empty(self) -> bool:
        """Whether nothing can match."""
        return not (self.stems or self.exact or self.phrases or self.prefixes or self.fuzzy)

    def matching(self, words: Iterable[str]) -> set[str]:
        """Those words in their exact form that match by themselves."""
        distinct = set(words)
        unknown = distinct - self.silent - self.weights.keys()
        self.silent |= unknown
        for word in unknown if self.prefixes or self.fuzzy else self._likely(unknown):
            weight = self._find(word)
            if weight:
                self.weights[word] = weight
        return distinct & self.weights.keys()

    def _likely(self, words: Iterable[str]) -> list[str]:
        """Those that can match, told by how they begin, of words that are many."""
        starts, exact = self.starts, self.exact
        return [word for word in words if word[:2] in starts or word in exact]

    def _find(self, word: str) -> float:
        if word in self.exact:
            return self.exact[word]
        # Most words are told apart by how they begin, without stemming them.
        if _beginning(word) in self.beginnings:
            stem = next(iter(terms(word, Form.STEMMED)), "")
            if stem in self.stems:
                return self.stems[stem]
        if self.prefixes and word.startswith(self.prefixes):
            return 1.0
        return float(any(within(word, text, distance) for text, distance in self.fuzzy))

    def phrase_starts(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """(first, last + 1) of each place where a whole phrase stands."""
        for phrase in self.phrases:
            length = len(phrase)
            for place, word in enumerate(words):
                if word == phrase[0] and tuple(words[place : place + length]) == phrase:
                    yield place, place + length


class Highlighter:
    """Finds one query's words in stored texts. Made once, used for each article of a page.

    Only what speaks for an article is highlighted: nothing negated, and no word that the query
    takes for a boost alone (a page on which every "the" is marked shows nothing).
    """

    def __init__(self, query: Query) -> None:
        nodes = [(node, 1.0) for node in query.words]
        nodes += [(node, _BOOST_WEIGHT) for node in query.boosts]
        nodes += [(node, 1.0) for node in _positive(query.condition)]
        self._by_field: dict[TextField, _Patterns] = {}
        for text_field in (*PROSE_FIELDS, TextField.AUTHOR):
            patterns = _Patterns()
            for node, weight in nodes:
                if node.field is None or node.field is text_field:
                    patterns.add(node, weight)
            self._by_field[text_field] = patterns

    def word_spans(self, text: str, text_field: TextField) -> list[Span]:
        """Spans of ``text`` in order, not overlapping. A phrase is one span.

        Args:
            text_field: the field that ``text`` is or is a part of.
        """
        patterns = self._by_field[text_field]
        if patterns.empty:
            return []
        found = placed(text)
        words = [word for word, _, _ in found]
        spans = [
            Span(found[first][1], found[last - 1][2])
            for first, last in patterns.phrase_starts(words)
        ]
        weights = patterns.weights
        marked = {word for word in patterns.matching(words) if weights[word] > _BOOST_WEIGHT}
        spans += [Span(start, end) for word, start, end in found if word in marked]
        return _merged(spans)

    def passage_scores(self, body: str, passages: Sequence[Span]) -> list[float]:
        """How much of the query's words each passage holds; 0 where it holds none.

        A word counts once fully and a little for each repetition; a word that is rare among
        the article's passages counts more than one that is in all of them. Boosts count beside
        words, not by themselves.
        """
        patterns = self._by_field[TextField.BODY]
        if patterns.empty:
            return [0.0] * len(passages)
        found = [self._matches(body[span.start : span.end], patterns) for span in passages]
        found = [
            matches if any(weight > _BOOST_WEIGHT for weight, _ in matches.values()) else {}
            for matches in found
        ]
        spread: dict[str, int] = {}
        for matches in found:
            for word in matches:
                spread[word] = spread.get(word, 0) + 1
        return [
            sum(
                weight * (1 + 0.1 * min(count - 1, 5)) * (1 + 1 / spread[word])
                for word, (weight, count) in matches.items()
            )
            for matches in found
        ]

    def _matches(self, text: str, patterns: _Patterns) -> dict[str, tuple[float, int]]:
        """What matched (a stem, a phrase) → its weight and how often."""
        words = terms(text, Form.EXACT)
        matches: dict[str, tuple[float, int]] = {}
        for word in sorted(patterns.matching(words)):
            key = terms(word, Form.STEMMED)[0] if patterns.stems else word
            count = matches.get(key, (0.0, 0))[1] + words.count(word)
            matches[key] = (patterns.weights[word], count)
        for first, last in patterns.phrase_starts(words):
            key = " ".join(words[first:last])
            weight = _PHRASE_WEIGHT * (last - first)
            matches[key] = (weight, matches.get(key, (0.0, 0))[1] + 1)
        return matches


def _beginning(word: str) -> str:
    """What a word and its stem share: Porter2 changes no more of it than y to i (dying, die)."""
    return word[:2].rstrip("'").replace("y", "i")


def _starts(stem: str) -> set[str]:
    """The first two characters of every word that begins as ``stem`` does, by
    :func:`_beginning`."""
    spelled = [("i", "y") if letter == "i" else (letter,) for letter in _beginning(stem)]
    found = {"".join(letters) for letters in product(*spelled)}
    return found | {f"{start}'" for start in found if len(start) < 2}


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


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order; those that overlap become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def within(word: str, other: str, distance: int) -> bool:
    """Whether so many edits turn one into the other; swapping two neighbours is one edit.

    Optimal string alignment (restricted Damerau-Levenshtein), on code points.
    """
    if abs(len(word) - len(other)) > distance:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(word, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and word[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > distance:
            return False
    return row[-1] <= distance


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
    places = [place for place, sentence in enumerate(sentences) if sentence.overlaps(passage)]
    if not places:
        return None
    signs = np.unpackbits(codes[places], axis=1, count=len(vector)).astype(np.float32) * 2 - 1
    nearest = sentences[places[int(np.argmax(signs @ vector))]]
    return Span(max(nearest.start, passage.start), min(nearest.end, passage.end))
