"""Request bodies for searching. Pure: golden tests hold them.

Articles are named by their ids; a body asks for nothing that is stored unless it is to be
shown, because sort values alone name an article without opening its document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from byline.engines.base import FacetWanted, Matching, Order, Period, ResultSet, Retrieval
from byline.engines.bm25 import Leaf
from byline.engines.elastic import queries
from byline.engines.elastic.documents import document_id
from byline.engines.elastic.layout import STATE_ID, length, spelled
from byline.query.tree import Node

Body: TypeAlias = dict[str, Any]

#: As many results as the server gives without a cursor.
WINDOW = 10_000
#: Up to so many values of a field are counted exactly; past them ``distinct`` is estimated.
MOST_VALUES = 10_000
#: The name under which a neighbour says that it contains the words too.
IN_WORDS = "in_words"

_BY_SCORE: list[Body] = [{"_score": "desc"}, {"id": "asc"}]
_NAMES_ALONE: Body = {"_source": False, "stored_fields": "_none_"}
#: What of an answer is read; the rest is not sent.
FILTER_PATH = (
    "responses.pit_id",
    "responses.status",
    "responses.error",
    "responses.timed_out",
    "responses._shards.failed",
    "responses.hits.total.value",
    "responses.hits.hits.sort",
    "responses.hits.hits.matched_queries",
    "responses.hits.hits._source",
    "responses.hits.hits._explanation",
    "responses.aggregations",
    "-responses.aggregations.*_all.buckets",
)

#: The version that searches can see.
STATE: Body = {
    "query": {"ids": {"values": [STATE_ID]}},
    "_source": ["version"],
    "size": 1,
    "track_total_hits": False,
}


def words_leg(wanted: Retrieval) -> Body:
    body: Body = {
        **_NAMES_ALONE,
        "query": queries.matching(wanted.matching),
        "size": min(wanted.depth, WINDOW) if wanted.want_words else 0,
        "track_total_hits": True,
    }
    if wanted.want_words:
        body["sort"] = _BY_SCORE
    return body


def meaning_leg(wanted: Retrieval, *, oversample: float | None) -> Body:
    """The nearest articles, each by its best passage, and whether it contains the words.

    The filter stands inside the neighbour query: it is applied before neighbours are chosen.
    """
    depth = min(wanted.depth, WINDOW)
    knn: Body = {
        "field": "passages.vector",
        "query_vector": wanted.encoded().tolist(),
        "k": depth,
        "num_candidates": min(WINDOW, depth + depth // 2 + 50),
    }
    if wanted.matching.condition is not None:
        knn["filter"] = queries.node(wanted.matching.condition)
    if oversample is not None:
        knn["rescore_vector"] = {"oversample": oversample}
    near: Body = {"nested": {"path": "passages", "score_mode": "max", "query": {"knn": knn}}}
    if wanted.matching.words:
        words = queries.matching(Matching(words=wanted.matching.words))
        named = {"constant_score": {"filter": words, "boost": 0, "_name": IN_WORDS}}
        near = {"bool": {"must": [near], "should": [named]}}
    return {
        **_NAMES_ALONE,
        "query": near,
        "size": depth,
        "sort": _BY_SCORE,
        "track_total_hits": False,
    }


def result_set(results: ResultSet) -> Body:
    """Exactly the articles of an answer, unscored."""
    parts: list[Body] = []
    if results.matching is not None:
        parts.append(queries.matching(results.matching))
    if results.keys:
        parts.append(by_ids(results.keys))
    if not parts:
        return queries.NOTHING
    return {"bool": {"filter": [parts[0] if len(parts) == 1 else {"bool": {"should": parts}}]}}


def by_ids(ids: Sequence[Any]) -> Body:
    return {"ids": {"values": [document_id(str(one)) for one in ids]}}


def counts(results: ResultSet, facets: Sequence[FacetWanted], timeline: Period | None) -> Body:
    """The size of a result set, its facets and its timeline."""
    aggregations: Body = {}
    for wanted in facets:
        aggregations.update(_facet(wanted))
    if timeline is not None:
        aggregations["timeline"] = timeline_page(timeline)
        aggregations["undated"] = {"missing": {"field": timeline.value}}
    body: Body = {"query": result_set(results), "size": 0, "track_total_hits": True}
    return {**body, "aggs": aggregations} if aggregations else body


def _facet(wanted: FacetWanted) -> Body:
    """The shown values, how many there are in all, and articles without any.

    Each shard sends its best :data:`MOST_VALUES`, so that counts are exact over several.
    """
    name, field = wanted.field.value, spelled(wanted.field)
    order = [{"_count": "desc"}, {"_key": "asc"}]
    counted: Body = {
        f"{name}_all": {"terms": {"field": field, "size": MOST_VALUES}},
        f"{name}_distinct": {"stats_bucket": {"buckets_path": f"{name}_all>_count"}},
        f"{name}_missing": {"missing": {"field": field}},
    }
    if wanted.size > 0:
        shown = {"field": field, "size": wanted.size, "order": order, "shard_size": MOST_VALUES}
        counted[name] = {"terms": shown}
    return counted


def cardinality(results: ResultSet, wanted: FacetWanted) -> Body:
    """An estimate, for a field with more values than are counted."""
    estimate = {"field": spelled(wanted.field), "precision_threshold": 40_000}
    return {
        "query": result_set(results),
        "size": 0,
        "track_total_hits": False,
        "aggs": {"distinct": {"cardinality": estimate}},
    }


def timeline_page(period: Period, after: Body | None = None) -> Body:
    """Up to :data:`WINDOW` bins; the next page begins ``after`` the last."""
    sources = [{"start": {"terms": {"field": period.value}}}]
    composite: Body = {"size": WINDOW, "sources": sources}
    return {"composite": {**composite, "after": after} if after else composite}


def page_of(ids: Sequence[Any], *, vectors: bool = True) -> Body:
    return {
        "query": by_ids(ids),
        "size": len(ids),
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        **_shown(vectors=vectors),
    }


def vectors_of(ids: Sequence[Any]) -> Body:
    return {**page_of(ids), "_source": ["vectors", "passage_count"]}


def _shown(*, vectors: bool) -> Body:
    """Vectors are most of a document; a page that is not compared with one does without."""
    return {} if vectors else {"_source": {"excludes": ["vectors", "sentence_codes"]}}


def listing(results: ResultSet, order: Order, skip: Sequence[Any], *, vectors: bool = True) -> Body:
    """The walk through a result set; ``size``, ``from`` and ``search_after`` are the caller's.

    ``SCORE`` walks through the matching articles alone, scored.
    """
    if order is Order.SCORE:
        query = queries.NOTHING
        if results.matching is not None:
            query = queries.matching(results.matching)
        sort = _BY_SCORE
    else:
        query = result_set(results)
        direction = "desc" if order is Order.NEWEST else "asc"
        sort = [{"minutes": {"order": direction, "missing": "_last"}}, {"id": "asc"}]
    if skip:
        query = {"bool": {"must": [query], "must_not": [by_ids(skip)]}}
    return {"query": query, "sort": sort, "track_total_hits": False, **_shown(vectors=vectors)}


def by_score(query: Body, size: int, after: Sequence[Any] | None = None) -> Body:
    """The best by ``query``, names alone, following those whose sort values end with ``after``."""
    body: Body = {"query": query, "size": size, "sort": _BY_SCORE, "track_total_hits": False}
    return {**body, **_NAMES_ALONE, **({"search_after": after} if after is not None else {})}


def seen(query: Body, leaf: Leaf, ids: Sequence[str]) -> Body:
    """What ``query`` says of these articles, with the length of what ``leaf`` stands in."""
    among = {"bool": {"must": [query], "filter": [by_ids(ids)]}}
    body = by_score(among, len(ids))
    return {**body, "sort": [*_BY_SCORE, {length(leaf.text): "asc"}]}


def explained(leaf: Leaf) -> Body:
    """How some article comes to its score for ``leaf``."""
    body: Body = {"query": queries.leaf(leaf), "size": 1, "track_total_hits": False}
    return {**body, **_NAMES_ALONE, "explain": True}


def part(part: Node, leaves: Sequence[Leaf]) -> Body:
    """What BM25 counts, over the articles that satisfy ``part``.

    Under ``lengths 0`` those that have any word where the first leaf stands, and their average
    length; under ``having`` those that have its first word as ``0 0``.
    """
    words = {
        f"{place} {number}": queries.leaf(leaf._replace(words=(word,)))
        for place, leaf in enumerate(leaves)
        for number, word in enumerate(leaf.words)
    }
    return {
        "query": {"bool": {"filter": [queries.node(part)]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "having": {"filters": {"filters": words}},
            **{
                f"lengths {place}": {"stats": {"field": length(leaf.text)}}
                for place, leaf in enumerate(leaves)
            },
        },
    }


def names_alone(body: Body) -> Body:
    """``body`` for its sort values only."""
    return {**body, **_NAMES_ALONE}
