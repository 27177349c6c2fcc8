"""Both engines find the same: parts of two judged sets, small enough to be encoded here.

``python -m benchmarks.engines --judged`` compares them over the whole sets.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from byline.archive import Archive
from byline.copying import copy
from byline.engines.open import create_engine
from byline.evaluation.judged import BeirFolder, Qrels, read_qrels, write_qrels
from byline.evaluation.measures import MAIN, measured
from byline.evaluation.runs import run_queries
from byline.request import Mode
from indexer.pipeline import index


def part_of(whole: Path, folder: Path, queries: int, documents: int) -> BeirFolder:
    """Its first judged queries, the documents judged for them, and others in the set's order."""
    qrels: Qrels = dict(list(read_qrels(whole / "qrels" / "test.tsv").items())[:queries])
    judged = {document for row in qrels.values() for document in row}
    corpus, asked = (
        [json.loads(line) for line in (whole / f"{name}.jsonl").read_bytes().splitlines()]
        for name in ("corpus", "queries")
    )
    others = [row["_id"] for row in corpus if row["_id"] not in judged]
    kept = judged | set(others[: max(0, documents - len(judged))])
    (folder / "qrels").mkdir(parents=True)
    write_qrels(folder / "qrels" / "test.tsv", qrels)
    for name, rows, wanted in (("corpus", corpus, kept), ("queries", asked, qrels)):
        lines = [json.dumps(row) + "\n" for row in rows if row["_id"] in wanted]
        (folder / f"{name}.jsonl").write_text("".join(lines), "utf-8")
    return BeirFolder(folder)


@pytest.mark.parametrize(
    ("name", "queries", "documents"), [("scifact", 30, 50), ("perspectrum", 30, 300)]
)
def test_both_engines_rank_alike(
    shared: Path,
    tmp_path: Path,
    elastic_address: Callable[[], str],
    name: str,
    queries: int,
    documents: int,
) -> None:
    """nDCG@10 within 0.005, and 95 % of the first ten the same, in every mode."""
    part = part_of(shared / "data" / "retrieval" / name, tmp_path / name, queries, documents)
    judged = part.judged()
    address = str(tmp_path / "archive")
    assert index([str(part.corpus)], address).added >= 0.99 * documents
    with Archive.open(address) as local:
        served = create_engine(elastic_address(), local.manifest.model)
        copy(local.engine, served)
        with Archive(served, local.settings) as other:
            runs: list[Any] = [
                run_queries(one, judged.queries, Mode, depth=10) for one in (local, other)
            ]
    for mode in Mode:
        here, there = (run[mode] for run in runs)
        ours, theirs = (mean(measured(run, judged.qrels)[MAIN].values()) for run in (here, there))
        assert ours > 0.3
        assert abs(ours - theirs) <= 0.005, mode
        shares = []
        for query in judged.queries:
            first, second = ({found for found, _ in run[query]} for run in (here, there))
            shares.append(len(first & second) / max(len(first), len(second), 1))
        assert mean(shares) >= 0.95, mode
