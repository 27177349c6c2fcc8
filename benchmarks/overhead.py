"""What a search takes over an engine, and of it over the bare ``_msearch`` of the same bodies.

*Bare* is what a program would take that already had the requests of one search as bytes: it sends
them one after the other over one connection of Python's ``http.client`` and parses each answer
with the same parser as the engine does. Both take turns, query by query, so that neither meets a
warmer or a quieter server. A query's vector is given, not made: encoding is the model's time and
not the engine's (``benchmarks.encoding`` measures it).

*Client's processor* is what both take of this machine's processor, the least of all rounds for
each query: what lies between them does not depend on how busy the server is meanwhile.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from benchmarks.table import Row
from byline.engines.base import (
    Candidates,
    Collected,
    Collection,
    Engine,
    FacetWanted,
    Period,
    Reader,
    Retrieval,
)
from byline.engines.elastic import ElasticEngine
from byline.engines.elastic.bodies import FILTER_PATH
from byline.jsontext import from_json
from byline.query import parse
from byline.query.tree import ValueField
from byline.records import ModelIdentity
from byline.request import Mode, SearchRequest
from byline.search import search

QUERIES = (
    "transparent government", "power of the union to raise armies", "accessible web site",
    "the pleasure of lying in bed", "agile procurement", "taxation without consent",
    "open source in government", "democracy and the newspapers", "war and peace",
    "content strategy for agencies", "design research interviews", "the liberty of the press",
)  # fmt: skip
_ROUNDS = 8
_FACETS = tuple(FacetWanted(field) for field in (ValueField.AUTHOR, ValueField.TOPIC))


class Encoder:
    """Gives the vector of a passage for each query, the same for the same query."""

    def __init__(self, model: ModelIdentity, vectors: npt.NDArray[np.float16]) -> None:
        self.identity = model
        self.nearness = model.nearness
        self.note = None
        self._vectors = vectors

    def embed_query(self, text: str, /) -> npt.NDArray[np.float32]:
        place = sum(text.encode()) * 7919 % len(self._vectors)
        found = self._vectors[place].astype(np.float32) + np.float32(0.02)
        return (found / np.linalg.norm(found)).astype(np.float32)


def measure(engine: Engine, encoder: Encoder, url: str) -> list[Row]:
    """A row for each mode; pages of ten with highlights, two facets and a timeline."""
    return [_of_mode(engine, encoder, url, mode) for mode in Mode]


def _of_mode(engine: Engine, encoder: Encoder, url: str, mode: Mode) -> Row:
    send = by_hand(url) if isinstance(engine, ElasticEngine) else None
    whole: list[_Taken] = []
    within: list[_Taken] = []
    bare: list[_Taken] = []
    # The first round warms both, and shows what is sent.
    bodies = [_sent(engine, _request(text, mode), encoder) for text in QUERIES]
    for turn in range(_ROUNDS):
        for text, requests in zip(QUERIES, bodies, strict=True):
            if send is not None and turn % 2:
                bare.append(_by_hand(send, requests))
            all_of_it, of_it = _search(engine, _request(text, mode), encoder)
            whole.append(all_of_it)
            within.append(of_it)
            if send is not None and not turn % 2:
                bare.append(_by_hand(send, requests))
    figures = spread([one.wall for one in whole])
    figures["engine alone p50 ms"] = median(one.wall for one in within)
    if send is not None:
        figures |= {f"bare {name}": ms for name, ms in spread([b.wall for b in bare]).items()}
        figures["engine over bare p50 ms"] = figures["engine alone p50 ms"] - figures["bare p50 ms"]
        figures["search over bare p50 ms"] = figures["p50 ms"] - figures["bare p50 ms"]
        least = {name: _least(taken) for name, taken in (("engine", within), ("bare", bare))}
        figures["client's processor, engine ms"] = least["engine"]
        figures["client's processor, bare ms"] = least["bare"]
        figures["answers kB"] = median(sum(map(len, map(send, one))) for one in bodies) / 1e3
    return Row(f"{engine.capabilities.name}, {mode.value}", figures)


class _Taken(NamedTuple):
    """Milliseconds: of the clock, and of this process's processors."""

    wall: float
    processor: float


def _now() -> _Taken:
    return _Taken(time.perf_counter() * 1000, time.process_time() * 1000)


def _since(started: _Taken) -> _Taken:
    now = _now()
    return _Taken(now.wall - started.wall, now.processor - started.processor)


def _least(taken: list[_Taken]) -> float:
    """The median over the queries of the least that any round took."""
    count = len(QUERIES)
    return median(min(one.processor for one in taken[n::count]) for n in range(count))


def spread(times: list[float]) -> dict[str, float]:
    return {"p50 ms": median(times), "p95 ms": quantiles(times, n=20)[-1]}


def by_hand(url: str) -> Callable[[bytes], bytes]:
    """Sends one ``_msearch`` over a connection kept open, and parses the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"Content-Type": "application/x-ndjson"}
    path = f"/_msearch?filter_path={','.join(FILTER_PATH)}"

    def send(body: bytes) -> bytes:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse().read()
        assert all(one["status"] == 200 for one in from_json(answer)["responses"])
        return answer

    return send


def _request(text: str, mode: Mode) -> SearchRequest:
    return SearchRequest(parse(text), mode, facets=_FACETS, timeline=Period.YEAR, limit=10)


def _search(engine: Engine, request: SearchRequest, encoder: Encoder) -> tuple[_Taken, _Taken]:
    """What the whole takes, and what of it the engine."""
    started = _now()
    with engine.reader() as reader:
        timed = _Timed(reader)
        search(timed, request, lambda _: encoder)  # type: ignore[arg-type]
    return _since(started), _Taken(timed.wall, timed.processor)


def _by_hand(send: Callable[[bytes], bytes], requests: list[bytes]) -> _Taken:
    started = _now()
    for body in requests:
        send(body)
    return _since(started)


class _Timed:
    """A reader that counts what is spent in it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.wall = 0.0
        self.processor = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def retrieve(self, wanted: Retrieval) -> Candidates:
        return self._count(lambda: self._reader.retrieve(wanted))

    def collect(self, wanted: Collection) -> Collected:
        return self._count(lambda: self._reader.collect(wanted))

    def _count(self, call: Callable[[], Any]) -> Any:
        started = _now()
        found = call()
        taken = _since(started)
        self.wall += taken.wall
        self.processor += taken.processor
        return found


def _sent(engine: Engine, request: SearchRequest, encoder: Encoder) -> list[bytes]:
    """The bodies that the engine sends for one search; none where it sends nothing."""
    # The first search of an engine may move on to a newer commit, and send all of it again.
    _search(engine, request, encoder)
    if not isinstance(engine, ElasticEngine):
        return []
    with _recorded(engine) as sent:
        _search(engine, request, encoder)
    return sent


@contextmanager
def _recorded(engine: ElasticEngine) -> Iterator[list[bytes]]:
    client = engine._connection.client  # noqa: SLF001 - what goes over the wire is measured
    sent: list[bytes] = []
    usual = client.msearch

    def msearch(*, searches: Any, **rest: Any) -> Any:
        lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in searches]
        sent.append(b"".join(line + b"\n" for line in lines))
        return usual(searches=searches, **rest)

    client.msearch = msearch  # type: ignore[method-assign]
    yield sent
    del client.msearch
