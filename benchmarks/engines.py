"""Both engines side by side: indexing, searching, disk, memory, and whether they find the same.

``python -m benchmarks.engines --archive DIR`` takes an archive with vectors in a folder (make it
with ``byline index``) and a server at ``$ELASTICSEARCH_URL``; what it makes there it removes.
``--articles N`` adds the same over N articles recombined from the archive's passages.
``--judged FOLDER DIR`` compares both engines' retrieval on a set in BEIR's layout, whose corpus
is indexed in DIR. Prints tables and writes JSON.
"""

from __future__ import annotations

import argparse
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
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from elasticsearch import Elasticsearch, helpers
from elasticsearch.exceptions import GeneralAvailabilityWarning

from benchmarks import equality, overhead, table
from benchmarks.recombined import recombined
from benchmarks.table import Row
from byline.engines.base import Engine, Writer
from byline.engines.elastic import ElasticEngine, layout
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.documents import document_id, to_document
from byline.engines.open import create_engine, open_engine
from byline.records import Manifest, ModelIdentity, StoredArticle

_BATCH = 500
#: Articles that the client's helper indexes as well: enough to compare, and the whole ends soon.
_COMPARED = 20_000
#: Articles up to which an index is merged to see what its disk is used for; it takes minutes more.
_MOST_MERGED = 20_000


def batches(articles: Iterator[StoredArticle]) -> Iterator[list[StoredArticle]]:
    while batch := list(islice(articles, _BATCH)):
        yield batch


def fill(engine: Engine, articles: Iterator[StoredArticle], what: str) -> tuple[int, float]:
    """How many, and the seconds that the engine took; what makes the articles is left out."""
    count, seconds = 0, 0.0
    with engine.writer() as writer:
        for batch in batches(articles):
            seconds += _put(writer, batch)
            count += len(batch)
            _say(f"{what}: {count:,} articles, {count / seconds:,.0f} a second")
    return count, seconds


def _put(writer: Writer, batch: list[StoredArticle]) -> float:
    started = time.perf_counter()
    writer.put(batch)
    writer.commit()
    return time.perf_counter() - started


def fill_beside_plain(
    engine: Engine, client: Elasticsearch, model: ModelIdentity, articles: Iterator[StoredArticle]
) -> list[Row]:
    """The engine's rate, and that of the client's own helper for the same documents.

    The helper writes into an index laid out the same way. They take turns, batch by batch, the one
    that goes first changing, so that what the server merges meanwhile burdens both alike. After
    :data:`_COMPARED` articles the engine goes on alone.
    """
    index = f"byline-bench-{uuid.uuid4().hex[:8]}"
    manifest = Manifest(layout.SCHEMA, "", "", model)
    client.indices.create(
        index=index,
        settings=layout.settings(Options()),
        mappings=layout.mapping(manifest, Options()),
    )
    count, ours = 0, 0.0
    compared, beside, plain = 0, 0.0, 0.0
    with engine.writer() as writer:
        for turn, batch in enumerate(batches(articles)):
            both = count < _COMPARED
            if both and turn % 2:
                plain += _bulk(client, index, batch)
            ours += _put(writer, batch)
            if both and not turn % 2:
                plain += _bulk(client, index, batch)
            count += len(batch)
            if both:
                compared, beside = count, ours
            elif client.indices.exists(index=index):
                client.indices.delete(index=index)
            then = f", plain {compared / plain:,.0f}" if both else ""
            _say(f"elasticsearch: {count:,} articles, {count / ours:,.0f} a second{then}")
    client.indices.delete(index=index, ignore_unavailable=True)
    return [
        _rate("elasticsearch", count, ours),
        _rate(f"elasticsearch, the first {compared:,}", compared, beside),
        _rate(f"plain streaming_bulk, the first {compared:,}", compared, plain),
        Row("indexing, elasticsearch in % of plain", {"%": 100 * plain / beside}),
    ]


def _bulk(client: Elasticsearch, index: str, batch: list[StoredArticle]) -> float:
    started = time.perf_counter()
    actions = (
        {"_index": index, "_id": document_id(one.article.id), "_source": to_document(one, 1)}
        for one in batch
    )
    for ok, answer in helpers.streaming_bulk(client, actions, chunk_size=_BATCH):
        assert ok, answer
    client.indices.refresh(index=index)
    return time.perf_counter() - started


def _say(text: str) -> None:
    """How far it is, to whoever waits."""
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def memory(client: Elasticsearch) -> dict[str, float]:
    """Of the server: heap in use, and resident memory where it runs on this machine."""
    (node,) = client.nodes.stats(metric="jvm,process")["nodes"].values()
    heap = node["jvm"]["mem"]
    found = {
        "heap in use MB": heap["heap_used_in_bytes"] / 1e6,
        "heap at most MB": heap["heap_max_in_bytes"] / 1e6,
    }
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
            fill(engine, articles(), vectors)
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

    def add(*found: Row) -> None:
        rows.extend(found)
        for row in found:
            _say(f"{row.what}: " + ", ".join(f"{v:,.1f} {k}" for k, v in row.figures.items()))

    with tempfile.TemporaryDirectory() as folder:
        served = create_engine(f"elasticsearch://{urlsplit(url).netloc}/{name}", model)
        local = create_engine(f"{folder}/archive", model)
        try:
            add(*fill_beside_plain(served, client, model, articles()))
            add(Row("elasticsearch, memory after indexing", memory(client)))
            count, seconds = fill(local, articles(), "embedded")
            add(_rate("embedded", count, seconds))
            encoder = overhead.Encoder(model, vectors)
            for engine in (served, local):
                add(*overhead.measure(engine, encoder, url))
            add(Row("elasticsearch, memory after searching", memory(client)))
            for engine in (served, local):
                with engine.reader() as reader:
                    stats = reader.stats()
                sizes = {f"{part} MB": size / 1e6 for part, size in stats.bytes.items()}
                add(Row(f"disk, {engine.capabilities.name}", sizes))
            add(Row("passages", {"": stats.passages}))
            if count <= _MOST_MERGED:
                add(Row("disk, merged, by what it is for", disk_by_field(client, name)))
        finally:
            served.close()
            local.close()
            client.indices.delete(index=list(client.indices.get(index=f"{name}.*")))
            client.close()
    tables[what] = rows
    table.show(what, rows)


def _rate(what: str, count: int, seconds: float) -> Row:
    return Row(f"indexing, {what}", {"articles/s": count / seconds, "s": seconds})


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
