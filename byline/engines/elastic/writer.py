"""The one writer of an archive.

A batch is kept here, in memory and past a bound on disk, until it is committed: only then does
the server get it. It is refreshed once at the end, and nothing else refreshes the index, so
searches see the batch as a whole. A writer that dies *while* it commits leaves a part of the
batch with the server, which is seen from the next commit on, or before that, when the server
opens the index anew (it was started again, or moved a shard); the same run done again completes
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

from byline.engines.elastic.bulk import BulkSender, Operation
from byline.engines.elastic.connection import WRITE_TRIES, Connection, as_json
from byline.engines.elastic.documents import document_id, to_document
from byline.engines.elastic.snapshots import Found
from byline.engines.elastic.state import Lease
from byline.errors import ArchiveNotFound, ModelMismatch, StorageFull
from byline.jsontext import to_json
from byline.records import ModelIdentity, StoredArticle

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

#: Bytes of a batch that are kept in memory.
_IN_MEMORY = 32_000_000
_LOOKED_UP = 1000


class Batch:
    """What is to be put and deleted, the last word on each article."""

    def __init__(self) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - closed by close()
            max_size=_IN_MEMORY
        )
        #: Where each document lies in the file; ``None`` to delete it.
        self._places: dict[str, tuple[int, int] | None] = {}

    def put(self, stored: StoredArticle, version: int, *, measured: bool = True) -> None:
        document = to_document(stored, version, measured=measured)
        data = to_json(document)
        place = self._file.tell()
        try:
            self._file.write(data)
        except OSError as error:
            raise StorageFull(
                f"There is no room for the batch in the temporary folder: {error.strerror}.",
                remedy="Make room there, or name another folder with TMPDIR.",
            ) from error
        # Taken out first, so that the order is that of the last word.
        self._places.pop(stored.article.id, None)
        self._places[stored.article.id] = (place, len(data))

    def delete(self, article_id: str) -> None:
        self._places.pop(article_id, None)
        self._places[article_id] = None

    def __contains__(self, article_id: str) -> bool:
        return article_id in self._places

    def puts(self, article_id: str) -> bool:
        return self._places.get(article_id) is not None

    def __len__(self) -> int:
        return len(self._places)

    def operations(self) -> Iterator[Operation]:
        """Each article's; the file is read in the order in which it was written."""
        try:
            for article_id, place in self._places.items():
                document = None
                if place is not None:
                    self._file.seek(place[0])
                    document = self._file.read(place[1])
                yield Operation(article_id, document_id(article_id), document)
        finally:
            self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()


class ElasticWriter:
    """Holds the archive's lease until :meth:`close`."""

    def __init__(self, connection: Connection, found: Found, lease: Lease) -> None:
        self._connection = connection
        self._model = found.manifest.model
        self._measured = found.measured
        self._lease = lease
        self._name = connection.address.name
        self._sender = BulkSender(connection, found.writing)
        self._batch = Batch()
        self._version: int | None = None

    def put(self, articles: Iterable[StoredArticle]) -> None:
        for stored in articles:
            check_vectors(stored, self._model)
            self._batch.put(stored, self._reserved(), measured=self._measured)

    def delete(self, ids: Iterable[str]) -> int:
        rest = iter(ids)
        count = 0
        while chunk := list(islice(rest, _LOOKED_UP)):
            unknown = [one for one in dict.fromkeys(chunk) if one not in self._batch]
            there = self._there(unknown)
            for article_id in dict.fromkeys(chunk):
                if self._batch.puts(article_id) or article_id in there:
                    self._batch.delete(article_id)
                    count += 1
        return count

    def _there(self, ids: list[str]) -> set[str]:
        if not ids:
            return set()
        names = {document_id(one): one for one in ids}

        def get(client: Elasticsearch) -> list[dict[str, Any]]:
            answer = as_json(client.mget(index=self._name, ids=list(names), source=False))
            found: list[dict[str, Any]] = answer["docs"]
            return found

        docs = self._connection.ask(get)
        return {names[doc["_id"]] for doc in docs if doc.get("found")}

    def _reserved(self) -> int:
        if self._version is None:
            self._version = self._lease.reserve()
        return self._version

    def commit(self) -> int:
        """On failure the batch is kept, so that it can be tried again."""
        version = self._reserved()
        if len(self._batch):
            self._lease.renew()
            try:
                self._sender.send(self._batch.operations(), version)
            except BaseException as error:
                # A request that nobody waits for any more may still reach the server. It must not
                # undo what the next try has changed by then, so that has a number of its own.
                self._version = None
                if isinstance(error, ArchiveNotFound):
                    # Whoever took over may have built the archive anew.
                    self._lease.check()
                raise
            self._connection.ask(
                lambda client: client.indices.refresh(index=self._name),
                tries=WRITE_TRIES,
                slow=True,
            )
        self._lease.finish(version)
        self._batch.close()
        self._batch = Batch()
        self._version = None
        return version

    def close(self) -> None:
        """Discards what was not committed."""
        self._batch.close()
        self._lease.give_back()


def check_vectors(stored: StoredArticle, model: ModelIdentity | None) -> None:
    """Raises ModelMismatch where they are not those of the archive's model."""
    vectors = stored.vectors
    if model is None:
        if vectors is not None:
            raise ModelMismatch("The archive has no vectors, but an article came with some.")
        return
    wanted = (len(stored.passages), model.dimension)
    if vectors is None or (vectors.shape != wanted and stored.passages):
        shape = "none" if vectors is None else vectors.shape
        raise ModelMismatch(
            f"The article {stored.article.id!r} came with vectors of shape {shape}; the "
            f"archive's model makes {wanted}."
        )
