"""Where a query's words, phrases, prefixes and near spellings stand in a stored text.

Matching is on the engines' tokens (:mod:`byline.analysis`), so that what is found here is what
they found. A text is searched for how the words begin and cut into tokens only there, which gives
the same in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, assert_never

from byline.analysis import ASCII_WORDS, Form, placed, plainly, stem, terms, thoroughly
from byline.query.tree import PROSE_FIELDS, Fuzzy, Phrase, Prefix, TextNode, Word

#: A phrase says more about a passage than a word does.
_PHRASE_WEIGHT = 3.0
#: What a token of ASCII text can have within it beside letters and digits.
_WITHIN = frozenset("_':.,;")


class Occurrence(NamedTuple):
    """``text[start:end]`` matches.

    Attributes:
        key: what it is one of: a stem, a word, a phrase.
        weight: how much it says.
    """

    start: int
    end: int
    key: str
    weight: float


class Wanted:
    """What is looked for in one field's text. Made once, used for many texts."""

    def __init__(self, nodes: Iterable[TextNode]) -> None:
        self._stems: set[str] = set()
        self._exact: set[str] = set()
        self._phrases: dict[tuple[str, ...], None] = {}
        self._prefixes: tuple[str, ...] = ()
        self._fuzzy: list[tuple[str, int]] = []
        for node in nodes:
            self._add(node)
        self._beginnings = frozenset(
            self._exact.union(self._prefixes, *(map(beginnings, self._stems)))
        )
        self._firsts = frozenset(phrase[0] for phrase in self._phrases)
        # Words repeat, so most are looked up: under which key they match, if they do.
        self._known: dict[str, str | None] = {}

    def _add(self, node: TextNode) -> None:
        match node:
            case Word(field=named) if named is None or named in PROSE_FIELDS:
                self._stems.update(terms(node.text, Form.STEMMED))
            case Word():
                self._exact.update(terms(node.text, Form.EXACT))
            case Phrase():
                phrase = tuple(terms(node.text, Form.EXACT))
                self._phrases |= {phrase: None} if phrase else {}
            case Prefix():
                self._prefixes += tuple(terms(node.text, Form.EXACT)[-1:])
            case Fuzzy():
                self._fuzzy.append((node.text, node.distance))
            case _:
                assert_never(node)

    def __bool__(self) -> bool:
        """Whether anything can match."""
        return bool(self._beginnings or self._phrases or self._fuzzy)

    def occurrences(self, text: str) -> list[Occurrence]:
        """By their start. Words within a phrase that match by themselves occur beside it."""
        if not self:
            return []
        plain, rare = plainly(text)
        if self._fuzzy or (rare and self._phrases):
            return sorted(self._in_tokens(placed(text)))
        return sorted(chain(self._in_plain(plain), self._in_tokens(list(thoroughly(text, rare)))))

    def _in_plain(self, plain: str) -> Iterator[Occurrence]:
        words: dict[int, Occurrence] = {}
        for beginning in self._beginnings:
            for start, end in _tokens_beginning(plain, beginning):
                word = plain[start:end]
                key = self._key(word)
                if key is not None:
                    words[start] = Occurrence(start, end, key, 1.0)
        yield from words.values()
        for phrase in self._phrases:
            for start, end in _tokens_beginning(plain, phrase[0]):
                if end - start == len(phrase[0]):
                    last = _continued(plain, end, phrase[1:])
                    if last is not None:
                        yield _phrase(start, last, phrase)

    def _in_tokens(self, found: list[tuple[str, int, int]]) -> Iterator[Occurrence]:
        for place, (word, start, end) in enumerate(found):
            key = self._key(word)
            if key is not None:
                yield Occurrence(start, end, key, 1.0)
            if word in self._firsts:
                for phrase in self._phrases:
                    there = found[place : place + len(phrase)]
                    if tuple(token[0] for token in there) == phrase:
                        yield _phrase(start, there[-1][2], phrase)

    def _key(self, word: str) -> str | None:
        """Under which key a token in its exact form matches by itself, if it does."""
        if word not in self._known:
            self._known[word] = self._found(word)
        return self._known[word]

    def _found(self, word: str) -> str | None:
        if self._stems:
            stemmed = stem(word)
            if stemmed in self._stems:
                return stemmed
        if word in self._exact or (self._prefixes and word.startswith(self._prefixes)):
            return word
        near = any(within(word, text, distance) for text, distance in self._fuzzy)
        return word if near else None


def beginnings(stemmed: str) -> set[str]:
    """How every word with this stem begins, in one of these ways.

    Porter2 changes of a word's beginning no more than the last letter that it leaves, and
    where that leaves little, y to i (dying, die).
    """
    if len(stemmed) > 3:
        return {stemmed[:-1]}
    begun = stemmed[:2]
    return {begun, begun[:-1] + "y"} if begun.endswith("i") else {begun}


def _tokens_beginning(plain: str, beginning: str) -> Iterator[tuple[int, int]]:
    """Start and end of the tokens of ASCII text that begin so."""
    place = plain.find(beginning)
    while place >= 0:
        before = plain[place - 1] if place else " "
        if not before.isalnum() and (before not in _WITHIN or _token_starts(plain, place)):
            match = ASCII_WORDS.match(plain, place)
            if match is not None:
                yield match.span()
        place = plain.find(beginning, place + 1)


def _token_starts(plain: str, place: int) -> bool:
    """Whether a token starts here, where one that began before might go on."""
    first = place
    while first and (plain[first - 1].isalnum() or plain[first - 1] in _WITHIN):
        first -= 1
    return any(match.start() == place for match in ASCII_WORDS.finditer(plain, first, place + 1))


def _continued(plain: str, end: int, rest: tuple[str, ...]) -> int | None:
    """Where the phrase ends that goes on with ``rest`` after ``end``, if it does."""
    for word in rest:
        match = ASCII_WORDS.search(plain, end)
        if match is None or match[0] != word:
            return None
        end = match.end()
    return end


def _phrase(start: int, end: int, phrase: tuple[str, ...]) -> Occurrence:
    return Occurrence(start, end, " ".join(phrase), _PHRASE_WEIGHT * len(phrase))


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
