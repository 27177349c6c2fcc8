"""Articles like a given one: near in meaning as a whole, else alike in their telling words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byline.analysis import STOP_WORDS, Form, terms
from byline.archive import stored_article
from byline.counting import articles_with
from byline.engines.base import (
    ByKeys,
    Collection,
    Matching,
    PageArticle,
    Reader,
    ResultSet,
    Retrieval,
)
from byline.passages import PassageChooser, ShownPassage
from byline.query.tree import Node, Query, TextNode, Word
from byline.records import Article, StoredArticle

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Articles whose passages are near that are compared as wholes, for each one wanted.
_COMPARED = 3
_FEWEST_COMPARED = 24
#: Words of an article that are looked up for how rare they are, and how many of these are kept.
_LOOKED_UP = 40
_TELLING = 12
#: A word that fewer articles have than this (in an archive of more) says nothing of likeness.
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class SimilarArticle:
    """``score``: cosine of the two articles' mean vectors, or BM25 by telling words; ``None``
    where the latter must not be told (:attr:`byline.engines.base.Reader.shows_scores`).

    ``passage`` is the one that comes nearest, ``None`` where the article has none.
    """

    article: Article
    score: float | None
    passage: ShownPassage | None


def similar(
    reader: Reader, article_id: str, limit: int = 5, condition: Node | None = None
) -> tuple[SimilarArticle, ...]:
    """Up to ``limit`` articles like ``article_id``, the likest first; never itself.

    By the meaning of the whole article where it has vectors, else by the words that tell it
    from the rest of the archive.

    Args:
        condition: what each of them satisfies.

    Raises:
        ArticleNotFound: no article has the id.
    """
    return similar_to(reader, stored_article(reader, article_id), limit, condition)


def similar_to(
    reader: Reader, stored: StoredArticle, limit: int = 5, condition: Node | None = None
) -> tuple[SimilarArticle, ...]:
    """The same for an article that is at hand already."""
    if limit <= 0:
        return ()
    vector = whole_vector(stored)
    if vector is None:
        return _by_words(reader, stored, limit, condition)
    return _by_meaning(reader, stored, vector, limit, condition)


def whole_vector(stored: StoredArticle) -> npt.NDArray[np.float32] | None:
    """float32 ``[dimension]``, unit length: the mean of the passages' vectors, ``None``
    without any."""
    if stored.vectors is None or not len(stored.vectors):
        return None
    mean: npt.NDArray[np.float32] = stored.vectors.astype("float32").mean(axis=0)
    length = math.sqrt(float(mean @ mean))
    return mean / length if length > 0 else None


def _by_meaning(
    reader: Reader,
    stored: StoredArticle,
    vector: npt.NDArray[np.float32],
    limit: int,
    condition: Node | None,
) -> tuple[SimilarArticle, ...]:
    """Neighbours of the article's mean, then ordered by their own means.

    The nearest passage finds them; an article with one passage alike is not alike as a whole.
    """
    model = reader.manifest.model
    floor = model.floor if model is not None else -1.0
    compared = max(limit * _COMPARED, _FEWEST_COMPARED)
    near = reader.retrieve(
        Retrieval(
            Matching(condition),
            want_words=False,
            vector=vector,
            floor=floor,
            depth=compared + 1,
        )
    ).meaning
    page = reader.collect(Collection(ResultSet(None), ByKeys(tuple(near)), vector=vector))
    ranked = []
    for place, other in enumerate(page.articles):
        theirs = whole_vector(other.stored)
        if theirs is not None and other.stored.article.id != stored.article.id:
            ranked.append((-float(theirs @ vector), place, other))
    ranked.sort(key=lambda row: row[:2])
    chooser = PassageChooser(Query(""), vector, floor)
    return tuple(_similar(other, -score, chooser) for score, _, other in ranked[:limit])


def _by_words(
    reader: Reader, stored: StoredArticle, limit: int, condition: Node | None
) -> tuple[SimilarArticle, ...]:
    words = telling_words(reader, stored.article)
    if not words:
        return ()
    scores = reader.retrieve(Retrieval(Matching(condition, words), depth=limit + 1)).words
    page = reader.collect(Collection(ResultSet(None), ByKeys(tuple(scores))))
    chooser = PassageChooser(Query("", words=words), None)
    return tuple(
        _similar(other, scores[other.key] if reader.shows_scores else None, chooser)
        for other in page.articles
        if other.stored.article.id != stored.article.id
    )[:limit]


def telling_words(reader: Reader, article: Article) -> tuple[TextNode, ...]:
    """The words that tell an article from the rest of the archive, the most telling first.

    By tf-idf: how often the article has a word, against how many articles have it.
    """
    counts = Counter(
        word
        for text in (article.title, *article.summary, article.body)
        for word in terms(text, Form.EXACT)
        if len(word) > 2 and word not in STOP_WORDS and not word[0].isdigit()
    )
    articles = articles_with(reader)
    weights: dict[TextNode, float] = {}
    stems: set[str] = set()
    for text, count in counts.most_common():
        stem = "".join(terms(text, Form.STEMMED))
        if stem in stems:
            continue
        stems.add(stem)
        word = Word(text)
        having = articles_with(reader, word)
        if having >= _FEWEST and 2 * having <= max(articles, 2 * _FEWEST):
            weights[word] = (1 + math.log(count)) * math.log(1 + articles / having)
        if len(stems) >= _LOOKED_UP:
            break
    ranked = sorted(weights, key=lambda node: -weights[node])
    return tuple(ranked[:_TELLING])


def _similar(other: PageArticle, score: float | None, chooser: PassageChooser) -> SimilarArticle:
    passages = chooser.choose(other, 1)
    return SimilarArticle(other.stored.article, score, passages[0] if passages else None)
