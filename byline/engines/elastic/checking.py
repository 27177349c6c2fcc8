"""Everything in an archive on a server against everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from byline.engines.base import Finding, Matching, ResultSet, Severity
from byline.engines.elastic import bodies, layout
from byline.engines.elastic.bodies import Body
from byline.engines.elastic.connection import Connection, as_json
from byline.engines.elastic.documents import document_id, from_document
from byline.engines.elastic.searches import Searches
from byline.engines.elastic.snapshots import beside
from byline.engines.elastic.state import StateStore
from byline.engines.soundness import REINDEX, all_sound, faults
from byline.errors import ArchiveDamaged
from byline.records import ModelIdentity
from byline.wording.numbers import counted

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from byline.engines.elastic.reader import ElasticReader

Progress = Callable[[int, int], None]

_REBUILD = "Run `byline rebuild`; nothing has to be encoded again."
_NAMED = 5


def check(
    connection: Connection, reader: ElasticReader, searches: Searches, progress: Progress | None
) -> Iterator[Finding]:
    model = reader.manifest.model
    counts = _counts(searches)
    yield _shards(connection)
    yield _mapping(connection, reader)
    yield _state(connection, counts)
    yield from _articles(reader, model, counts["articles"], progress)
    yield _passages(counts, model)
    yield _leftovers(connection, searches.found.index)


def _ok(code: str, message: str) -> Finding:
    return Finding(code, Severity.OK, message)


def _damage(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.DAMAGE, message, remedy)


def _shards(connection: Connection) -> Finding:
    def get(client: Elasticsearch) -> dict[str, Any]:
        # Not the cluster's health, which a reader's role need not see.
        return as_json(client.indices.stats(index=connection.address.name, metric="docs"))

    shards = connection.ask(get)["_shards"]
    if shards["failed"]:
        message = f"Of {counted(shards['total'], 'shard')} {shards['failed']} cannot be reached."
        return _damage("shards", message, "Bring the server's nodes back.")
    answering = counted(shards["successful"], "shard")
    return _ok("shards", f"Every shard that is assigned answers ({answering}).")


def _mapping(connection: Connection, reader: ElasticReader) -> Finding:
    """Whether each field is as Byline lays it out; what the server adds is left aside."""
    wanted = layout.mapping(reader.manifest, connection.options)["properties"]

    def get(client: Elasticsearch) -> dict[str, Any]:
        return as_json(client.indices.get_mapping(index=connection.address.name))

    (said,) = connection.ask(get).values()
    wrong = sorted(_differences(wanted, said["mappings"].get("properties", {})))
    if wrong:
        message = f"The mapping of {', '.join(wrong)} is not the one that Byline makes."
        return _damage("mapping", message, _REBUILD)
    return _ok("mapping", f"The mapping has the stored form {reader.manifest.schema}.")


_COMPARED = ("type", "analyzer", "dims", "similarity")


def _differences(wanted: Body, there: Body, path: str = "") -> Iterator[str]:
    for name, field in wanted.items():
        said = there.get(name, {})
        # The server leaves out the type of what has properties.
        kind = "object" if "properties" in said else None
        same = all(
            said.get(part, kind if part == "type" else None) == field.get(part, kind)
            for part in _COMPARED
            if part in field
        )
        if not said or not same:
            yield path + name
        for below in ("properties", "fields"):
            yield from _differences(field.get(below, {}), said.get(below, {}), f"{path}{name}.")
    for name in there:
        if name not in wanted:
            yield path + name


def _counts(searches: Searches) -> dict[str, int]:
    nested: Body = {
        "nested": {"path": "passages"},
        "aggs": {"vectors": {"filter": {"exists": {"field": "passages.vector"}}}},
    }
    body: Body = {
        "query": bodies.result_set(ResultSet(Matching())),
        "size": 0,
        "track_total_hits": True,
        "aggs": {
            "passages": {"sum": {"field": "passage_count"}},
            "nested": nested,
            "commit": {"max": {"field": "commit"}},
        },
    }
    (answer,) = searches.send([body])
    said = answer["aggregations"]
    return {
        "articles": answer["hits"]["total"]["value"],
        "passages": int(said["passages"]["value"]),
        "nested": said["nested"]["doc_count"],
        "vectors": said["nested"]["vectors"]["doc_count"],
        "commit": int(said["commit"]["value"] or 0),
    }


def _state(connection: Connection, counts: dict[str, int]) -> Finding:
    try:
        state = StateStore(connection).read()
    except ArchiveDamaged as error:
        return _damage("state", error.message, error.remedy)
    if counts["commit"] > max(state.version, state.reserved):
        message = (
            f"An article was written in commit {counts['commit']}, but the state knows of "
            f"{state.reserved} only."
        )
        return _damage("state", message, _REBUILD)
    return _ok("state", f"The archive is at version {state.version}.")


def _articles(
    reader: ElasticReader, model: ModelIdentity | None, total: int, progress: Progress | None
) -> Iterator[Finding]:
    """One finding for each kind of fault, with the articles that have it."""
    found: dict[tuple[str, str], list[str]] = {}
    done = 0
    for done, document in enumerate(reader.documents(Matching()), start=1):
        for wrong in _document_faults(document, model):
            found.setdefault(wrong, []).append(str(document.get("id")))
        if progress is not None:
            progress(min(done, total), total)
    for (fault, remedy), ids in found.items():
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        named = ", ".join(ids[:_NAMED]) + more
        yield _damage("articles", f"{counted(len(ids), 'article')}: {fault}: {named}.", remedy)
    if done != total:
        message = f"Of {counted(total, 'article')} that the index counts {done:,} can be read."
        yield _damage("articles", message, REINDEX)
    elif not found:
        yield _ok("articles", all_sound(total))


def _document_faults(
    document: dict[str, Any], model: ModelIdentity | None
) -> Iterator[tuple[str, str]]:
    try:
        stored = from_document(document)
    except (KeyError, TypeError, ValueError) as error:
        yield f"the document cannot be read ({error!r})", REINDEX
        return
    if document["id"] not in (stored.article.id, document_id(stored.article.id)):
        yield "the document names another article", REINDEX
    yield from faults(stored, model)


def _passages(counts: dict[str, int], model: ModelIdentity | None) -> Finding:
    there = counts["passages"]
    wanted = there if model is not None else 0
    if counts["nested"] != there or counts["vectors"] != wanted:
        message = (
            f"The index holds {counted(counts['nested'], 'passage')} and "
            f"{counted(counts['vectors'], 'vector')}; there should be {there:,} and {wanted:,}."
        )
        return _damage("vector-index", message, _REBUILD)
    return _ok("vector-index", f"The index holds the {counted(there, 'passage')}.")


def _leftovers(connection: Connection, index: str) -> Finding:
    others = [name for name, ours in beside(connection).items() if ours and name != index]
    if others:
        named = ", ".join(others)
        return _ok("leftovers", f"There is also {named}: being built, or left by a failed rebuild.")
    return _ok("leftovers", "No other index belongs to the archive.")
