"""What an archive holds, counted: values, words, sources, sizes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from byline.analysis import fold
from byline.engines.base import LedgerEntry, Matching, ResultSet, Stats, ValueSummary
from byline.engines.elastic import bodies
from byline.engines.elastic.bodies import WINDOW, Body
from byline.engines.elastic.connection import as_json
from byline.engines.elastic.documents import date_of_key
from byline.engines.elastic.layout import folded, spelled
from byline.engines.elastic.searches import Searches
from byline.query.tree import ValueField

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from byline.engines.elastic.connection import Connection

Answer = dict[str, Any]

_ENDS: Body = {
    "first": {"min": {"field": "date_key"}},
    "last": {"max": {"field": "date_key"}},
}
#: Characters that mean something in the regular expressions of aggregations.
_SPECIAL = frozenset('.?+*|{}[]()"\\#@&<>~^$-')


def values(searches: Searches, field: ValueField, prefix: str, limit: int) -> list[ValueSummary]:
    """Every value is counted, whatever the limit: counts of several shards add up exactly."""
    start = fold(prefix)
    query: Body = {"prefix": {folded(field): start}} if start else {"match_all": {}}
    rows = [
        ValueSummary(row["key"]["value"], row["doc_count"], _date(row["first"]), _date(row["last"]))
        for row in _composite(searches, query, spelled(field), _ENDS)
    ]
    if start:
        # An article with two authors counts for the one who was not asked for as well.
        rows = [row for row in rows if fold(row.value).startswith(start)]
    rows.sort(key=lambda row: (-row.count, row.value))
    return rows[:limit] if limit else rows


def terms(searches: Searches, prefix: str, limit: int) -> list[tuple[str, int]]:
    """Exact, whatever the shards: where the best of each may not be the best of all, every word
    that begins so is counted."""
    start = fold(prefix)
    if not start or limit <= 0:
        return []
    pattern = "".join(f"\\{char}" if char in _SPECIAL else char for char in start) + ".*"
    words: Body = {
        "field": "words",
        "include": pattern,
        "size": limit,
        "shard_size": max(limit, WINDOW),
        "order": [{"_count": "desc"}, {"_key": "asc"}],
    }
    body: Body = {"size": 0, "track_total_hits": False, "aggs": {"words": {"terms": words}}}
    (answer,) = searches.send([body])
    said = answer["aggregations"]["words"]
    if said["doc_count_error_upper_bound"]:
        rows = [(row["key"]["value"], row["doc_count"]) for row in _words(searches, start)]
        return sorted(rows, key=lambda row: (-row[1], row[0]))[:limit]
    return [(row["key"], row["doc_count"]) for row in said["buckets"]]


def _words(searches: Searches, start: str) -> Iterator[Answer]:
    """Those that begin with ``start``, by word."""
    # The last text before all of them: values come in the order of their code points.
    before = ord(start[-1]) - 1
    last = "\ud7ff" if 0xD800 <= before <= 0xDFFF else chr(before)
    after = {"value": start[:-1] + last + "\U0010ffff"}
    for row in _composite(searches, {"match_all": {}}, "words", {}, after=after):
        word = row["key"]["value"]
        if word.startswith(start):
            yield row
        elif word > start:
            return


def from_source(source: str) -> Body:
    """Articles of a source, or of what lies below it where it is a folder."""
    below = source.rstrip("/\\")
    either: list[Body] = [{"term": {"origins.source": source}}]
    either += [{"prefix": {"origins.source": below + separator}} for separator in "/\\"]
    return {"bool": {"filter": [{"bool": {"should": either}}]}}


def entries(document: Answer, source: str) -> Iterator[LedgerEntry]:
    """Those of one article that :func:`from_source` is about."""
    below = source.rstrip("/\\")
    article_id = id_of(document)
    for origin in _original(document).get("origins") or ():
        found = origin["source"]
        if found == source or found.startswith((below + "/", below + "\\")):
            yield LedgerEntry(found, origin["record"], origin["sha256"], article_id)


def id_of(document: Answer) -> str:
    return str(_original(document)["id"])


def _original(document: Answer) -> Answer:
    if "original" not in document:
        return document
    found: Answer = json.loads(base64.b64decode(document["original"]))
    return found


def stats(connection: Connection, searches: Searches) -> Stats:
    counted: Body = {
        **bodies.counts(ResultSet(Matching()), (), None),
        "aggs": {**_ENDS, "passages": {"sum": {"field": "passage_count"}}},
    }
    (answer,) = searches.send([counted])
    said = answer["aggregations"]
    everything: Body = {"match_all": {}}
    distinct = {
        name: sum(1 for _ in _composite(searches, everything, field, {}))
        for name, field in (
            ("authors", spelled(ValueField.AUTHOR)),
            ("publications", spelled(ValueField.PUBLICATION)),
            ("sources", "origins.source"),
        )
    }
    return Stats(
        articles=answer["hits"]["total"]["value"],
        passages=int(said["passages"]["value"]),
        first=_date(said["first"]),
        last=_date(said["last"]),
        bytes=sizes(connection, searches.found.index),
        **distinct,
    )


def sizes(connection: Connection, index: str) -> dict[str, int]:
    """Bytes on the server's disks: of one copy, and of all with their replicas."""

    def get(client: Elasticsearch) -> Answer:
        return as_json(client.indices.stats(index=index, metric="store"))

    said = connection.ask(get)["_all"]
    return {
        "primary shards": said["primaries"]["store"]["size_in_bytes"],
        "replicas": said["total"]["store"]["size_in_bytes"]
        - said["primaries"]["store"]["size_in_bytes"],
    }


def _composite(
    searches: Searches, query: Body, field: str, aggregations: Body, after: Body | None = None
) -> Iterator[Answer]:
    """Every value of a field with its count, by value, :data:`WINDOW` at a time.

    ``after``: of a value; begin with the next one.
    """
    walking = False
    while True:
        composite: Body = {"size": WINDOW, "sources": [{"value": {"terms": {"field": field}}}]}
        if after is not None:
            composite["after"] = after
        body: Body = {
            "query": query,
            "size": 0,
            "track_total_hits": False,
            "aggs": {"values": {"composite": composite, "aggs": aggregations}},
        }
        (answer,) = searches.send([body], walking=walking)
        walking = True
        said = answer["aggregations"]["values"]
        yield from said["buckets"]
        if len(said["buckets"]) < WINDOW:
            return
        after = said["after_key"]


def _date(said: Answer) -> str | None:
    value = said.get("value")
    return None if value is None else date_of_key(int(value)).isoformat()
