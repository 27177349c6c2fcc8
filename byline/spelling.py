"""Did you mean: words of a query that the archive hardly has, and what it has instead.

What is offered stands in articles that the reader finds by the word's fuzzy form, so a reader
that is limited to some articles offers nothing of the others. The error model is an edit
distance (Damerau, "A technique for computer detection and correction of spelling errors", CACM
1964): one edit, or two in longer words where one gives nothing; among words as near, the more
frequent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from byline.analysis import Form, terms, tokens
from byline.counting import articles_with
from byline.engines.base import ByKeys, Collection, Matching, Reader, ResultSet, Retrieval
from byline.occurrences import within
from byline.query.evaluate import values
from byline.query.tree import (
    DEFAULT_FIELDS,
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
    ValueField,
    Word,
)
from byline.records import Article, Span

#: Words of a query that are looked at, and how long they must be.
_MOST_WORDS = 12
_SHORTEST = 4
#: From this length on two edits are allowed.
_LONG = 7
#: A word that more articles have is taken to be meant.
_FEW = 10
#: How many times as many articles must have what is offered as have what was written.
_MORE = 100
#: Articles that are looked through for words like the one that was written. Where some have that
#: one, nearly all of those with a word like it must have the one that is offered, so few will do.
_SAMPLED, _SAMPLED_FOR_RARE = 16, 4
_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """``text[start:end]`` of the query, ``word``, becomes ``replacement``."""

    start: int
    end: int
    word: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The query spelled otherwise.

    Attributes:
        text: the whole query, ready to be searched.
        changes: in order; at least one.
        articles: how many contain its words and satisfy its conditions; never 0.
    """

    text: str
    changes: tuple[Change, ...]
    articles: int


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A word that may be misspelt: its place in the text, what may be meant, the best first."""

    span: Span
    word: str
    field: TextField | None
    offers: tuple[str, ...]


def suggest(reader: Reader, query: Query) -> tuple[Suggestion, ...]:
    """Up to three other spellings of ``query`` that find articles, the most promising first.

    Words that enough articles have are left alone, so a query that is spelled as the archive
    spells it costs one count a word. Filters that were added to the query hold for what is
    offered.
    """
    doubts = [doubt for doubt in _doubts(reader, query) if doubt.offers]
    if not doubts:
        return ()
    best = [(doubt, doubt.offers[0]) for doubt in doubts]
    attempts = [best]
    for place, doubt in enumerate(doubts):
        attempts += [
            [*best[:place], (doubt, offer), *best[place + 1 :]] for offer in doubt.offers[1:]
        ]
    found = []
    for attempt in attempts:
        suggestion = _suggestion(reader, query, attempt)
        if suggestion.articles:
            found.append(suggestion)
        if len(found) == _OFFERED:
            break
    return tuple(found)


def _doubts(reader: Reader, query: Query) -> Iterator[_Doubt]:
    places: dict[str, list[Span]] = {}
    for text, span in _placed(query.text):
        places.setdefault(text, []).append(span)
    seen: set[str] = set()
    for word, field in _words(query):
        # A word is spelled anew wherever it stands, so the first field that it has decides.
        if word in seen or len(word) < _SHORTEST or word not in places:
            continue
        seen.add(word)
        if len(seen) > _MOST_WORDS:
            return
        having = articles_with(reader, Word(word, field))
        offers = _offers(reader, word, field, having)
        for span in places[word]:
            yield _Doubt(span, word, field, offers)


def _placed(text: str) -> Iterator[tuple[str, Span]]:
    """Words and where they stand; of ``author:pell``, one word to Unicode, ``pell``."""
    for token in tokens(text, Form.EXACT):
        yield token.text, Span(token.start, token.end)
        _, colon, behind = text[token.start : token.end].partition(":")
        if colon:
            start = token.end - len(behind)
            for inner, span in _placed(behind):
                yield inner, Span(start + span.start, start + span.end)


def _words(query: Query) -> Iterator[tuple[str, TextField | None]]:
    """The words that speak for an article, with the fields they are looked for in."""
    for node in query.words:
        yield from _of_node(node)
    yield from _of_node(query.condition)


def _of_node(node: Node | None) -> Iterator[tuple[str, TextField | None]]:
    match node:
        case Word():
            yield node.text, node.field
        case Phrase():
            for word in terms(node.text, Form.EXACT):
                yield word, node.field
        case And() | Or():
            for child in node.children:
                yield from _of_node(child)
        case None | Not() | Value() | DateRange() | Everything() | Prefix() | Fuzzy():
            return
        case _:
            assert_never(node)


def _offers(reader: Reader, word: str, field: TextField | None, having: int) -> tuple[str, ...]:
    """What may be meant by a word that ``having`` articles have, the best first."""
    if having > _FEW or any(letter.isdigit() for letter in word):
        return ()
    # A word that some articles have is more likely rare than misspelt: only one edit then.
    most = 2 if len(word) >= _LONG and not having else 1
    for edits in range(1, most + 1):
        near = _near(reader, Fuzzy(word, field, edits), _SAMPLED_FOR_RARE if having else _SAMPLED)
        counts = {known: articles_with(reader, Word(known, field)) for known in near}
        enough = [
            known
            for known in near
            if counts[known] >= max(1, having * _MORE) and not _is_number_of(word, known)
        ]
        if enough:
            ranked = sorted(enough, key=lambda known: (-counts[known], known))
            return _distinct(word, ranked)[:_OFFERED]
    return ()


def _is_number_of(word: str, other: str) -> bool:
    """Whether one looks like the other's plural, which is no misspelling of it."""
    return word == other + "s" or other == word + "s"


