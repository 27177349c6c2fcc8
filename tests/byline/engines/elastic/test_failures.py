"""Each way in which a server, or the way there, can fail: its own error, code and remedy."""

from __future__ import annotations

import inspect
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import elastic_transport
import elasticsearch as client_package
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig

from byline.engines.base import Collection as Wanted
from byline.engines.base import Listed, Matching, Order, Reader, ResultSet, Retrieval
from byline.engines.elastic import bodies, bulk, connection, failures, snapshots, state
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.connection import Connection, pause
from byline.engines.elastic.engine import ElasticEngine
from byline.engines.elastic.failures import server_errors
from byline.engines.open import open_engine
from byline.errors import (
    ArchiveBusy,
    ArchiveReadOnly,
    ArticlesRefused,
    BadQuery,
    BylineError,
    EngineUnavailable,
    ModelMismatch,
    StorageFull,
)
from byline.records import ModelIdentity, StoredArticle

Make = Callable[..., StoredArticle]
ADDRESS = Address.parse("elasticsearch://search:9200/columns")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "pause", lambda attempt: 0.001)


def an_error(kind: type[Exception]) -> Exception:
    """As the client would raise it."""
    node = NodeConfig("http", "search", 9200)
    if issubclass(kind, elastic_transport.ApiError):
        meta = ApiResponseMeta(418, "1.1", HttpHeaders(), 0.1, node)
        return kind("said no", meta, {"error": {"type": "odd", "reason": "because"}})
    return kind("said no")


def every_exception() -> Iterator[type[Exception]]:
    for package in (elastic_transport, client_package):
        for _, kind in inspect.getmembers(package, inspect.isclass):
            if issubclass(kind, Exception) and not issubclass(kind, Warning):
                yield kind


@pytest.mark.parametrize("kind", sorted(set(every_exception()), key=str))
def test_none_of_the_clients_exceptions_passes(kind: type[Exception]) -> None:
    error = an_error(kind)
    with pytest.raises(BylineError) as raised, server_errors(ADDRESS):
        raise error
    assert raised.value.remedy
    assert raised.value.message.endswith(".")
    assert raised.value.__cause__ is error


def answered(status: int, type_: str = "", reason: str = "") -> dict[str, Any]:
    cause = {"type": type_, "reason": reason}
    return {"error": {"root_cause": [cause], **cause}, "status": status}


READ_ANSWERS = [
    (401, answered(401, "security_exception", "missing token"), "engine-unauthorized"),
    (403, answered(403, "security_exception", "action is unauthorized"), "engine-forbidden"),
    (413, b"<html>too large</html>", "engine-request-too-large"),
    (429, answered(429, "es_rejected_execution_exception", "queue full"), "engine-overloaded"),
    (502, b"<html>bad gateway</html>", "engine-not-ready"),
    (503, answered(503, "master_not_discovered_exception"), "engine-not-ready"),
    (503, answered(503, "search_phase_execution_exception"), "engine-incomplete"),
    (504, b"", "engine-not-ready"),
    (400, answered(400, "too_many_nested_clauses", "more than 1024"), "query-too-long"),
    (500, answered(500, "null_pointer_exception", "oh"), "engine-refused"),
    (200, b"<html>a portal</html>", "engine-unknown-server"),
]


@pytest.mark.parametrize(("status", "body", "code"), READ_ANSWERS)
def test_an_answer_that_is_an_error(
    engine: ElasticEngine, proxy: Any, status: int, body: object, code: str
) -> None:
    through = open_engine(proxy.address(engine._connection.address.name))
    with through.reader() as reader:
        reader.retrieve(Retrieval(Matching()))
        proxy.answer = lambda method, path, sent: (status, body) if "_msearch" in path else None
        with pytest.raises((EngineUnavailable, BadQuery)) as raised:
            reader.retrieve(Retrieval(Matching()))
    proxy.answer = lambda method, path, sent: None
    through.close()
    assert raised.value.error_code == code
    assert raised.value.remedy


