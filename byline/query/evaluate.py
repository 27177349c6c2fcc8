"""Whether an article satisfies a node, worked out from the article itself, without any index.

The definition in :mod:`byline.query.tree`, made to run. Engines answer faster; the conformance
suite holds them to this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, assert_never

from byline.analysis import Form, fold, terms
from byline.occurrences import within
from byline.query.tree import (
    DEFAULT_FIELDS,
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
    TextField,
    TextNode,
    Value,
    ValueField,
    Word,
)
from byline.records import Article

#: A field's texts, each as its words in exact form.
Held: TypeAlias = Callable[[TextField], Sequence[Sequence[str]]]


def texts(article: Article, field: TextField) -> tuple[str, ...]:
    """A field's texts; a phrase stands within one of them."""
    match field:
        case TextField.TITLE:
            return (article.title,)
        case TextField.SUMMARY:
            return article.summary
        case TextField.BODY:
            return (article.body,)
        case _:
            return values(article, ValueField(field.value))


def values(article: Article, field: ValueField) -> tuple[str, ...]:
    found: tuple[str | None, ...]
    match field:
        case ValueField.AUTHOR:
            found = article.authors
        case ValueField.TOPIC:
            found = article.topics
        case ValueField.PUBLICATION:
            found = (article.publication,)
        case ValueField.SECTION:
            found = (article.section,)
        case ValueField.LANGUAGE:
            found = (article.language,)
    return tuple(dict.fromkeys(value for value in found if value))


def exact_words(article: Article, field: TextField) -> list[list[str]]:
    """The words of each of a field's texts."""
    return [terms(text, Form.EXACT) for text in texts(article, field)]


def satisfies(node: Node, article: Article, held: Held | None = None) -> bool:
    """Args:
    held: the article's words, where they are known already.
    """
    words = held or (lambda field: exact_words(article, field))
    match node:
        case Word() | Phrase() | Prefix() | Fuzzy():
            fields = DEFAULT_FIELDS if node.field is None else (node.field,)
            return _text(node, [text for field in fields for text in words(field)])
        case Value():
            return fold(node.value) in {fold(value) for value in values(article, node.field)}
        case DateRange():
            when = article.date
            return (
                when is not None
                and (node.first is None or when.first_day >= node.first)
                and (node.last is None or when.last_day <= node.last)
            )
        case Everything():
            return True
        case Not():
            return not satisfies(node.child, article, words)
        case And():
            return all(satisfies(child, article, words) for child in node.children)
        case Or():
            return any(satisfies(child, article, words) for child in node.children)
        case _:
            assert_never(node)


def _text(node: TextNode, held: Sequence[Sequence[str]]) -> bool:
    wanted = terms(node.text, Form.EXACT)
    together = [word for words in held for word in words]
    match node:
        case Word():
            if node.field is None or node.field in PROSE_FIELDS:
                stems = {stem for word in together for stem in terms(word, Form.STEMMED)}
                return all(stem in stems for stem in terms(node.text, Form.STEMMED))
            return all(word in together for word in wanted)
        case Phrase():
            return any(_stands(wanted, words) for words in held)
        case Prefix():
            return any(word.startswith(wanted[-1]) for word in together)
        case Fuzzy():
            return any(within(word, wanted[-1], node.distance) for word in together)
        case _:
            assert_never(node)


def _stands(phrase: Sequence[str], words: Sequence[str]) -> bool:
    size = len(phrase)
    return bool(phrase) and any(
        list(words[place : place + size]) == list(phrase) for place in range(len(words) - size + 1)
    )
