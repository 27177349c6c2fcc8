"""What each query must find, worked out article by article, without any index."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from byline.analysis import Form, terms
from byline.engines.base import Matching, Period
from byline.query.evaluate import exact_words, satisfies, values
from byline.query.tree import DEFAULT_FIELDS, Node, TextField, ValueField
from byline.records import Article, DatePrecision, StoredArticle

_K1, _B = 1.2, 0.75


class Oracle:
    """Knows a list of articles and answers by looking at each."""

    def __init__(self, articles: Sequence[StoredArticle]) -> None:
        self.articles = list(articles)
        self._words = {
            (stored.article.id, field): exact_words(stored.article, field)
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
        return satisfies(node, article, lambda field: self._words[article.id, field])

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

    def bm25(
        self, word: str, part: Node | None = None, *, rounded: bool = False
    ) -> dict[str, float]:
        """id → score of a word without a field (Robertson and Zaragoza, "The Probabilistic
        Relevance Framework", 2009, with Lucene's idf), over title, summary, body and authors.

        Args:
            part: what the articles satisfy that are taken for all there are.
            rounded: with each article's length as one byte keeps it; their mean is exact.
        """
        lengths, counts = {}, {}
        for stored in self.matching(Matching(part)):
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
        if rounded:
            lengths = {key: _in_a_byte(length) for key, length in lengths.items()}
        return {
            key: idf * n * (_K1 + 1) / (n + _K1 * (1 - _B + _B * lengths[key] / mean))
            for key, n in counts.items()
            if n
        }


def _in_a_byte(length: int) -> int:
    """Lucene's ``SmallFloat.intToByte4``, which Tantivy has as well: exact below 40, then four
    significant bits of what exceeds 24."""
    exceeding = max(length - 24, 0)
    shift = max(exceeding.bit_length() - 4, 0)
    return length - exceeding + (exceeding >> shift << shift)


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
