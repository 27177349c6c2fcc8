"""Whether both engines find the same on a judged set."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import ir_measures
from elasticsearch import Elasticsearch
from ir_measures import nDCG

from benchmarks.passages import read_lines, read_qrels
from benchmarks.table import Row
from byline.archive import Archive
from byline.copying import copy
from byline.engines.open import create_engine
from byline.search import Mode


def compare(url: str, folder: Path, address: str) -> list[Row]:
    """nDCG@10 of both engines in each mode, and how many of the first ten are the same."""
    qrels = read_qrels(folder / "qrels" / "test.tsv")
    queries = [row for row in read_lines(folder / "queries.jsonl") if row["_id"] in qrels]
    name = f"byline-bench-{uuid.uuid4().hex[:8]}"
    client = Elasticsearch(url, request_timeout=600)
    rows = []
    with Archive.open(address) as local:
        served = create_engine(
            f"elasticsearch://{urlsplit(url).netloc}/{name}", local.manifest.model
        )
        try:
            copy(local.engine, served)
            other = Archive(served, local.settings)
            for mode in Mode:
                runs: list[dict[str, dict[str, float]]] = [{}, {}]
                for row in queries:
                    request = replace(local.request(row["text"]), mode=mode, limit=10)
                    for archive, run in zip((local, other), runs, strict=True):
                        hits = archive.search(request).hits
                        run[row["_id"]] = {hit.article.id: -float(hit.rank) for hit in hits}
                scores = [
                    ir_measures.calc_aggregate([nDCG @ 10], qrels, run)[nDCG @ 10] for run in runs
                ]
                same = [
                    len(one.keys() & two.keys()) / max(len(one), len(two), 1)
                    for one, two in ((runs[0][q], runs[1][q]) for q in runs[0])
                ]
                figures = {
                    "embedded nDCG@10": scores[0],
                    "elasticsearch nDCG@10": scores[1],
                    "difference": scores[1] - scores[0],
                    "% of the first ten": 100 * sum(same) / len(same),
                }
                rows.append(Row(f"{folder.name}, {mode.value}", figures))
        finally:
            served.close()
            client.indices.delete(index=list(client.indices.get(index=f"{name}.*")))
            client.close()
    return rows
