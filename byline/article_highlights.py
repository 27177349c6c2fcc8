"""Everything in one whole article that a query finds: for reading it, not for a list of results.

The same for whoever shows an article, so that two front ends never disagree about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from byline.highlight import Highlighter
from byline.query.tree import Query, TextField
from byline.records import Span, StoredArticle

if TYPE_CHECKING:
    from byline.embedding import Embedder

#: Sentences near in meaning that are named in one article.
_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class ArticleHighlights:
    """Spans of the article's texts, each in order.

    Attributes:
        authors, summary: one tuple for each author and each point, empty where nothing matches.
        nearest: sentences of the body that are nearest in meaning, the nearest first.
    """

    title: tuple[Span, ...] = ()
    authors: tuple[tuple[Span, ...], ...] = ()
    summary: tuple[tuple[Span, ...], ...] = ()
    body: tuple[Span, ...] = ()
    nearest: tuple[Span, ...] = ()


def article_highlights(
    stored: StoredArticle, query: Query, embedder: Embedder | None
) -> ArticleHighlights:
    """What ``query`` matches in each text of the article.

    Args:
        embedder: the archive's; ``None`` where only words are asked for.
    """
    article = stored.article
    highlighter = Highlighter(query)

    def words(text: str, field: TextField) -> tuple[Span, ...]:
        return tuple(highlighter.word_spans(text, field))

    return ArticleHighlights(
        title=words(article.title, TextField.TITLE),
        authors=tuple(words(name, TextField.AUTHOR) for name in article.authors),
        summary=tuple(words(point, TextField.SUMMARY) for point in article.summary),
        body=words(article.body, TextField.BODY),
        nearest=_nearest(stored, query, embedder),
    )


def _nearest(stored: StoredArticle, query: Query, embedder: Embedder | None) -> tuple[Span, ...]:
    if embedder is None or not query.meaning or stored.vectors is None:
        return ()
    # Imported here: it brings numpy, which words alone do without.
    from byline.nearest import nearest_sentences

    vector = embedder.embed_query(query.meaning)
    return nearest_sentences(stored, vector, embedder.nearness.floor, _SENTENCES)