def _near(reader: Reader, wanted: Fuzzy, sampled: int) -> set[str]:
    """Words of some of the articles that have one like it."""
    found = reader.retrieve(Retrieval(Matching(words=(wanted,)), depth=sampled)).words
    page = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found))))
    known = {
        known
        for one in page.articles
        for text in _texts(one.stored.article, wanted.field)
        for known in terms(text, Form.EXACT)
    }
    return {
        other
        for other in known - {wanted.text}
        if abs(len(other) - len(wanted.text)) <= wanted.distance
        and within(other, wanted.text, wanted.distance)
    }


def _texts(article: Article, field: TextField | None) -> Iterator[str]:
    for one in DEFAULT_FIELDS if field is None else (field,):
        match one:
            case TextField.TITLE:
                yield article.title
            case TextField.SUMMARY:
                yield from article.summary
            case TextField.BODY:
                yield article.body
            case _:
                yield from values(article, ValueField(one.value))


def _distinct(word: str, ranked: Sequence[str]) -> tuple[str, ...]:
    """One word a stem, and none that the word itself finds."""
    stems = {tuple(terms(word, Form.STEMMED))}
    kept = []
    for known in ranked:
        stem = tuple(terms(known, Form.STEMMED))
        if stem not in stems:
            stems.add(stem)
            kept.append(known)
    return tuple(kept)


def _suggestion(reader: Reader, query: Query, attempt: Sequence[tuple[_Doubt, str]]) -> Suggestion:
    changes = tuple(
        Change(doubt.span.start, doubt.span.end, query.text[doubt.span.start : doubt.span.end], new)
        for doubt, new in sorted(attempt, key=lambda pair: pair[0].span.start)
    )
    parts, end = [], 0
    for change in changes:
        parts += [query.text[end : change.start], change.replacement]
        end = change.end
    text = "".join(parts) + query.text[end:]
    spelled = {doubt.word: new for doubt, new in attempt}
    condition = None if query.condition is None else _respelled(query.condition, spelled)
    words = tuple(_respelled_text(node, spelled) for node in query.words)
    return Suggestion(text, changes, articles_with(reader, *words, condition=condition))


def _respelled(node: Node, spelled: dict[str, str]) -> Node:
    match node:
        case Word() | Phrase() | Prefix() | Fuzzy():
            return _respelled_text(node, spelled)
        case And() | Or():
            return replace(
                node, children=tuple(_respelled(child, spelled) for child in node.children)
            )
        case Not():
            return Not(_respelled(node.child, spelled))
        case Value() | DateRange() | Everything():
            return node
        case _:
            assert_never(node)


def _respelled_text(node: TextNode, spelled: dict[str, str]) -> TextNode:
    match node:
        case Word():
            return replace(node, text=spelled.get(node.text, node.text))
        case Phrase():
            words = terms(node.text, Form.EXACT)
            text = " ".join(spelled.get(word, word) for word in words)
            return replace(node, text=text)
        case Prefix() | Fuzzy():
            return node
        case _:
            assert_never(node)
