"""What each query must find, worked out article by article, without any index."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import assert_never

import numpy as np
import numpy.typing as npt

from byline.analysis import Form, fold, terms
from byline.engines.base import Matching, Period
from byline.highlight import within
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
    Value,
    ValueField,
    Word,
)
from byline.records import Article, DatePrecision, StoredArticle

_K1, _B = 1.2, 0.75


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


class Oracle:
    """Knows a list of articles and answers by looking at each."""

    def __init__(self, articles: Sequence[StoredArticle]) -> None:
        self.articles = list(articles)
        self._words = {
            (stored.article.id, field): [
                terms(text, Form.EXACT) for text in texts(stored.article, field)
            ]
            for stored in articles
            for field in TextField
        }

    def matching(self, wanted: Matching) -> list[StoredArticle]:
        return [stored for stored in self.articles if self.has(wanted, stored.article)]

    def has(self, wanted: Matching, article: Article) -> bool:
        if wanted.condition is not None and not self.satisfies(wanted.condition, article):
            return False
        return not wanted.words or any(self.satisfies(word, article) for word in wanted.words)

    def satisfies(self, node: Node, article: Article) -> bool:
        match node:
            case Word() | Phrase() | Prefix() | Fuzzy():
                fields = DEFAULT_FIELDS if node.field is None else (node.field,)
                return self._text(node, article, fields)
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
                return not self.satisfies(node.child, article)
            case And():
                return all(self.satisfies(child, article) for child in node.children)
            case Or():
                return any(self.satisfies(child, article) for child in node.children)
            case _:
                assert_never(node)

    def _text(
        self,
        node: Word | Phrase | Prefix | Fuzzy,
        article: Article,
        fields: Sequence[TextField],
    ) -> bool:
        wanted = terms(node.text, Form.EXACT)
        held = [words for field in fields for words in self._words[article.id, field]]
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

    def nearest(
        self, vector: npt.NDArray[np.float32], condition: Node | None
    ) -> list[tuple[str, float]]:
        """(id, cosine of the best passage), falling, of all that satisfy the condition."""
        found = [
            (stored.article.id, float((stored.vectors.astype(np.float32) @ vector).max()))
            for stored in self.matching(Matching(condition))
            if stored.vectors is not None and len(stored.vectors)
        ]
        return sorted(found, key=lambda pair: -pair[1])

    def bm25(self, word: str) -> dict[str, float]:
        """id → score of a word without a field (Robertson and Zaragoza, "The Probabilistic
        Relevance Framework", 2009, with Lucene's idf), over title, summary, body and authors."""
        lengths, counts = {}, {}
        for stored in self.articles:
            held = [
                stem
                for field in DEFAULT_FIELDS
                for words in self._words[stored.article.id, field]
                for stem in terms(" ".join(words), Form.STEMMED)
            ]
            lengths[stored.article.id] = len(held)
            counts[stored.article.id] = held.count(terms(word, Form.STEMMED)[0])
        having = sum(count > 0 for count in counts.values())
        idf = math.log(1 + (len(lengths) - having + 0.5) / (having + 0.5))
        mean = sum(lengths.values()) / len(lengths)
        return {
            key: idf * n * (_K1 + 1) / (n + _K1 * (1 - _B + _B * lengths[key] / mean))
            for key, n in counts.items()
            if n
        }


def facet(articles: Sequence[StoredArticle], field: ValueField) -> dict[str, int]:
    return dict(Counter(value for stored in articles for value in values(stored.article, field)))


def timeline(articles: Sequence[StoredArticle], period: Period) -> dict[str, int]:
    length = {Period.YEAR: 4, Period.MONTH: 7, Period.DAY: 10}[period]
    coarse = {
        Period.YEAR: (),
        Period.MONTH: (DatePrecision.YEAR,),
        Period.DAY: (DatePrecision.YEAR, DatePrecision.MONTH),
    }[period]
    dates = [stored.article.date for stored in articles]
    return dict(
        Counter(
            when.isoformat()[:length]
            for when in dates
            if when is not None and when.precision not in coarse
        )
    )


def _stands(phrase: list[str], words: list[str]) -> bool:
    size = len(phrase)
    return bool(phrase) and any(
        words[place : place + size] == phrase for place in range(len(words) - size + 1)
    )
