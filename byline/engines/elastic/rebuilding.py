"""Building an archive's index anew beside the old one, and changing over without a gap.

While the new index is built the old one is searched and written to as ever. Then the builder
takes the writer's lease, brings over what has changed meanwhile, and moves the alias in one
step of the server's. Readers move on with their next search; the old index is removed when
nobody reads it any more, or after :data:`_GRACE`. Each index is written to by an alias of its
own, so a request of the old index's writers that was held up never arrives in the new one.

A builder that dies leaves an index behind that no alias of an archive names; the next builder
removes it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, Any

from byline.engines.base import Matching
from byline.engines.elastic import layout
from byline.engines.elastic.bulk import BulkSender, Operation
from byline.engines.elastic.connection import Connection, as_json
from byline.engines.elastic.documents import document_id, to_document
from byline.engines.elastic.failures import ALREADY_THERE, said_by
from byline.engines.elastic.reader import ElasticReader
from byline.engines.elastic.searches import Searches
from byline.engines.elastic.snapshots import Found, Snapshots, beside, find
from byline.engines.elastic.state import BUILDER, Lease, StateStore
from byline.engines.elastic.writer import check_vectors
from byline.errors import ArchiveBusy, ArchiveDamaged
from byline.jsontext import to_json
from byline.records import Manifest, ModelIdentity, StoredArticle

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Progress = Callable[[int, int], None]
Mapper = Callable[[Iterator[StoredArticle]], Iterator[StoredArticle]]

#: Seconds for which searches that were under way may still read the old index.
_GRACE = 15.0
#: Seconds between two looks whether another process has finished writing.
_LOOK_AGAIN = 2.0


def make_state(connection: Connection, version: int = 0, *, anew: bool = False) -> None:
    """The state's index with its documents; leaves alone what is there, unless ``anew``.

    Another process may be making the same archive, and be the first.
    """
    name = layout.state_index(connection.address.name)

    def put(client: Elasticsearch) -> None:
        from elasticsearch import BadRequestError

        if client.indices.exists(index=name):
            return
        try:
            client.indices.create(
                index=name,
                settings=layout.state_settings(connection.options),
                mappings=layout.STATE_MAPPING,
            )
        except BadRequestError as error:
            if ALREADY_THERE not in said_by(error).types:
                raise

    connection.ask(put, slow=True)
    for which in (layout.STATE_ID, BUILDER):
        StateStore(connection, which).begin(version, anew=anew)


def make_index(
    connection: Connection, index: str, manifest: Manifest, *, alias: str | None = None
) -> str:
    """The alias that it is written to by.

    Args:
        alias: another that it has from the beginning.

    Raises:
        ArchiveBusy: another process was quicker.
    """
    options = connection.options
    writing = layout.writing_alias(index, uuid.uuid4().hex[:12])

    def put(client: Elasticsearch) -> None:
        client.indices.create(
            index=index,
            settings=layout.settings(options),
            mappings=layout.mapping(manifest, options),
            aliases={name: {} for name in (alias, writing) if name is not None},
        )

    connection.ask(put, tries=1, slow=True)
    return writing


@dataclass(frozen=True, slots=True)
class _Build:
    """An index in the making. ``writing``: the alias that it is written to by."""

    index: str
    writing: str
    model: ModelIdentity | None
    articles: Mapper


class Rebuilding:
    """Of one archive."""

    def __init__(self, connection: Connection, snapshots: Snapshots) -> None:
        self._connection = connection
        self._snapshots = snapshots
        self._name = connection.address.name

    def run_as_it_is(self, progress: Progress | None) -> None:
        """Index anew what is stored, vectors included, by the settings in force."""
        self._mend_state()
        total = self._count()

        def counted(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
            for done, stored in enumerate(articles, start=1):
                yield stored
                if progress is not None:
                    progress(min(done, total), total)

        self.run(find(self._connection).manifest.model, counted)

    def run(self, model: ModelIdentity | None, articles: Mapper) -> int:
        """Give every article what ``articles`` makes of it; the archive's new version.

        ``articles`` is called once for all, and again for those that changed meanwhile.
        """
        with self._lease(BUILDER):
            old = find(self._connection)
            self._remove_leftovers(old)
            manifest = replace(
                old.manifest, schema=layout.SCHEMA, model=model, byline=package_version("byline")
            )
            new = layout.next_index(self._name, beside(self._connection))
            build = _Build(new, make_index(self._connection, new, manifest), model, articles)
            try:
                seen = self._bring(build, since=None)
                version = self._change_over(old, build, seen)
            except BaseException:
                self._remove(new)
                raise
            self._retire(old.index)
            return version

    # Building.

    def _bring(self, build: _Build, since: int | None) -> int:
        """Copy what later commits than ``since`` wrote; the version that was seen."""
        with self._reader() as reader:
            version = reader.version
            documents = reader.documents(Matching(), since=since)
            sender = BulkSender(self._connection, build.writing)
            sender.send(_operations(build.articles, documents, build.model), version)
            return version

    def _change_over(self, old: Found, build: _Build, seen: int) -> int:
        while True:
            try:
                with self._lease(layout.STATE_ID) as lease:
                    self._bring(build, since=seen)
                    self._refresh(build.index)
                    self._delete_vanished(build)
                    self._refresh(build.index)
                    version = lease.reserve()
                    self._swap(old.index, build.index)
                    lease.finish(version)
                    return version
            except ArchiveBusy:
                # Somebody writes: keep up with them until they have finished.
                time.sleep(_LOOK_AGAIN)
                seen = self._bring(build, since=seen)

    def _delete_vanished(self, build: _Build) -> None:
        """Articles that were removed from the old index since they were copied."""
        with self._reader() as reader:
            version = reader.version
            kept = _ids(reader)
            gone = _only_left(self._built_ids(build.index), kept)
            operations = (Operation(one, document_id(one), None) for one in gone)
            BulkSender(self._connection, build.writing).send(operations, version)

    def _built_ids(self, new: str) -> Iterator[str]:
        after: list[Any] | None = None
        while True:
            body: dict[str, Any] = {"size": 10_000, "sort": [{"id": "asc"}], "_source": False}
            body["stored_fields"] = "_none_"
            if after is not None:
                body["search_after"] = after
            hits = self._connection.ask(partial(_search, index=new, body=body), slow=True)
            yield from (hit["sort"][0] for hit in hits)
            if len(hits) < body["size"]:
                return
            after = hits[-1]["sort"]

    def _swap(self, old: str, new: str) -> None:
        actions = [
            {"remove": {"index": old, "alias": self._name}},
            {"add": {"index": new, "alias": self._name}},
        ]

        def post(client: Elasticsearch) -> None:
            if find(self._connection).index != new:
                client.indices.update_aliases(actions=actions)

        self._connection.ask(post, slow=True)

    # Cleaning up.

    def _remove_leftovers(self, old: Found) -> None:
        """Indices of this archive that a builder which died left behind."""
        for index, ours in beside(self._connection).items():
            if ours and index != old.index:
                self._remove(index)

    def _retire(self, index: str) -> None:
        """Remove the old index when nobody reads it, or in any case after the grace."""

        def contexts(client: Elasticsearch) -> int:
            said = as_json(client.indices.stats(index=index, metric="search"))
            return int(said["_all"]["total"]["search"]["open_contexts"])

        self._snapshots.close()
        give_up = time.monotonic() + _GRACE
        while self._connection.ask(contexts) and time.monotonic() < give_up:
            time.sleep(0.2)
        self._remove(index)

    def _remove(self, index: str) -> None:
        self._connection.ask(
            lambda client: client.indices.delete(index=index, ignore_unavailable=True), slow=True
        )

    # Helpers.

    @contextmanager
    def _lease(self, which: str) -> Iterator[Lease]:
        lease = Lease(StateStore(self._connection, which), str(self._connection.address))
        lease.take()
        try:
            yield lease
        finally:
            lease.give_back()

    @contextmanager
    def _reader(self) -> Iterator[ElasticReader]:
        searches = Searches(self._connection, self._snapshots)
        try:
            yield ElasticReader(self._connection, searches)
        finally:
            searches.close()

    def _refresh(self, index: str) -> None:
        self._connection.ask(lambda client: client.indices.refresh(index=index), slow=True)

    def _count(self) -> int:
        with self._reader() as reader:
            return reader.stats().articles

    def _mend_state(self) -> None:
        """Make the state anew where it is lost; its version goes on from the documents'."""
        try:
            for which in (layout.STATE_ID, BUILDER):
                StateStore(self._connection, which).read()
        except ArchiveDamaged:
            highest = {"highest": {"max": {"field": "commit"}}}
            answer = self._connection.ask(
                lambda client: as_json(client.search(index=self._name, size=0, aggs=highest))
            )
            version = int(answer["aggregations"]["highest"]["value"] or 0)
            make_state(self._connection, version + 1, anew=True)


