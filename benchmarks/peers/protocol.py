"""What every peer does, and how it is measured. Needs numpy and the standard library alone, for
each peer runs in an environment of its own.

``python -m benchmarks.peers.NAME index CORPUS FOLDER`` makes the index, ``once`` opens it and
answers one query (a cold start), ``search`` measures, ``rank`` prints the ten best articles of
each query. A corpus is a folder that :mod:`benchmarks.peers.corpus` wrote.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

#: Passages fetched of each leg, of which the best ten articles are taken.
DEPTH = 100
SHOWN = 10
RRF_K = 60
_ROUNDS = 3


@dataclass(frozen=True)
class Corpus:
    """Attributes:
    passages: ``number``, ``article`` (a number), ``title``, ``text``, ``section``.
    vectors: float32 ``[passages, dimension]``, unit length.
    queries: texts; ``query_vectors`` float32 ``[queries, dimension]``.
    section: what is filtered by.
    archive: the Byline archive that the passages are from.
    """

    passages: list[dict[str, Any]]
    vectors: npt.NDArray[np.float32]
    queries: list[str]
    query_vectors: npt.NDArray[np.float32]
    section: str
    archive: str

    @classmethod
    def load(cls, folder: Path, *, whole: bool) -> Corpus:
        """``whole`` is for indexing; searching takes the queries alone."""
        about = json.loads((folder / "about.json").read_text("utf-8"))
        lines = (folder / "passages.jsonl").open(encoding="utf-8") if whole else []
        vectors = np.load(folder / "vectors.npy") if whole else np.zeros((0, 0), np.float16)
        return cls(
            passages=[json.loads(line) for line in lines],
            vectors=vectors.astype(np.float32),
            queries=about["queries"],
            query_vectors=np.load(folder / "queries.npy"),
            section=about["section"],
            archive=about["archive"],
        )


Articles: TypeAlias = list[int] | list[str]


class Peer(Protocol):
    """Made with its folder and the corpus. Each search gives article numbers (or ids, where the
    peer stores those), the best first, each once, at most ten."""

    def index(self, corpus: Corpus) -> None: ...

    def open(self) -> None: ...

    def keyword(self, text: str) -> Articles: ...

    def semantic(self, vector: npt.NDArray[np.float32]) -> Articles: ...

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> Articles: ...

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> Articles: ...

    def about(self) -> dict[str, Any]:
        """Versions and settings, and the server's memory where there is one."""
        ...


def articles_of(owners: Iterable[int]) -> list[int]:
    """The articles of passages in order, each at its best passage."""
    return list(dict.fromkeys(int(owner) for owner in owners))[:SHOWN]


def reciprocal_ranks(*rankings: Iterable[int]) -> list[int]:
    """Rankings of passages into one."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, start=1):
            scores[number] = scores.get(number, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda number: (-scores[number], number))


def main(make: Callable[[Path, Corpus], Peer]) -> None:
    what, corpus_folder, folder = sys.argv[1:4]
    corpus = Corpus.load(Path(corpus_folder), whole=what == "index")
    peer = make(Path(folder), corpus)
    if what == "index":
        started = time.perf_counter()
        peer.index(corpus)
        answer: dict[str, Any] = {"seconds": time.perf_counter() - started}
    else:
        peer.open()
        if what == "once":
            answer = {"found": peer.hybrid(corpus.queries[0], corpus.query_vectors[0])}
        elif what == "rank":
            asks = _modes(peer, corpus)
            numbers = range(len(corpus.queries))
            answer = {name: [ask(n) for n in numbers] for name, ask in asks.items()}
        else:
            answer = _measure(peer, corpus)
    print(json.dumps(answer | {"about": peer.about()}))


def _modes(peer: Peer, corpus: Corpus) -> dict[str, Callable[[int], Articles]]:
    texts, vectors = corpus.queries, corpus.query_vectors
    return {
        "keyword": lambda n: peer.keyword(texts[n]),
        "semantic": lambda n: peer.semantic(vectors[n]),
        "filtered": lambda n: peer.filtered(vectors[n], corpus.section),
        "hybrid": lambda n: peer.hybrid(texts[n], vectors[n]),
    }


def _measure(peer: Peer, corpus: Corpus) -> dict[str, Any]:
    """Latencies in milliseconds after a round that warms up; peak memory in MB."""
    answer: dict[str, Any] = {}
    memory = {"RssAnon": 0.0, "RssFile": 0.0}
    for name, ask in _modes(peer, corpus).items():
        times = []
        for turn in range(_ROUNDS + 1):
            for number in range(len(corpus.queries)):
                started = time.perf_counter()
                ask(number)
                if turn:
                    times.append((time.perf_counter() - started) * 1000)
            memory = {field: max(most, _status(field)) for field, most in memory.items()}
        answer[name] = {"p50": median(times), "p95": quantiles(times, n=20)[-1]}
    return answer | {"memory": memory}


def _status(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1000
    return 0.0