def test_transient_failures_of_a_search_are_tried_again(engine: ElasticEngine, proxy: Any) -> None:
    through = open_engine(proxy.address(engine._connection.address.name))
    left = {429: 1, 503: 1}

    def answer(method: str, path: str, sent: bytes) -> Any:
        for status, times in left.items():
            if "_msearch" in path and times:
                left[status] -= 1
                return status, answered(status, "busy_exception")
        return None

    proxy.answer = answer
    with through.reader() as reader:
        assert reader.retrieve(Retrieval(Matching())).words_total == 0
    through.close()
    assert left == {429: 0, 503: 0}


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ("cut", "engine-disconnected"),
        ("cut after", "engine-disconnected"),
        ("cut answer", "engine-disconnected"),
        (3, "engine-timeout"),
    ],
)
def test_a_connection_that_breaks_or_hangs(
    engine: ElasticEngine, proxy: Any, verdict: object, code: str
) -> None:
    place = Address.parse(proxy.address(engine._connection.address.name))
    through = ElasticEngine.open(place, Options(timeout=0.5))
    with through.reader() as reader:
        reader.retrieve(Retrieval(Matching()))
        proxy.answer = lambda method, path, sent: verdict if "_msearch" in path else None
        with pytest.raises(EngineUnavailable) as raised:
            reader.retrieve(Retrieval(Matching()))
        proxy.answer = lambda method, path, sent: None
        assert reader.retrieve(Retrieval(Matching())).words_total == 0
    through.close()
    assert raised.value.error_code == code


def test_nobody_answers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=f"127.0.0.1:{port}") as raised:
        open_engine(f"elasticsearch://127.0.0.1:{port}/columns")
    assert raised.value.error_code == "engine-unreachable"


def test_tls_where_there_is_none(engine: ElasticEngine) -> None:
    with pytest.raises(EngineUnavailable) as raised:
        open_engine(engine.address.replace("elasticsearch:", "elasticsearchs:"))
    assert raised.value.error_code == "engine-tls"
    assert "BYLINE_ELASTICSEARCH_CA" in raised.value.remedy


@pytest.mark.parametrize("version", ["8.19.2", "10.0.0", "9.2.1", "7.10", ""])
def test_another_version_is_refused(engine: ElasticEngine, proxy: Any, version: str) -> None:
    proxy.answer = lambda method, path, sent: (
        (200, {"version": {"number": version}}) if path == "/" else None
    )
    with pytest.raises(EngineUnavailable, match=version or "no known") as raised:
        open_engine(proxy.address(engine._connection.address.name))
    assert raised.value.error_code == "engine-version"
    assert "9.3" in raised.value.remedy


