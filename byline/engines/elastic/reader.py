"""The archive as it was at one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from byline.engines.base import (
    ByKeys,
    Candidates,
    Collected,
    Collection,
    Facet,
    FacetCount,
    FacetWanted,
    Finding,
    Key,
    LedgerEntry,
    Listed,
    Matching,
    Order,
    PageArticle,
    Period,
    ResultSet,
    Retrieval,
    Stats,
    Timeline,
    TimelineBin,
    ValueSummary,
)
from byline.engines.bm25 import Rankings
from byline.engines.cosines import cosines
from byline.engines.elastic import bodies, overview
from byline.engines.elastic.bodies import WINDOW, Body
from byline.engines.elastic.documents import from_document, vectors_in
from byline.engines.elastic.searches import Searches, hits_of
from byline.engines.elastic.walks import Walk
from byline.engines.elastic.weighing import ranked
from byline.errors import NoVectors
from byline.jsontext import to_json
from byline.query.tree import ValueField
from byline.records import Manifest, StoredArticle

if TYPE_CHECKING:
    from byline.engines.elastic.connection import Connection

Answer = dict[str, Any]

#: Ids, or fingerprints, asked for in one search.
_ASKED = 500


class ElasticReader:
    """Reads one point in time; see :mod:`byline.engines.elastic.searches`."""

    def __init__(self, connection: Connection, searches: Searches) -> None:
        self._connection = connection
        self._searches = searches
        self._rankings = Rankings[str](partial(ranked, searches))

    @property
    def manifest(self) -> Manifest:
        return self._searches.found.manifest

    @property
    def version(self) -> int:
        return self._searches.version

    # Searching.

    def retrieve(self, wanted: Retrieval) -> Candidates:
        matching = wanted.matching
        by_part = wanted.want_words and matching.weighed_by is not None
        sent = [bodies.words_leg(replace(wanted, want_words=False) if by_part else wanted)]
        if wanted.vector is not None:
            found = self._searches.found
            if found.manifest.model is None:
                raise NoVectors(
                    f"The archive {self._connection.address} was indexed without vectors."
                )
            sent.append(bodies.meaning_leg(wanted, oversample=found.oversample))
        answers = self._searches.send(sent)
        words = _scores(hits_of(answers[0]))
        if by_part:
            words = dict(self._rankings.first(matching, wanted.depth))
        meaning: dict[Key, float] = {}
        in_words: set[Key] = set()
        if wanted.vector is not None:
            meaning, in_words = _neighbours(answers[1], wanted)
        return Candidates(words, answers[0]["hits"]["total"]["value"], meaning, in_words)

    def collect(self, wanted: Collection) -> Collected:
        sent = [bodies.counts(wanted.results, wanted.facets, wanted.timeline)]
        walk: Walk | None = None
        scores: dict[str, float] = {}
        matching, vectors = wanted.results.matching, wanted.vector is not None
        match wanted.page:
            case ByKeys(keys) if keys:
                sent.append(bodies.page_of(keys, vectors=vectors))
            case Listed(Order.SCORE) as listed if matching is not None and matching.weighed_by:
                scores = dict(self._rankings.page(matching, listed))
                sent += [bodies.page_of(tuple(scores), vectors=vectors)] if scores else []
            case Listed() as listed if listed.limit > 0:
                walk = Walk(self._searches, wanted.results, listed, vectors=vectors)
                sent += walk.first()
        answers = self._searches.send(sent)
        counted = answers[0]
        total = counted["hits"]["total"]["value"]
        return Collected(
            total=total,
            articles=self._articles(wanted, answers[1:], walk, scores),
            facets={one.field: self._facet(wanted.results, one, counted) for one in wanted.facets},
            timeline=self._timeline(wanted.results, wanted.timeline, counted),
        )

    def _articles(
        self,
        wanted: Collection,
        answers: list[Answer],
        walk: Walk | None,
        scores: Mapping[str, float],
    ) -> tuple[PageArticle, ...]:
        if walk is not None:
            scored = walk.listed.order is Order.SCORE
            return _page(
                [
                    (hit["sort"][1], hit, hit["sort"][0] if scored else None)
                    for hit in walk.page(answers)
                ],
                wanted.vector,
            )
        keys: Sequence[Key] = tuple(scores)
        if isinstance(wanted.page, ByKeys):
            keys = wanted.page.keys
        if not keys:
            return ()
        hits: dict[Key, Answer] = {hit["sort"][0]: hit for hit in hits_of(answers[0])}
        there = [(key, hits[key], scores.get(str(key))) for key in keys if key in hits]
        return _page(there, wanted.vector)

    def _facet(self, results: ResultSet, wanted: FacetWanted, counted: Answer) -> Facet:
        said = counted["aggregations"]
        name = wanted.field.value
        exact = not said[f"{name}_all"]["sum_other_doc_count"]
        distinct = said[f"{name}_distinct"]["count"]
        if not exact:
            (estimate,) = self._searches.send([bodies.cardinality(results, wanted)])
            distinct = max(distinct, estimate["aggregations"]["distinct"]["value"])
        rows = said[name]["buckets"] if wanted.size > 0 else []
        return Facet(
            tuple(FacetCount(row["key"], row["doc_count"]) for row in rows),
            distinct,
            said[f"{name}_missing"]["doc_count"],
            exact,
        )

    def _timeline(
        self, results: ResultSet, period: Period | None, counted: Answer
    ) -> Timeline | None:
        if period is None:
            return None
        said = counted["aggregations"]
        page, bins = said["timeline"], []
        while True:
            bins += [TimelineBin(row["key"]["start"], row["doc_count"]) for row in page["buckets"]]
            if len(page["buckets"]) < WINDOW:
                return Timeline(tuple(bins), said["undated"]["doc_count"])
            body: Body = {
                "query": bodies.result_set(results),
                "size": 0,
                "track_total_hits": False,
                "aggs": {"timeline": bodies.timeline_page(period, page["after_key"])},
            }
            page = self._searches.send([body])[0]["aggregations"]["timeline"]

    # Reading.

    def vectors(self, keys: Sequence[Key]) -> dict[Key, npt.NDArray[np.float16]]:
        if self._searches.found.manifest.model is None or not keys:
            return {}
        (answer,) = self._searches.send([bodies.vectors_of(keys)])
        return {
            hit["sort"][0]: vectors_in(hit["_source"], hit["_source"]["passage_count"])
            for hit in hits_of(answer)
            if hit["_source"].get("vectors")
        }

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredArticle]:
        found: dict[str, StoredArticle] = {}
        rest = iter(dict.fromkeys(ids))
        while chunk := list(islice(rest, _ASKED)):
            (answer,) = self._searches.send([bodies.page_of(chunk)])
            for hit in hits_of(answer):
                stored = _stored(hit)
                found[stored.article.id] = stored
        return {one: found[one] for one in ids if one in found}

    def scan(self, matching: Matching | None = None) -> Iterator[StoredArticle]:
        """Raises EngineUnavailable where a step takes more than half an hour."""
        for document in self.documents(matching or Matching()):
            yield from_document(document)

    def documents(self, matching: Matching, since: int | None = None) -> Iterator[Answer]:
        """Those of the matching articles as the server has them, by id.

        Args:
            since: only those of later commits.
        """
        query = bodies.result_set(ResultSet(matching))
        if since is not None:
            query["bool"]["filter"].append({"range": {"commit": {"gt": since}}})
        for hit in self.walk({"query": query, "sort": [{"id": "asc"}]}):
            yield hit["_source"]

    def walk(self, body: Body) -> Iterator[Answer]:
        """Every hit of a search, in memory that the size of a document bounds."""
        size, after = 50, None
        while True:
            page: Body = {**body, "size": size, "track_total_hits": False}
            if after is not None:
                page["search_after"] = after
            (answer,) = self._searches.send([page], walking=after is not None)
            hits = hits_of(answer)
            yield from hits
            if len(hits) < size:
                return
            after = hits[-1]["sort"]
            size = _page_size(hits)

    def values(self, field: ValueField, prefix: str = "", limit: int = 0) -> list[ValueSummary]:
        return overview.values(self._searches, field, prefix, limit)

    def terms(self, prefix: str, limit: int = 20) -> list[tuple[str, int]]:
        return overview.terms(self._searches, prefix, limit)

    def ledger(self, source: str) -> Iterator[LedgerEntry]:
        body = {
            "query": overview.from_source(source),
            "sort": [{"id": "asc"}],
            "_source": ["id", "origins", "original"],
        }
        for hit in self.walk(body):
            yield from overview.entries(hit["_source"], source)

    def fingerprints(self, fingerprints: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        rest = iter(dict.fromkeys(fingerprints))
        while chunk := list(islice(rest, _ASKED)):
            body = {
                "query": {"bool": {"filter": [{"terms": {"fingerprint": chunk}}]}},
                "sort": [{"id": "asc"}],
                "_source": ["fingerprint", "id", "original"],
            }
            for hit in self.walk(body):
                source = hit["_source"]
                found.setdefault(source["fingerprint"], overview.id_of(source))
        return found

    def stats(self) -> Stats:
        return overview.stats(self._connection, self._searches)

    def check(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Finding]:
        from byline.engines.elastic.checking import check

        return check(self._connection, self, self._searches, progress)


def _stored(hit: Answer) -> StoredArticle:
    return from_document(hit["_source"])


def _neighbours(answer: Answer, wanted: Retrieval) -> tuple[dict[Key, float], set[Key]]:
    """Cosines by key, and those keys that the words' set has.

    The server's scores are 1 + product from 0 on, and 1 / (1 − product) below it.
    """
    hits = hits_of(answer)
    found: dict[Key, float] = {}
    inside: set[Key] = set()
    for hit in hits:
        said, key = hit["sort"][:2]
        cosine = said - 1.0 if said >= 1.0 else 1.0 - 1.0 / said
        if cosine >= wanted.floor:
            found[key] = cosine
            if "matched_queries" in hit:
                inside.add(key)
    return found, inside if wanted.matching.words else set(found)


def _scores(hits: list[Answer]) -> dict[Key, float]:
    """By key; whatever breaks ties after them is left out."""
    return {sort[1]: sort[0] for hit in hits for sort in (hit["sort"],)}


def _page(
    hits: Sequence[tuple[Key, Answer, float | None]], vector: npt.NDArray[np.float32] | None
) -> tuple[PageArticle, ...]:
    """Of each hit's key, the hit and its score."""
    stored = [_stored(hit) for _, hit, _ in hits]
    return tuple(
        PageArticle(key, one, theirs, score)
        for (key, _, score), one, theirs in zip(hits, stored, cosines(stored, vector), strict=True)
    )


#: Bytes of one page of a walk, about.
_PAGE = 4_000_000


def _page_size(hits: list[Answer]) -> int:
    """Hits of the next page, so that it holds about :data:`_PAGE` bytes."""
    largest = max(len(to_json(hit.get("_source", ""))) for hit in hits[-5:])
    return max(1, min(1000, _PAGE // max(largest, 1)))
