"""The formulas of docs/elasticsearch.md against an index of the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.engine import ElasticEngine
from byline.fingerprint import fingerprint
from byline.records import Article, ModelIdentity, Passage, StoredArticle

DOCS = Path(__file__).resolve().parents[4] / "docs" / "elasticsearch.md"
DIMENSION = 384
PASSAGES = 1000


def formulas() -> dict[str, dict[str, str]]:
    """Kind of vectors → column → formula, as the documentation has them."""
    text = DOCS.read_text("utf-8")
    rows = re.findall(r"^\| `(hnsw|int8|bbq)` \| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    return {kind: {"disk": disk, "memory": memory} for kind, disk, memory in rows}


def worked_out(formula: str) -> float:
    """``4 × d + d + 16`` with the default model's d."""
    total = 0.0
    for term in formula.split("+"):
        number = re.fullmatch(r"\s*(?:(\d+) × )?(d)?(?: ÷ (\d+))?(\d+)?\s*", term)
        assert number, formula
        times, d, by, alone = number.groups()
        total += int(alone) if alone else int(times or 1) * DIMENSION / int(by or 1)
        assert bool(d) != bool(alone)
    return total


def article(number: int, vectors: np.ndarray) -> StoredArticle:
    """Hardly any text: vectors are what is weighed."""
    body = "one two three " * len(vectors)
    made = Article(id=f"{number:04d}", title="", body=body)
    spans = tuple(Passage(14 * place, 14 * place + 13) for place in range(len(vectors)))
    return StoredArticle(made, fingerprint(made), spans, vectors.astype(np.float16))


@pytest.mark.parametrize("kind", ["hnsw", "int8", "bbq"])
def test_the_documented_sizes_are_those_of_an_index(
    elastic_address: Callable[[], str], model: ModelIdentity, kind: str
) -> None:
    numbers = np.random.default_rng(11)
    # Texts gather in groups, and so do these: that shapes the graph.
    centres = numbers.standard_normal((40, DIMENSION))
    vectors = centres[numbers.integers(0, 40, PASSAGES)] + numbers.standard_normal(
        (PASSAGES, DIMENSION)
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    wide = replace(model, dimension=DIMENSION)
    place = Address.parse(elastic_address())
    engine = ElasticEngine.create(place, Options(vectors=kind, replicas="0"), wide)
    with engine.writer() as writer:
        writer.put(article(n, vectors[n * 4 : n * 4 + 4]) for n in range(PASSAGES // 4))
        writer.commit()
    client = engine._connection.client.options(request_timeout=120)
    client.indices.forcemerge(index=place.name, max_num_segments=1)
    client.indices.flush(index=place.name, force=True)
    # The client warns of this one, whose form may change; a warning is an error here.
    path = f"/{place.name}/_disk_usage?run_expensive_tasks=true"
    used = client.perform_request("POST", path, headers={"accept": "application/json"}).body
    (about,) = (part for name, part in used.items() if name != "_shards")
    on_disk = about["fields"]["passages.vector"]["total_in_bytes"] / PASSAGES
    said = client.indices.stats(index=place.name, metric="dense_vector")
    off_heap = said["_all"]["primaries"]["dense_vector"]["off_heap"]
    raw = off_heap["total_vec_size_bytes"] if kind != "hnsw" else 0
    in_memory = (off_heap["total_size_bytes"] - raw) / PASSAGES
    engine.close()
    graph = off_heap["total_vex_size_bytes"] / PASSAGES
    assert graph <= 45
    # The graph stands last in each formula; for few passages it is small, or left out.
    disk, memory = (formula.rpartition(" + ")[0] for formula in formulas()[kind].values())
    assert worked_out(disk) + graph == pytest.approx(on_disk, rel=0.02)
    assert worked_out(memory) + graph == pytest.approx(in_memory, rel=0.02)


def test_the_arithmetic_for_a_million_passages_holds() -> None:
    text = DOCS.read_text("utf-8")
    shown = re.findall(
        r"^\| `(hnsw|int8|bbq)` \|[^|]+\|[^|]+\| ([\d.]+) GB \| ([\d.]+) GB \|", text, re.MULTILINE
    )
    assert {kind for kind, _, _ in shown} == {"hnsw", "int8", "bbq"}
    for kind, disk, memory in shown:
        found = formulas()[kind]
        assert float(disk) == pytest.approx(worked_out(found["disk"]) / 1000, abs=0.006)
        assert float(memory) == pytest.approx(worked_out(found["memory"]) / 1000, abs=0.006)