def _operations(
    articles: Mapper, documents: Iterator[dict[str, Any]], model: ModelIdentity | None
) -> Iterator[Operation]:
    """What the mapper makes of stored documents, each with the commit it was written in."""
    from byline.engines.elastic.documents import from_document

    commits: dict[str, int] = {}

    def stored() -> Iterator[StoredArticle]:
        for document in documents:
            article = from_document(document)
            commits[article.article.id] = document["commit"]
            yield article

    for renewed in articles(stored()):
        check_vectors(renewed, model)
        article_id = renewed.article.id
        data = to_json(to_document(renewed, commits.pop(article_id, 0)))
        yield Operation(article_id, document_id(article_id), data)


def _search(client: Elasticsearch, index: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = as_json(client.search(index=index, **body))["hits"]["hits"]
    return found


def _ids(reader: ElasticReader) -> Iterator[str]:
    body = {"sort": [{"id": "asc"}], "_source": False, "stored_fields": "_none_"}
    return (hit["sort"][0] for hit in reader.walk(body))


def _only_left(left: Iterable[str], right: Iterable[str]) -> Iterator[str]:
    """What of two sorted sequences only the first has."""
    others = iter(right)
    other = next(others, None)
    for one in left:
        while other is not None and other < one:
            other = next(others, None)
        if one != other:
            yield one
