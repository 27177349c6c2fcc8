"""Indexing: without encoding, and what it adds to the time that encoding takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import as_served
from benchmarks.table import Row
from byline.embedding import open_embedder
from byline.engines.open import open_engine
from indexer.pipeline import index


def measure(sources: Sequence[str], encoded: str) -> list[Row]:
    """``sources`` are indexed without a model, ``encoded`` with the default one."""
    as_served()
    with tempfile.TemporaryDirectory() as folder:
        rows = [_without(sources, f"{folder}/words")]
        return rows + _with(encoded, folder)


def _without(sources: Sequence[str], address: str) -> Row:
    report = index(list(sources), address, model="none")
    records = report.added + report.duplicates
    return Row(
        "without encoding",
        {"articles/s": records / report.seconds, "s": report.seconds},
    )


def _with(source: str, folder: str) -> list[Row]:
    """The whole run, and the encoder alone over the same passages, each from a cold start."""
    address = f"{folder}/vectors"
    open_embedder().embed_query("warm the file cache")
    started = time.perf_counter()
    report = index([source], address)
    whole = time.perf_counter() - started
    with open_engine(address).reader() as reader:
        articles = [stored.article for stored in reader.scan()]
    embedder = open_embedder()
    cuts = [embedder.cut(article.title, article.body) for article in articles]
    started = time.perf_counter()
    for first in range(0, len(cuts), 64):
        embedder.encode(cuts[first : first + 64])
    alone = time.perf_counter() - started
    name = Path(source).name
    return [
        Row(f"with encoding, {name}", {"passages/s": report.passages / whole, "s": whole}),
        Row(f"encoding alone, {name}", {"passages/s": report.passages / alone, "s": alone}),
        Row("indexing adds", {"%": 100 * (whole / alone - 1)}),
    ]
