"""Did you mean: words of a query that the archive hardly has, and what it has instead.

What is offered stands in articles that the reader finds by the word's fuzzy form, so a reader
that is limited to some articles offers nothing of the others. The error model is an edit
distance (Damerau, "A technique for computer detection and correction of spelling errors", CACM
1964): one edit, or two in longer words where one gives nothing; among words as near, the more
frequent.

A word is looked for by its stem, and what is misspelt in its ending (*presidant*) has the stem of
the right word: many articles are found by it, none has it. Of such words another form is offered,
unless the two differ as forms of one word do (*inflations*).
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
#: The same where they have the word's stem too: most of those have its right form.
_SAMPLED_OF_STEM = 4
#: Articles that are looked at for how they write a word.
_LOOKED_AT = 4
_OFFERED = 3
#: What stands at the end of forms of one word, and of names that are written in two ways.
_ENDINGS = frozenset("s es 's d ed e y ies i ie r er rs ers n en ing".split()) | {""}


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
        offers = _offers(reader, word, field)
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


def _offers(reader: Reader, word: str, field: TextField | None) -> tuple[str, ...]:
    """What may be meant by a word, the best first."""
    if any(letter.isdigit() for letter in word):
        return ()
    # As it is written: nearly every word is known so, and costs no more than this.
    written = articles_with(reader, Phrase(word, field))
    if written > _FEW:
        return ()
    having = articles_with(reader, Word(word, field))
    if having > _FEW and not written:
        form = _right_form(reader, word, field)
        return () if form is None else (form,)
    if having > _FEW or (written and _is_name(reader, word, field)):
        return ()
    return _others(reader, word, field, having)


def _is_name(reader: Reader, word: str, field: TextField | None) -> bool:
    """Whether articles mostly write it with a capital: a rare name is no misspelling
    of a word that more of them have (*Howard*, *toward*)."""
    written = [
        text[token.start]
        for text in _sampled(reader, Matching(words=(Phrase(word, field),)), field, _LOOKED_AT)
        for token in tokens(text, Form.EXACT)
        if token.text == word
    ]
    return sum(letter.isupper() for letter in written) * 2 >= max(1, len(written))


def _right_form(reader: Reader, word: str, field: TextField | None) -> str | None:
    """The word of the same stem that one edit leads to, where ``word`` is none of its forms."""
    near = {
        known
        for known in _near(reader, Fuzzy(word, field, 1), _SAMPLED_OF_STEM, Word(word, field))
        if terms(known, Form.STEMMED) == terms(word, Form.STEMMED) and not are_forms(word, known)
    }
    counts = {known: articles_with(reader, Phrase(known, field)) for known in near}
    enough = [known for known in near if counts[known] > _FEW]
    return min(enough, key=lambda known: (-counts[known], known), default=None)


def _others(reader: Reader, word: str, field: TextField | None, having: int) -> tuple[str, ...]:
    """Words of other stems near one that ``having`` articles have."""
    # A word that some articles have is more likely rare than misspelt: only one edit then.
    most = 2 if len(word) >= _LONG and not having else 1
    for edits in range(1, most + 1):
        sampled = _SAMPLED_FOR_RARE if having else _SAMPLED
        near = _near(reader, Fuzzy(word, field, edits), sampled)
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


def are_forms(word: str, other: str) -> bool:
    """Whether two words of one stem differ only in how English inflects it.

    So do *walked* and *walks*, and *travelled* and *traveled*, of which each is right somewhere.
    """
    common = next(
        (place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    short, long = sorted((word[common:], other[common:]), key=len)
    if short and long == "l" + short and word[:common].endswith("l"):
        return short in _ENDINGS
    return short in _ENDINGS and long in _ENDINGS


def _is_number_of(word: str, other: str) -> bool:
    """Whether one looks like the other's plural, which is no misspelling of it."""
    return word == other + "s" or other == word + "s"


def _near(reader: Reader, wanted: Fuzzy, sampled: int, beside: Word | None = None) -> set[str]:
    """Words of some of the articles that have one like it.

    Args:
        beside: what these articles are to have too.
    """
    matching = Matching(words=(wanted,)) if beside is None else Matching(wanted, (beside,))
    known = {
        known
        for text in _sampled(reader, matching, wanted.field, sampled)
        for known in terms(text, Form.EXACT)
    }
    return {
        other
        for other in known - {wanted.text}
        if abs(len(other) - len(wanted.text)) <= wanted.distance
        and within(other, wanted.text, wanted.distance)
    }


def _sampled(
    reader: Reader, matching: Matching, field: TextField | None, count: int
) -> Iterator[str]:
    """The texts of so many of the articles found."""
    found = reader.retrieve(Retrieval(matching, depth=count)).words
    page = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found))))
    for one in page.articles:
        yield from _texts(one.stored.article, field)


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
