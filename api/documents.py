"""What the API answers beside searches: JSON-ready dictionaries, each described by a schema in
``docs/``. Answers that the command line prints as well are made in :mod:`byline.wire`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api import marks
from byline.article_highlights import ArticleHighlights
from byline.authorship import Profile
from byline.engines.base import Facet, Timeline
from byline.records import Span, StoredArticle
from byline.search import Answer, Hit
from byline.similar import SimilarArticle
from byline.suggestions import Completion
from byline.wire import (
    SCHEMA,
    Document,
    article_document,
    article_object,
    passage_object,
    search_document,
)


def searched(document: Document, answer: Answer, following: str | None, *, html: bool) -> Document:
    """A search's document with what the API adds to it."""
    document["next"] = following
    if html:
        for row, hit in zip(document["hits"], answer.hits, strict=True):
            _add_html(row, hit)
    return document


def _add_html(row: Document, hit: Hit) -> None:
    row["title_html"] = marks.marked(hit.article.title, marks.words(hit.title_highlights))
    for passage, shown in zip(row["passages"], hit.passages, strict=True):
        passage["html"] = marks.html(shown)


def articles(answer: Answer, following: str | None) -> Document:
    """``docs/articles.schema.json``."""
    return {
        "schema": SCHEMA,
        "total": answer.total.articles,
        "version": answer.version,
        "articles": [article_object(hit.article) for hit in answer.hits],
        "next": following,
    }


def article(stored: StoredArticle, found: ArticleHighlights, *, html: bool) -> Document:
    """``docs/show.schema.json``, with what a query adds to it."""
    document = article_document(stored, found.body)
    document["title_highlights"] = _spans(found.title)
    document["author_highlights"] = [_spans(spans) for spans in found.authors]
    document["summary_highlights"] = [_spans(spans) for spans in found.summary]
    document["nearest"] = _spans(found.nearest)
    if html:
        texts = stored.article
        document["title_html"] = marks.marked(texts.title, marks.words(found.title))
        document["author_html"] = _all_marked(texts.authors, found.authors)
        document["summary_html"] = _all_marked(texts.summary, found.summary)
        both = (*marks.words(found.body), *marks.meaning(found.nearest))
        document["html"] = marks.marked(texts.body, both)
    return document


def _all_marked(texts: Sequence[str], found: Sequence[Sequence[Span]]) -> list[str]:
    return [
        marks.marked(text, marks.words(spans)) for text, spans in zip(texts, found, strict=True)
    ]


def similar(article_id: str, by: str, found: Iterable[SimilarArticle]) -> Document:
    """``docs/similar.schema.json``; ``by`` is ``meaning`` or ``words``."""
    return {
        "schema": SCHEMA,
        "id": article_id,
        "by": by,
        "articles": [
            {
                "rank": rank,
                "score": one.score,
                "article": article_object(one.article),
                "passage": None if one.passage is None else passage_object(one.passage),
            }
            for rank, one in enumerate(found, start=1)
        ],
    }


def facets(answer: Answer) -> Document:
    """``docs/facets.schema.json``."""
    whole = search_document(answer)
    names = ("schema", "query", "total", "version", "facets", "facet_totals")
    return {name: whole[name] for name in names}


def timeline(answer: Answer, period: str) -> Document:
    """``docs/timeline.schema.json``."""
    whole = search_document(answer)
    names = ("schema", "query", "total", "version", "timeline", "undated")
    return {**{name: whole[name] for name in names}, "period": period}


def author(profile: Profile) -> Document:
    """``docs/author.schema.json``."""
    return {
        "schema": SCHEMA,
        "author": profile.name,
        "articles": profile.articles,
        "first": None if profile.first is None else profile.first.isoformat(),
        "last": None if profile.last is None else profile.last.isoformat(),
        "years": _bins(profile.years),
        "undated": profile.years.undated,
        "topics": _counts(profile.topics),
        "publications": _counts(profile.publications),
        "with_authors": _counts(profile.with_authors),
    }


def suggestions(prefix: str, found: Iterable[Completion]) -> Document:
    """``docs/suggest.schema.json``."""
    return {
        "schema": SCHEMA,
        "prefix": prefix,
        "suggestions": [
            {
                "kind": one.kind.value,
                "text": one.text,
                "articles": one.articles,
                "id": one.article_id,
            }
            for one in found
        ],
    }


def _bins(timeline: Timeline) -> list[Document]:
    return [{"start": row.start, "count": row.count} for row in timeline.bins]


def _counts(facet: Facet) -> list[Document]:
    return [{"value": row.value, "count": row.count} for row in facet.values]


def _spans(spans: Iterable[Span]) -> list[Document]:
    return [{"start": span.start, "end": span.end} for span in spans]
