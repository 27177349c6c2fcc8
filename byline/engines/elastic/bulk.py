"""Sending many documents: in requests of bounded size, tried again with pauses, each answer read.

A few requests are under way at a time and one more is made ready meanwhile; then nothing more is
read until one of them is answered. So the server is kept busy, and nothing piles up on either
side. No document stands in two requests of one sending, so their order is of no matter.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from byline.engines.elastic.connection import WRITE_TRIES, Connection, as_json
from byline.engines.elastic.failures import Said, from_answer, is_transient
from byline.errors import ArchiveBusy, ArticlesRefused, EngineUnavailable
from byline.jsontext import to_json

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

#: Bytes and documents of one request, except that one document is never divided.
REQUEST_BYTES = 5_000_000
REQUEST_DOCUMENTS = 500
#: Requests under way at a time; they and the one that is made ready bound the memory.
REQUESTS = 2
#: Changes nothing: no document has that id.
_GUARD = (to_json({"update": {"_id": "sha256:none"}}), to_json({"doc": {}}))
#: Refused articles that an error's text names; the error itself has them all.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Operation:
    """Put ``document`` (JSON), or delete where it is ``None``."""

    article_id: str
    document_id: str
    document: bytes | None


class BulkSender:
    """Sends to one alias.

    Args:
        alias: must be one; the server refuses to make an index of that name by itself.
    """

    def __init__(self, connection: Connection, alias: str) -> None:
        self._connection = connection
        self._alias = alias

    def send(self, operations: Iterable[Operation], version: int) -> None:
        """All of them, as ``version`` of each document; a newer one there is left alone.

        It returns or raises when none of its requests is under way any more, so that none can
        come between those of the next sending.

        Raises:
            ArticlesRefused: the server will never take some; the others were sent.
            ArchiveBusy: the server has a newer version of one: another process took over.
            EngineUnavailable, StorageFull, ArchiveReadOnly.
        """
        delivery = _Delivery(self._connection, self._alias, version)
        under_way: set[Future[None]] = set()
        with ThreadPoolExecutor(REQUESTS, thread_name_prefix="byline-bulk") as pool:
            try:
                for chunk in _chunks(operations):
                    if len(under_way) >= REQUESTS:
                        under_way = _after_one(under_way)
                    under_way.add(pool.submit(delivery.deliver, chunk))
                while under_way:
                    under_way = _after_one(under_way)
            except BaseException:
                # One has failed, or somebody wants to stop: the others are not to try for long.
                delivery.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        refused = sorted(delivery.refused)
        if refused:
            named = "; ".join(f"{one}: {reason}" for one, reason in refused[:_NAMED])
            more = f"; and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
            raise ArticlesRefused(
                f"The server of {self._connection.address} refused {len(refused)} "
                f"{'article' if len(refused) == 1 else 'articles'} ({named}{more}).",
                refused=tuple(refused),
            )


class _Delivery:
    """One sending's requests; each is delivered by one of a few threads."""

    def __init__(self, connection: Connection, alias: str, version: int) -> None:
        self._connection = connection
        self._alias = alias
        self._version = version
        #: Articles that the server will never take, each with its reason.
        self.refused: list[tuple[str, str]] = []
        #: Set when there is no point in trying again.
        self.stop = threading.Event()

    def deliver(self, chunk: list[Operation]) -> None:
        """Until every operation is done or refused."""
        waiting = chunk
        for attempt in range(WRITE_TRIES):
            try:
                answers = self._request(waiting)
            except EngineUnavailable as error:
                if error.error_code != "engine-request-too-large":
                    raise
                self._divide(waiting)
                return
            again: list[Operation] = []
            last: Said | None = None
            for operation, answer in zip(waiting, answers, strict=True):
                said = self._said(operation, answer)
                if said is not None:
                    again.append(operation)
                    last = said
            if last is None:
                return
            if attempt + 1 == WRITE_TRIES or self.stop.is_set():
                raise from_answer(last, self._connection.address)
            waiting = again
            self._connection.wait(attempt, self.stop)

    def _divide(self, chunk: list[Operation]) -> None:
        """Something between here and the server takes smaller requests only."""
        if len(chunk) == 1:
            size = len(chunk[0].document or b"")
            reason = f"{size:,} bytes are too many for the server"
            self.refused.append((chunk[0].article_id, reason))
            return
        middle = len(chunk) // 2
        self.deliver(chunk[:middle])
        self.deliver(chunk[middle:])

    def _request(self, chunk: list[Operation]) -> list[dict[str, Any]]:
        lines: list[bytes] = []
        for operation in chunk:
            kind = "delete" if operation.document is None else "index"
            about = {
                "_id": operation.document_id,
                "version": self._version,
                "version_type": "external_gte",
            }
            lines.append(to_json({kind: about}))
            if operation.document is not None:
                lines.append(operation.document)
        if all(operation.document is None for operation in chunk):
            # The server makes an index for a deletion with a version, whatever it was told of
            # aliases; not beside something that it takes that word for.
            lines += _GUARD

        def post(client: Elasticsearch) -> list[dict[str, Any]]:
            answer = client.bulk(
                index=self._alias,
                operations=cast(Sequence[dict[str, Any]], lines),
                require_alias=True,
                filter_path=["items.*.status", "items.*.error"],
            )
            items = as_json(answer)["items"][: len(chunk)]
            return [next(iter(item.values())) for item in items]

        return self._connection.ask(post, tries=WRITE_TRIES, slow=True, stop=self.stop)

    def _said(self, operation: Operation, answer: dict[str, Any]) -> Said | None:
        """``None`` where it is done with; else why it has to be sent again."""
        status = answer["status"]
        if status < 300 or (status == 404 and "error" not in answer):
            return None
        said = Said.of(status, answer)
        if status == 409:
            raise ArchiveBusy(
                f"The article {operation.article_id!r} was changed by another process that took "
                f"over the archive {self._connection.address}.",
                code="writer-superseded",
                remedy="Run the same command again; what was committed is safe.",
            )
        if "cluster_block_exception" in said.types or status in (401, 403, 404):
            raise from_answer(said, self._connection.address)
        if is_transient(status):
            return said
        self.refused.append((operation.article_id, said.reason or said.type))
        return None


def _after_one(under_way: set[Future[None]]) -> set[Future[None]]:
    """Those still under way when at least one has ended. Raises what an ended one raised."""
    done, rest = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
    return rest


def _chunks(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    chunk: list[Operation] = []
    size = 0
    for operation in operations:
        length = len(operation.document or b"")
        if chunk and (len(chunk) >= REQUEST_DOCUMENTS or size + length > REQUEST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(operation)
        size += length
    if chunk:
        yield chunk
