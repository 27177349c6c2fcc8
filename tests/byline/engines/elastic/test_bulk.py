"""Several bulk requests under way: how many, how much is read ahead, and how they end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from byline.engines.elastic import bulk, connection
from byline.engines.elastic.bulk import BulkSender, Operation
from byline.engines.elastic.engine import ElasticEngine
from byline.engines.elastic.writer import Batch
from byline.engines.open import open_engine
from byline.errors import ArchiveReadOnly
from byline.records import StoredArticle

Make = Callable[..., StoredArticle]
BUSY = {"error": {"type": "es_rejected_execution_exception", "reason": "full"}, "status": 429}
BLOCKED = {
    "error": {"type": "cluster_block_exception", "reason": "index [x] blocked by: [FORBIDDEN/8]"},
    "status": 403,
}


@pytest.fixture
def sender(engine: ElasticEngine, proxy: Any) -> Iterator[BulkSender]:
    """Sends to the archive through the proxy."""
    through = open_engine(proxy.address(engine._connection.address.name))
    assert isinstance(through, ElasticEngine)
    yield BulkSender(through._connection, through._connection.address.name)
    through.close()


@pytest.fixture
def operations(article: Make) -> Iterator[Callable[[int], Iterator[Operation]]]:
    batch = Batch()

    def make(count: int) -> Iterator[Operation]:
        for number in range(count):
            batch.put(article(number), 1)
        return batch.operations()

    yield make
    batch.close()


def total(engine: ElasticEngine) -> int:
    client = engine._connection.client
    name = engine._connection.address.name
    client.indices.refresh(index=name)
    found: int = client.search(index=name, size=0, track_total_hits=True)["hits"]["total"]["value"]
    return found


def test_a_slow_server_is_not_sent_more_and_nothing_piles_up_here(
    engine: ElasticEngine,
    proxy: Any,
    sender: BulkSender,
    operations: Callable[[int], Iterator[Operation]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "REQUEST_DOCUMENTS", 10)
    lock = threading.Lock()
    read = arrived = 0
    under_way: list[int] = []
    ahead: list[int] = []
    both = threading.Barrier(bulk.REQUESTS)

    def answer(method: str, path: str, sent: bytes) -> Any:
        nonlocal arrived
        if "_bulk" in path:
            with lock:
                arrived += 1
            # The first ones wait for each other: so they are under way at the same time.
            if arrived <= bulk.REQUESTS:
                both.wait(30)
            with lock:
                ahead.append(read - 10 * arrived)
                under_way.append(
                    sum(one.name.startswith("byline-bulk") for one in threading.enumerate())
                )
        return None

    def counted() -> Iterator[Operation]:
        nonlocal read
        for operation in operations(100):
            read += 1
            yield operation

    proxy.answer = answer
    sender.send(counted(), 1)
    assert arrived == 10
    assert max(under_way) == bulk.REQUESTS
    # One request made ready, and the first document of the one after it; as much again where
    # an answer has just come.
    assert max(ahead) <= 10 * bulk.REQUESTS + 1
    assert total(engine) == 100


def test_one_that_cannot_succeed_ends_the_others_pauses(
    engine: ElasticEngine,
    proxy: Any,
    sender: BulkSender,
    operations: Callable[[int], Iterator[Operation]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first request is to be tried again in an hour; the second is refused for good."""
    monkeypatch.setattr(bulk, "REQUEST_DOCUMENTS", 10)
    monkeypatch.setattr(connection, "pause", lambda attempt: 3600.0)
    first_is_busy = threading.Event()
    seen: list[bytes] = []

    def answer(method: str, path: str, sent: bytes) -> Any:
        if "_bulk" not in path:
            return None
        seen.append(sent)
        if b"article-00000" in sent:
            first_is_busy.set()
            return 429, BUSY
        first_is_busy.wait(30)
        return 403, BLOCKED

    proxy.answer = answer
    with pytest.raises(ArchiveReadOnly):
        sender.send(operations(20), 1)
    assert len(seen) <= 3
    assert not [one for one in threading.enumerate() if one.name.startswith("byline-bulk")]


def test_what_was_under_way_when_it_was_interrupted_is_waited_for(
    engine: ElasticEngine,
    proxy: Any,
    sender: BulkSender,
    operations: Callable[[int], Iterator[Operation]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "REQUEST_DOCUMENTS", 10)
    proxy.answer = lambda method, path, sent: 0.5 if "_bulk" in path else None

    def interrupted() -> Iterator[Operation]:
        for number, operation in enumerate(operations(30)):
            if number == 15:
                raise KeyboardInterrupt
            yield operation

    with pytest.raises(KeyboardInterrupt):
        sender.send(interrupted(), 1)
    assert not [one for one in threading.enumerate() if one.name.startswith("byline-bulk")]
    assert total(engine) == 10
