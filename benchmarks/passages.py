"""Passage size, overlap and title: nDCG@10 of the meaning leg alone, exact cosines.

``python -m benchmarks.passages ../shared/data/retrieval/scifact test`` prints a row a variant.
What it found is written down in docs/passages.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import nDCG

from byline.chunking import Sizes
from byline.embedding import Cut, Embedder, open_embedder

VARIANTS = (
    Sizes(128, 32, title=True),
    Sizes(128, 0, title=True),
    Sizes(128, 32, title=False),
    Sizes(64, 16, title=True),
    Sizes(200, 32, title=True),
)
_BATCH = 256


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query → article → relevance, from a BEIR table."""
    qrels: dict[str, dict[str, int]] = {}
    for line in path.read_text("utf-8").splitlines()[1:]:
        query, article, relevance = line.split("\t")
        qrels.setdefault(query, {})[article] = int(relevance)
    return qrels


def encode(embedder: Embedder, articles: list[dict[str, Any]]) -> tuple[Any, Any, float]:
    """Vectors, the article number of each, and the seconds that encoding took."""
    cuts: list[Cut] = [embedder.cut(article["title"], article["text"]) for article in articles]
    vectors, owners = [], []
    started = time.perf_counter()
    for start in range(0, len(cuts), _BATCH):
        for place, encoded in enumerate(embedder.encode(cuts[start : start + _BATCH])):
            vectors.append(encoded.vectors)
            owners += [start + place] * len(encoded.vectors)
    return (
        np.concatenate(vectors).astype(np.float32),
        np.array(owners),
        time.perf_counter() - started,
    )


def measure(folder: Path, split: str, model: str, sizes: Sizes) -> dict[str, Any]:
    embedder = open_embedder(model, sizes=sizes)
    articles = list(read_lines(folder / "corpus.jsonl"))
    qrels = read_qrels(folder / "qrels" / f"{split}.tsv")
    vectors, owners, seconds = encode(embedder, articles)
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    run: dict[str, dict[str, float]] = {}
    cosines = []
    for query in read_lines(folder / "queries.jsonl"):
        if query["_id"] not in qrels:
            continue
        best = np.maximum.reduceat(vectors @ embedder.embed_query(query["text"]), starts)
        top = np.argpartition(-best, 1000)[:1000]
        run[query["_id"]] = {articles[owners[starts[n]]]["_id"]: float(best[n]) for n in top}
        cosines.append(np.sort(best)[::-1][[0, 9, 99]])
    floors = {}
    for floor in (0.0, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4):
        kept = {q: {a: s for a, s in found.items() if s >= floor} for q, found in run.items()}
        floors[floor] = round(ir_measures.calc_aggregate([nDCG @ 10], qrels, kept)[nDCG @ 10], 4)
    return {
        "set": f"{folder.name} {split}",
        "model": model,
        "chunker": embedder.identity.chunker,
        "floor": embedder.identity.floor,
        "passages": len(vectors),
        "seconds": round(seconds),
        "ndcg_by_floor": floors,
        "cosine_at_1_10_100": np.mean(cosines, axis=0).round(3).tolist(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("split")
    parser.add_argument("--model", default="all-MiniLM-L6-v2")
    parser.add_argument("--variant", type=int, action="append")
    given = parser.parse_args()
    for number in given.variant or range(len(VARIANTS)):
        print(
            json.dumps(measure(given.folder, given.split, given.model, VARIANTS[number])),
            flush=True,
        )


if __name__ == "__main__":
    main()