def test_what_is_not_elasticsearch_is_refused() -> None:
    """A web server that knows nothing of it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(65536)
                    client.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
                    )

        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        with pytest.raises(EngineUnavailable) as raised:
            open_engine(f"elasticsearch://127.0.0.1:{port}/columns")
        listener.shutdown(socket.SHUT_RDWR)
    assert raised.value.error_code == "engine-unknown-server"


def test_a_partial_answer_is_an_error(engine: ElasticEngine, proxy: Any) -> None:
    """A server that was told to allow none gives none; should one come all the same."""
    through = open_engine(proxy.address(engine._connection.address.name))
    partial = {
        "responses": [
            {"status": 200, "_shards": {"failed": 1}, "hits": {"total": {"value": 1}}},
            {"status": 200, "hits": {"hits": [{"_source": {"version": 0}}]}},
        ]
    }
    proxy.answer = lambda method, path, sent: (200, partial) if "_msearch" in path else None
    with through.reader() as reader, pytest.raises(EngineUnavailable) as raised:
        reader.retrieve(Retrieval(Matching()))
    through.close()
    assert raised.value.error_code == "engine-incomplete"


def lose_a_shard(client: Any, index: str) -> None:
    """The files of one of its two are gone when the index is opened again: it stays red."""
    (node,) = client.nodes.info(metric="settings")["nodes"].values()
    places = node["settings"]["path"]["data"]
    (uuid,) = (one["settings"]["index"]["uuid"] for one in client.indices.get(index=index).values())
    data = Path(places if isinstance(places, str) else places[0]) / "indices" / uuid
    if not data.exists():
        pytest.skip("waits for a server on this machine, whose files can be removed")
    client.indices.close(index=index)
    for path in (data / "1" / "index").glob("segments_*"):
        path.unlink()
    client.indices.open(index=index, wait_for_active_shards=0)
    for _ in range(300):
        health = client.cluster.health(index=index)
        if health["active_shards"] == 1 and not health["initializing_shards"]:
            break
        time.sleep(0.1)
    assert health["status"] == "red"


def test_a_shard_that_is_lost_makes_no_answer_short(
    elastic_address: Callable[[], str], article: Make, model: ModelIdentity
) -> None:
    made = ElasticEngine.create(Address.parse(elastic_address()), Options(shards=2), model)
    with made.writer() as writer:
        writer.put(article(number) for number in range(40))
        writer.commit()
    asked: list[Callable[[Reader], object]] = [
        lambda reader: reader.retrieve(Retrieval(Matching())),
        lambda reader: reader.collect(Wanted(ResultSet(Matching()), Listed(Order.NEWEST, 0, 5))),
        lambda reader: list(reader.scan()),
        lambda reader: reader.fetch(["article-00001"]),
        lambda reader: reader.stats(),
        lambda reader: list(reader.check()),
    ]
    with made.reader() as before:
        assert before.stats().articles == 40
        lose_a_shard(made._connection.client, f"{made._connection.address.name}.000001")
        with pytest.raises(EngineUnavailable) as raised:
            before.retrieve(Retrieval(Matching()))
        assert raised.value.error_code == "engine-incomplete"
    fresh = open_engine(made.address)
    for ask in asked:
        with fresh.reader() as reader, pytest.raises(EngineUnavailable) as raised:
            ask(reader)
        assert raised.value.error_code == "engine-incomplete"
        assert "_cluster/health" in raised.value.remedy
    fresh.close()
    made.close()


# Writing.


def through_proxy(engine: ElasticEngine, proxy: Any) -> ElasticEngine:
    found = open_engine(proxy.address(engine._connection.address.name))
    assert isinstance(found, ElasticEngine)
    return found


def held_up_bulks(proxy: Any) -> list[tuple[str, bytes]]:
    """The bulk requests that the proxy keeps from now on, each with where it was going."""
    late: list[tuple[str, bytes]] = []

    def answer(method: str, path: str, sent: bytes) -> Any:
        if "_bulk" not in path:
            return None
        late.append((path, sent))
        return "cut"

    proxy.answer = answer
    return late


def arrives(engine: ElasticEngine, held_up: tuple[str, bytes]) -> Any:
    """What the server says to it, late."""
    path, sent = held_up
    headers = {"Accept": "application/json", "Content-Type": "application/x-ndjson"}
    client = engine._connection.client
    return client.perform_request("POST", path, headers=headers, body=sent).body


@pytest.mark.parametrize("verdict", ["cut", "cut after", "cut answer", (429, b""), (503, b"")])
@pytest.mark.parametrize("path", ["_bulk", "_refresh", "_doc/state"])
def test_a_commit_survives_what_passes(
    engine: ElasticEngine, proxy: Any, article: Make, verdict: object, path: str
) -> None:
    """Each of a commit's requests fails twice, before or after the server did its part."""
    through = through_proxy(engine, proxy)
    left = [verdict, verdict]
    proxy.answer = lambda method, asked, sent: (
        left.pop() if left and path in asked and method != "GET" else None
    )
    with through.writer() as writer:
        writer.put(article(number) for number in range(20))
        version = writer.commit()
    through.close()
    assert not left
    with engine.reader() as reader:
        assert reader.version == version
        assert reader.stats().articles == 20


def test_items_that_the_server_has_no_room_for_are_sent_again(
    engine: ElasticEngine, proxy: Any, article: Make
) -> None:
    through = through_proxy(engine, proxy)
    busy = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}
    sizes: list[int] = []

    def answer(method: str, path: str, sent: bytes) -> Any:
        if "_bulk" not in path:
            return None
        count = sent.count(b'"version_type"')
        sizes.append(count)
        if len(sizes) == 1:
            return 200, {"items": [{"index": busy}] * count}
        return None

    proxy.answer = answer
    with through.writer() as writer:
        writer.put(article(number) for number in range(5))
        writer.commit()
    through.close()
    assert sizes == [5, 5]
    with engine.reader() as reader:
        assert reader.stats().articles == 5


