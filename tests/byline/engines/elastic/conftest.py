"""Articles to store, and a proxy that can do to a connection what networks do."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np
import pytest

from byline.engines.elastic.engine import ElasticEngine
from byline.engines.open import create_engine
from byline.fingerprint import fingerprint
from byline.records import (
    Article,
    ModelIdentity,
    Origin,
    PartialDate,
    Passage,
    Sentence,
    StoredArticle,
)

DIMENSION = 8
MODEL = ModelIdentity("small", "0" * 64, DIMENSION, "mean", "", "", "sentences-1", 0.3)


def make_article(number: int, text: str | None = None, *, seed: int = 0) -> StoredArticle:
    """Vectors of the same number and seed are the same."""
    words = ("drones", "tariffs", "harvest", "liberty", "senate", "rents", "whales")
    body = text or f"Article {number} is about {words[number % 7]}.\n\nIt has a second passage."
    middle = len(body) // 2
    spans = [(0, middle), (middle, len(body))]
    numbers = np.random.default_rng([seed, number])
    vectors = numbers.normal(size=(2, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    article = Article(
        id=f"article-{number:05d}",
        title=f"Title {number}",
        body=body,
        authors=(f"Author {number % 5}",),
        publication="The Gazette",
        date=PartialDate(1990 + number % 30),
        topics=("politics",) if number % 2 else (),
        origins=(Origin(f"/sources/{number % 3}.jsonl", f"line {number}", "0" * 64, "2026"),),
    )
    return StoredArticle(
        article=article,
        fingerprint=fingerprint(article),
        passages=tuple(Passage(*span) for span in spans),
        vectors=vectors.astype(np.float16),
        sentences=tuple(Sentence(*span) for span in spans),
        sentence_codes=np.packbits(vectors > 0, axis=1),
    )


@pytest.fixture
def article() -> Callable[..., StoredArticle]:
    return make_article


@pytest.fixture
def model() -> ModelIdentity:
    return MODEL


@pytest.fixture
def engine(elastic_address: Callable[[], str]) -> Iterator[ElasticEngine]:
    """An empty archive on the server."""
    made = create_engine(elastic_address(), MODEL)
    assert isinstance(made, ElasticEngine)
    yield made
    made.close()


@dataclass
class Proxy:
    """Stands between a client and a server, request by request.

    ``answer`` decides about each request, by its method, path and body: ``None`` passes it on;
    ``"cut"`` breaks the connection before it reaches the server, ``"cut after"`` once the server
    has done what was asked; ``"cut answer"`` lets half of the answer's body through; a number
    waits so many seconds first; ``(status, body)`` answers in the server's place.
    """

    target: tuple[str, int]
    answer: Callable[[str, str, bytes], Any] = lambda method, path, body: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=socket.socket)

    def __enter__(self) -> Self:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def address(self, name: str) -> str:
        return f"elasticsearch://127.0.0.1:{self.port}/{name}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self.target) as server:
            while message := read_message(client):
                head, body = message
                method, path, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ", 2)
                self.asked.append((method, path))
                verdict = self.answer(method, path, body)
                if verdict == "cut":
                    return
                if isinstance(verdict, tuple):
                    client.sendall(an_answer(*verdict))
                    continue
                if isinstance(verdict, int | float):
                    time.sleep(verdict)
                server.sendall(head + body)
                answered = read_message(server, empty=method == "HEAD")
                if verdict == "cut after" or answered is None:
                    return
                if verdict == "cut answer":
                    client.sendall(answered[0] + answered[1][: len(answered[1]) // 2])
                    return
                client.sendall(answered[0] + answered[1])


def read_message(source: socket.socket, *, empty: bool = False) -> tuple[bytes, bytes] | None:
    """Head and body of one HTTP message; ``None`` at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = source.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    chunked = False
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length" and not empty:
            length = int(value)
        chunked = chunked or (name == b"transfer-encoding" and b"chunked" in value)
    while len(body) < length or (chunked and not body.endswith(b"0\r\n\r\n")):
        more = source.recv(65536)
        if not more:
            return None
        body += more
    return head + b"\r\n\r\n", body


def an_answer(status: int, body: Any) -> bytes:
    """Of the server where ``body`` is JSON, of something between where it is bytes."""
    lines = [f"HTTP/1.1 {status} X"]
    if isinstance(body, bytes):
        data = body
        lines.append("Content-Type: text/html")
    else:
        data = json.dumps(body).encode()
        lines += ["X-Elastic-Product: Elasticsearch", "Content-Type: application/json"]
    lines.append(f"Content-Length: {len(data)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + data


@pytest.fixture
def proxy(elasticsearch: Any) -> Iterator[Proxy]:
    """Before the real server."""
    if elasticsearch.user:
        pytest.skip("waits for a server without security")
    parts = urlsplit(elasticsearch.url)
    assert parts.hostname
    assert parts.port
    with Proxy((parts.hostname, parts.port)) as made:
        yield made


@pytest.fixture
def rng() -> random.Random:
    return random.Random(20260101)
