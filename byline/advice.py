"""What a search that found nothing would find if it were put otherwise."""

from __future__ import annotations

from byline.engines.base import Matching, Reader, Retrieval
from byline.query import parse
from byline.query.tree import Query


def is_empty(reader: Reader) -> bool:
    """Whether there is no article at all."""
    return not _count(reader, Query(""))


def without_filters(reader: Reader, query: Query, bare: Query) -> int:
    """Articles that ``bare``, the query as typed, finds by words; 0 where ``query`` has no
    conditions beside it."""
    return 0 if bare.condition == query.condition else _count(reader, bare)


def loosened(reader: Reader, query: Query) -> int:
    """Articles that have one of the words, where the query's own conditions (quotes, ``+``)
    leave none; 0 where it has no such conditions."""
    if query.condition is None or not query.meaning:
        return 0
    return _count(reader, parse(query.meaning))


def _count(reader: Reader, query: Query) -> int:
    matching = Matching(query.condition, query.words)
    return reader.retrieve(Retrieval(matching, want_words=False)).words_total