def test_a_server_that_stays_busy_is_given_up_and_the_batch_kept(
    engine: ElasticEngine, proxy: Any, article: Make
) -> None:
    through = through_proxy(engine, proxy)
    with through.writer() as writer:
        writer.put([article(1)])
        proxy.answer = lambda method, path, sent: (429, b"") if "_bulk" in path else None
        with pytest.raises(EngineUnavailable) as raised:
            writer.commit()
        proxy.answer = lambda method, path, sent: None
        writer.commit()
    through.close()
    assert raised.value.error_code == "engine-overloaded"
    with engine.reader() as reader:
        assert reader.stats().articles == 1


def test_a_request_that_was_given_up_and_arrives_late_undoes_nothing(
    engine: ElasticEngine, proxy: Any, article: Make
) -> None:
    """A commit fails, the batch is changed and committed; only then the first request arrives."""
    through = through_proxy(engine, proxy)
    with through.writer() as writer:
        writer.put([article(1, "As it was."), article(2)])
        late = held_up_bulks(proxy)
        with pytest.raises(EngineUnavailable):
            writer.commit()
        proxy.answer = lambda method, path, sent: None
        writer.put([article(1, "As it is now.")])
        assert writer.delete(["article-00002"]) == 1
        writer.commit()
        said = arrives(engine, late[0])
        assert [one["index"]["status"] for one in said["items"]] == [409, 409]
        writer.put([article(3)])
        writer.commit()
    through.close()
    with engine.reader() as reader:
        found = {one.article.id: one.article.body for one in reader.scan()}
    assert set(found) == {"article-00001", "article-00003"}
    assert found["article-00001"] == "As it is now."


@pytest.mark.parametrize("changed_before", [False, True])
@pytest.mark.parametrize("kind", ["puts", "deletions"])
def test_a_late_request_undoes_nothing_after_a_rebuild(
    engine: ElasticEngine, proxy: Any, article: Make, kind: str, changed_before: bool
) -> None:
    """What was built anew has no memory of what was deleted, nor of each document's version."""
    first = [article(1, "As it was."), article(2)]
    with engine.writer() as writer:
        writer.put(first)
        writer.commit()
    through = through_proxy(engine, proxy)
    late = held_up_bulks(proxy)
    with through.writer() as writer:
        if kind == "puts":
            writer.put([article(1, "Held up.", seed=7), article(2, seed=7), article(3, seed=7)])
        else:
            assert writer.delete(["article-00001", "article-00002"]) == 2
        with pytest.raises(EngineUnavailable):
            writer.commit()
    through.close()
    wanted = {"article-00001": "As it was.", "article-00002": first[1].article.body}
    if changed_before:
        with engine.writer() as writer:
            writer.put([article(1, "As it is now.")])
            writer.delete(["article-00002"])
            writer.commit()
        wanted = {"article-00001": "As it is now."}
    with engine.reader() as reader:
        model = reader.manifest.model
    engine.replace_model(model, lambda articles: articles)
    client = engine._connection.client
    name = engine._connection.address.name
    indices = sorted(client.indices.get(index=f"{name}*"))
    said = arrives(engine, late[0])
    assert {next(iter(one.values()))["status"] for one in said["items"]} == {404}
    # The server would make an index for a deletion, if it were let.
    assert sorted(client.indices.get(index=f"{name}*")) == indices
    with engine.writer() as writer:
        writer.put([article(9)])
        writer.commit()
    with engine.reader() as reader:
        found = {one.article.id: one for one in reader.scan()}
    assert {one: found[one].article.body for one in found if one != "article-00009"} == wanted
    vectors = found["article-00001"].vectors
    assert vectors is not None
    assert vectors.tobytes() == first[0].vectors.tobytes()  # type: ignore[union-attr]


