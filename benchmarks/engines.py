"""Both engines side by side: indexing, searching, disk, memory, and whether they find the same.

``python -m benchmarks.engines --archive DIR`` takes an archive with vectors in a folder (make it
with ``byline index``) and a server at ``$ELASTICSEARCH_URL``; what it makes there it removes.
``--articles N`` adds the same over N articles recombined from the archive's passages.
``--judged FOLDER DIR`` compares both engines' retrieval on a set in BEIR's layout, whose corpus
is indexed in DIR. Prints tables and writes JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from elasticsearch import Elasticsearch, helpers
from elasticsearch.exceptions import GeneralAvailabilityWarning

from benchmarks import equality, table
from benchmarks.recombined import recombined
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
from byline.engines.elastic import ElasticEngine, layout
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.documents import document_id, to_document
from byline.engines.open import create_engine, open_engine
from byline.query import parse
from byline.query.tree import ValueField
from byline.records import Manifest, ModelIdentity, StoredArticle
from byline.search import Mode, SearchRequest, search

QUERIES = (
    "transparent government", "power of the union to raise armies", "accessible web site",
    "the pleasure of lying in bed", "agile procurement", "taxation without consent",
    "open source in government", "democracy and the newspapers", "war and peace",
    "content strategy for agencies", "design research interviews", "the liberty of the press",
)  # fmt: skip
_ROUNDS = 5
_BATCH = 500


class Encoder:
    """Gives the vector of a passage for each query: what is measured is the engine."""

    def __init__(self, model: ModelIdentity, vectors: npt.NDArray[np.float16]) -> None:
        self.identity = model
        self.note = None
        self._vectors = vectors.astype(np.float32)
        self._turn = 0

    def embed_query(self, _: str, /) -> npt.NDArray[np.float32]:
        self._turn += 1
        found = self._vectors[self._turn * 7919 % len(self._vectors)]
        found = found + np.float32(0.02)
        return (found / np.linalg.norm(found)).astype(np.float32)


def batches(articles: Iterator[StoredArticle]) -> Iterator[list[StoredArticle]]:
    while batch := list(islice(articles, _BATCH)):
        yield batch


def fill(engine: Engine, articles: Iterator[StoredArticle]) -> tuple[int, float]:
    """How many, and the seconds that the engine took; what makes the articles is left out."""
    count, seconds = 0, 0.0
    with engine.writer() as writer:
        for batch in batches(articles):
            started = time.perf_counter()
            writer.put(batch)
            writer.commit()
            seconds += time.perf_counter() - started
            count += len(batch)
    return count, seconds


def plain_bulk(
    client: Elasticsearch, model: ModelIdentity, articles: Iterator[StoredArticle]
) -> tuple[int, float]:
    """The same documents by the client's own helper, into an index laid out the same way."""
    index = f"byline-bench-{uuid.uuid4().hex[:8]}"
    manifest = Manifest(layout.SCHEMA, "", "", model)
    client.indices.create(
        index=index,
        settings=layout.settings(Options()),
        mappings=layout.mapping(manifest, Options()),
    )
    count, seconds = 0, 0.0
    for batch in batches(articles):
        started = time.perf_counter()
        actions = (
            {"_index": index, "_id": document_id(one.article.id), "_source": to_document(one, 1)}
            for one in batch
        )
        for ok, answer in helpers.streaming_bulk(client, actions, chunk_size=_BATCH):
            assert ok, answer
        client.indices.refresh(index=index)
        seconds += time.perf_counter() - started
        count += len(batch)
    client.indices.delete(index=index)
    return count, seconds


@contextmanager
def recorded(engine: ElasticEngine) -> Iterator[list[bytes]]:
    """The body of each ``_msearch`` that the engine sends."""
    client = engine._connection.client  # noqa: SLF001 - what goes over the wire is measured
    sent: list[bytes] = []
    usual = client.msearch

    def msearch(*, searches: Any, **rest: Any) -> Any:
        sent.append("".join(json.dumps(line) + "\n" for line in searches).encode())
        return usual(searches=searches, **rest)

    client.msearch = msearch  # type: ignore[method-assign]
    yield sent
    del client.msearch


