"""Indexing: without encoding, and what it adds to the time that encoding takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.processes import as_served
from benchmarks.table import Row
from byline.embedding import open_embedder
from byline.embedding.embedder import Embedder, Encoded
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
    with _seconds_of_encoding() as encoding:
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
        # The second does not change with the minute, as both of its parts are of one run.
        Row(
            "indexing adds",
            {
                "% to encoding alone": 100 * (whole / alone - 1),
                "% in itself": 100 * (whole / sum(encoding) - 1),
            },
        ),
    ]


@contextmanager
def _seconds_of_encoding() -> Iterator[list[float]]:
    """How long each call of the encoder takes meanwhile."""
    taken: list[float] = []
    encode = Embedder.encode

    def timed(self: Embedder, *given: Any, **named: Any) -> list[Encoded]:
        started = time.perf_counter()
        try:
            return encode(self, *given, **named)
        finally:
            taken.append(time.perf_counter() - started)

    with patch.object(Embedder, "encode", timed):
        yield taken