def test_a_writer_whose_archive_was_built_anew_meanwhile_is_told_who_took_over(
    engine: ElasticEngine, proxy: Any, article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It held the archive when it sent its batch, and no longer when that arrived."""
    through = through_proxy(engine, proxy)
    monkeypatch.setattr(state, "_RENEW_EVERY", 3600)

    def answer(method: str, path: str, sent: bytes) -> Any:
        if "_bulk" in path:
            proxy.answer = lambda method, path, sent: None
            with monkeypatch.context() as patched:
                patched.setattr(state, "_is_over", lambda holder: True)
                engine.rebuild()
        return None

    with through.writer() as writer:
        writer.put([article(1)])
        proxy.answer = answer
        with pytest.raises(ArchiveBusy) as raised:
            writer.commit()
    through.close()
    assert raised.value.error_code == "writer-superseded"
    with engine.reader() as reader:
        assert reader.stats().articles == 0


def test_requests_too_large_for_what_lies_between_are_divided(
    engine: ElasticEngine, proxy: Any, article: Make
) -> None:
    through = through_proxy(engine, proxy)
    proxy.answer = lambda method, path, sent: (
        (413, b"<html>no</html>") if "_bulk" in path and len(sent) > 20_000 else None
    )
    articles = [article(number) for number in range(60)]
    with through.writer() as writer:
        writer.put(articles)
        writer.commit()
        writer.put([article(61), article(62, "An endless one. " * 3000)])
        with pytest.raises(ArticlesRefused, match="article-00062") as raised:
            writer.commit()
    through.close()
    assert [one for one, _ in raised.value.refused] == ["article-00062"]
    with engine.reader() as reader:
        assert reader.stats().articles == 60


def test_articles_that_the_server_will_not_have_are_named(
    engine: ElasticEngine, article: Make
) -> None:
    from dataclasses import replace

    bad = article(2)
    bad = replace(bad, article=replace(bad.article, id="x" * 40_000))
    with engine.writer() as writer:
        writer.put([article(1), bad])
        with pytest.raises(ArticlesRefused, match="1 article") as raised:
            writer.commit()
    ((refused, reason),) = raised.value.refused
    assert refused == bad.article.id
    assert "id" in reason


def test_vectors_of_another_shape_are_refused_before_they_are_sent(
    engine: ElasticEngine, article: Make
) -> None:
    from dataclasses import replace

    import numpy as np

    wrong = replace(article(1), vectors=np.ones((2, 5), np.float16))
    with engine.writer() as writer, pytest.raises(ModelMismatch, match="article-00001"):
        writer.put([wrong])


@pytest.mark.parametrize(
    ("block", "kind", "code"),
    [
        ("write", ArchiveReadOnly, "archive-read-only"),
        ("read_only", ArchiveReadOnly, "archive-read-only"),
        ("read_only_allow_delete", StorageFull, "storage-flooded"),
    ],
)
def test_a_blocked_index(
    engine: ElasticEngine, article: Make, block: str, kind: type[BylineError], code: str
) -> None:
    """Set before writing begins, and while it goes on."""
    client = engine._connection.client
    name = engine._connection.address.name

    def set_block(on: bool | None) -> None:
        client.indices.put_settings(index=name, settings={f"index.blocks.{block}": on})

    set_block(True)
    with pytest.raises(kind) as raised:
        engine.writer().__enter__()
    assert raised.value.error_code == code
    set_block(None)
    with engine.writer() as writer:
        writer.put([article(1)])
        set_block(True)
        with pytest.raises(kind) as raised:
            writer.commit()
        assert raised.value.error_code == code
        set_block(None)
        writer.commit()
    with engine.reader() as reader:
        assert reader.stats().articles == 1


def test_an_archive_removed_meanwhile(engine: ElasticEngine, article: Make) -> None:
    client = engine._connection.client
    name = engine._connection.address.name
    with engine.writer() as writer:
        writer.put([article(1)])
        client.indices.delete(index=f"{name}.000001")
        with pytest.raises(BylineError) as raised:
            writer.commit()
        # The server did not make an index of that name by itself.
        assert not client.indices.exists(index=name)
    assert raised.value.error_code == "archive-not-found"
    with engine.reader() as reader, pytest.raises(BylineError) as raised:
        reader.collect(Wanted(ResultSet(Matching()), Listed(Order.NEWEST, 0, 1)))
    assert raised.value.error_code == "archive-not-found"


class Clock:
    """Time that passes where somebody waits, and at no other time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def event(self) -> threading.Event:
        """One that nobody sets."""
        made = threading.Event()
        made.wait = self.sleep  # type: ignore[assignment]
        return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(connection, "pause", pause)
    monkeypatch.setattr(connection, "time", made)
    monkeypatch.setattr(bulk, "threading", SimpleNamespace(Event=made.event))
    return made


@pytest.mark.parametrize("path", ["_bulk", "_refresh", "_doc/state"])
def test_a_commit_outlives_a_server_that_is_away_for_two_minutes(
    engine: ElasticEngine, proxy: Any, article: Make, clock: Clock, path: str
) -> None:
    through = through_proxy(engine, proxy)
    back = clock.now + 120
    proxy.answer = lambda method, asked, sent: (
        "cut" if path in asked and method != "GET" and clock.now < back else None
    )
    with through.writer() as writer:
        writer.put([article(1)])
        writer.commit()
    through.close()
    assert clock.now >= back
    with engine.reader() as reader:
        assert reader.stats().articles == 1


@pytest.mark.parametrize("verdict", ["cut", (503, b""), 1.0])
def test_a_server_that_stays_away_is_given_up_in_some_minutes(
    engine: ElasticEngine,
    proxy: Any,
    article: Make,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    verdict: object,
) -> None:
    """However long each try takes."""
    # A bulk request is given half a second.
    monkeypatch.setattr(connection, "SLOW", 0.05)
    place = Address.parse(proxy.address(engine._connection.address.name))
    through = ElasticEngine.open(place, Options(timeout=10))

    def answer(method: str, path: str, sent: bytes) -> Any:
        if "_bulk" not in path:
            return None
        if verdict == 1.0:
            clock.sleep(120)
        return verdict

    began = clock.now
    proxy.answer = answer
    with through.writer() as writer:
        writer.put([article(1)])
        with pytest.raises(EngineUnavailable):
            writer.commit()
        proxy.answer = lambda method, path, sent: None
    through.close()
    assert 120 <= clock.now - began <= 500


def test_pauses_grow_and_differ() -> None:
    longest = [max(pause(attempt) for _ in range(200)) for attempt in range(12)]
    assert longest[0] <= 0.1
    assert longest[3] > 0.4
    assert max(longest) <= connection._LONGEST_PAUSE
    assert len({pause(5) for _ in range(20)}) == 20


def test_every_code_is_documented_with_what_to_do() -> None:
    root = Path(__file__).resolve().parents[4]
    sources = (root / "byline" / "engines" / "elastic").glob("*.py")
    codes = {
        code for path in sources for code in re.findall(r'code="([\w-]+)"', path.read_text("utf-8"))
    }
    assert "engine-timeout" in codes
    table = (
        (root / "docs" / "elasticsearch.md").read_text("utf-8").partition("## When something")[2]
    )
    assert codes <= set(re.findall(r"`([\w-]+)`", table))


def test_bounds_are_as_documented() -> None:
    root = Path(__file__).resolve().parents[4]
    said = " ".join((root / "docs" / "elasticsearch.md").read_text("utf-8").split())
    for bound in (
        f"at most {bulk.REQUEST_DOCUMENTS} documents or {bulk.REQUEST_BYTES // 10**6} MB; two are",
        f"grows, at random, up to {connection._LONGEST_PAUSE:.0f} s, twenty times in all",
        f"exact up to {bodies.MOST_VALUES:,} in an answer",
        f"needs {connection.MAJOR}, from {connection.MAJOR}.{connection.LEAST_MINOR} on",
    ):
        assert bound in said
    assert (bulk.REQUESTS, connection.WRITE_TRIES, connection.SLOW) == (2, 20, 4)
    assert snapshots.KEEP == "30m"


def test_each_failure_has_a_code_of_its_own() -> None:
    said = failures.Said(400, "", "", frozenset())
    codes = [make(said, "the archive x").error_code for _, make in failures._SAID]
    assert len(codes) == len(set(codes))
    assert bulk.REQUEST_DOCUMENTS > 0
    assert isinstance(Connection(ADDRESS, Options()).client, client_package.Elasticsearch)