def by_hand(url: str, filter_path: str) -> Callable[[bytes], None]:
    """Sends one ``_msearch`` over a connection kept open, and reads the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"Content-Type": "application/x-ndjson"}

    def send(body: bytes) -> None:
        connection.request("POST", f"/_msearch?filter_path={filter_path}", body, headers)
        json.loads(connection.getresponse().read())

    return send


class Timed:
    """A reader that counts the seconds spent in it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def retrieve(self, wanted: Retrieval) -> Candidates:
        return self._timed(lambda: self._reader.retrieve(wanted))

    def collect(self, wanted: Collection) -> Collected:
        return self._timed(lambda: self._reader.collect(wanted))

    def _timed(self, call: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        found = call()
        self.seconds += time.perf_counter() - started
        return found


def measure_search(engine: Engine, encoder: Encoder, url: str) -> list[Row]:
    rows = []
    facets = tuple(FacetWanted(field) for field in (ValueField.AUTHOR, ValueField.TOPIC))
    for mode in Mode:
        times: list[float] = []
        within: list[float] = []
        bodies: list[list[bytes]] = []
        for turn in range(_ROUNDS + 1):
            for text in QUERIES:
                request = SearchRequest(
                    parse(text), mode, facets=facets, timeline=Period.YEAR, limit=10
                )
                if isinstance(engine, ElasticEngine) and turn == _ROUNDS:
                    with recorded(engine) as sent, engine.reader() as reader:
                        search(reader, request, lambda: encoder)
                    bodies.append(sent)
                    continue
                started = time.perf_counter()
                with engine.reader() as reader:
                    timed = Timed(reader)
                    search(timed, request, lambda: encoder)  # type: ignore[arg-type]
                if turn:
                    times.append((time.perf_counter() - started) * 1000)
                    within.append(timed.seconds * 1000)
        figures = spread(times) | {"of it the engine p50 ms": median(within)}
        if bodies:
            bare = spread(hand_times(bodies, url))
            figures |= {f"bare {name}": value for name, value in bare.items()}
            figures["engine over bare ms"] = median(within) - bare["p50 ms"]
        rows.append(Row(f"{engine.capabilities.name}, {mode.value}", figures))
    return rows


def hand_times(bodies: list[list[bytes]], url: str) -> list[float]:
    from byline.engines.elastic.bodies import FILTER_PATH

    send = by_hand(url, ",".join(FILTER_PATH))
    times = []
    for _ in range(_ROUNDS):
        for requests in bodies:
            started = time.perf_counter()
            for body in requests:
                send(body)
            times.append((time.perf_counter() - started) * 1000)
    return times


def spread(times: list[float]) -> dict[str, float]:
    return {"p50 ms": median(times), "p95 ms": quantiles(times, n=20)[-1]}


def memory(client: Elasticsearch) -> dict[str, float]:
    """Of the server: heap in use, and resident memory where it runs on this machine."""
    (node,) = client.nodes.stats(metric="jvm,process")["nodes"].values()
    found = {"heap MB": node["jvm"]["mem"]["heap_used_in_bytes"] / 1e6}
    (about,) = client.nodes.info(metric="process")["nodes"].values()
    status = Path(f"/proc/{about['process']['id']}/status")
    if status.exists():
        resident = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
        found["resident MB"] = int(resident[0].split()[1]) / 1000
    return found


def disk_by_field(client: Elasticsearch, name: str) -> dict[str, float]:
    """Bytes of an index by what they are for, as the server counts them."""
    client.indices.flush(index=name, force=True)
    client.indices.forcemerge(index=name, max_num_segments=1)
    said = client.indices.disk_usage(index=name, run_expensive_tasks=True)
    ((_, about),) = ((key, value) for key, value in said.items() if key != "_shards")
    fields = about["fields"]
    groups = {
        "vectors": ("passages.vector",),
        "documents as stored": ("_source", "_recovery_source"),
    }
    found = {
        group: sum(fields[name]["total_in_bytes"] for name in names if name in fields)
        for group, names in groups.items()
    }
    found["words and the rest"] = about["all_fields"]["total_in_bytes"] - sum(found.values())
    return {f"{group} MB": size / 1e6 for group, size in found.items()}


def vector_sizes(
    url: str, articles: Callable[[], Iterator[StoredArticle]], model: ModelIdentity
) -> list[Row]:
    """Bytes a passage on disk, and of files that searching by meaning wants in memory."""
    client = Elasticsearch(url, request_timeout=600)
    rows = []
    for vectors in ("hnsw", "int8", "bbq"):
        name = f"byline-bench-{uuid.uuid4().hex[:8]}"
        place = Address.parse(f"elasticsearch://{urlsplit(url).netloc}/{name}")
        engine = ElasticEngine.create(place, Options(vectors=vectors), model)
        try:
            fill(engine, articles())
            disk = disk_by_field(client, name)
            with engine.reader() as reader:
                stats = reader.stats()
            said = client.indices.stats(index=name, metric="dense_vector")
            off_heap = said["_all"]["primaries"]["dense_vector"]["off_heap"]
            figures = {
                f"{what.removesuffix(' MB')} B": 1e6 * size / stats.passages
                for what, size in disk.items()
            }
            for what, size in off_heap.items():
                if what.startswith("total_") and what.endswith("_size_bytes") and size:
                    figures[f"{what.split('_')[1]} B in memory"] = size / stats.passages
            rows.append(Row(f"{vectors}, a passage", figures))
        finally:
            engine.close()
            client.indices.delete(index=list(client.indices.get(index=f"{name}.*")))
    client.close()
    return rows


def compare_size(url: str, articles: Callable[[], Iterator[StoredArticle]], model: ModelIdentity,
                 vectors: npt.NDArray[np.float16], tables: dict[str, Sequence[Row]], what: str,
                 ) -> None:  # fmt: skip
    """Indexing, searching, disk and memory of both engines over the same articles."""
    client = Elasticsearch(url, request_timeout=600)
    name = f"byline-bench-{uuid.uuid4().hex[:8]}"
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        served = create_engine(f"elasticsearch://{urlsplit(url).netloc}/{name}", model)
        local = create_engine(f"{folder}/archive", model)
        try:
            rates = []
            for label, run in (
                ("elasticsearch", lambda: fill(served, articles())),
                ("plain streaming_bulk", lambda: plain_bulk(client, model, articles())),
                ("embedded", lambda: fill(local, articles())),
            ):
                count, seconds = run()
                rates.append(count / seconds)
                rows.append(Row(f"indexing, {label}", {"articles/s": rates[-1], "s": seconds}))
            rows.append(Row("elasticsearch against plain", {"ratio": rates[0] / rates[1]}))
            encoder = Encoder(model, vectors)
            for engine in (served, local):
                rows += measure_search(engine, encoder, url)
            rows.append(Row("elasticsearch, memory", memory(client)))
            for engine in (served, local):
                with engine.reader() as reader:
                    stats = reader.stats()
                sizes = {f"{part} MB": size / 1e6 for part, size in stats.bytes.items()}
                rows.append(Row(f"disk, {engine.capabilities.name}", sizes))
                rows.append(Row("passages", {"": stats.passages}))
            rows.append(Row("disk, merged, by what it is for", disk_by_field(client, name)))
        finally:
            served.close()
            local.close()
            client.indices.delete(index=list(client.indices.get(index=f"{name}.*")))
            client.close()
    tables[what] = rows
    table.show(what, rows)


@contextmanager
def server(kit: Path) -> Iterator[str | None]:
    """The URL of the user's server, else of one that ``kit`` starts; ``None`` where neither is."""
    url = os.environ.get("ELASTICSEARCH_URL")
    if url or not kit.exists():
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="byline-bench-") as home:
        command = [sys.executable, str(kit), "start", "--home", home, "--heap", "2g"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        try:
            yield done.stdout.strip()
        finally:
            subprocess.run([sys.executable, str(kit), "wipe", "--home", home], check=True)


def measure(
    url: str, archive: str, articles: int, *, sizes: bool = False
) -> dict[str, Sequence[Row]]:
    """Tables over the articles of ``archive`` and, if any, over ``articles`` recombined ones."""
    warnings.simplefilter("ignore", category=GeneralAvailabilityWarning)
    tables: dict[str, Sequence[Row]] = {}
    source = open_engine(archive)
    with source.reader() as reader:
        real = list(reader.scan())
        model = reader.manifest.model
    source.close()
    assert model is not None, "the archive has no vectors"
    vectors = np.concatenate([one.vectors for one in real if one.vectors is not None])
    compare_size(url, lambda: iter(real), model, vectors, tables, f"{len(real):,} articles")
    if sizes:
        tables["Vector indexes"] = vector_sizes(url, lambda: iter(real), model)
        table.show("Vector indexes", tables["Vector indexes"])
    if articles:
        many = f"{articles:,} recombined articles"
        compare_size(url, lambda: recombined(real, articles), model, vectors, tables, many)
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", help="an archive with vectors, in a folder")
    parser.add_argument("--articles", type=int, default=0, help="recombined ones besides")
    parser.add_argument("--sizes", action="store_true", help="of each kind of vector index")
    parser.add_argument("--judged", nargs=2, action="append", default=[], metavar=("SET", "DIR"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/engines.json"))
    given = parser.parse_args()
    url = os.environ.get("ELASTICSEARCH_URL")
    if not url:
        parser.error("set ELASTICSEARCH_URL to a server that may be written to")
    tables: dict[str, Sequence[Row]] = {}
    if given.archive:
        tables |= measure(url, given.archive, given.articles, sizes=given.sizes)
    for folder, address in given.judged:
        rows = equality.compare(url, Path(folder), address)
        tables[Path(folder).name] = rows
        table.show(Path(folder).name, rows)
    table.write(given.out, tables)


if __name__ == "__main__":
    main()
