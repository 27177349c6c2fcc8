"""Whether both engines find the same on a judged set."""

from __future__ import annotations

import uuid
from pathlib import Path
from statistics import mean
from urllib.parse import urlsplit

from elasticsearch import Elasticsearch

from benchmarks.table import Row
from byline.archive import Archive
from byline.copying import copy
from byline.engines.open import create_engine
from byline.evaluation.judged import BeirFolder
from byline.evaluation.measures import MAIN, measured
from byline.evaluation.runs import Run, documents_of, run_queries
from byline.request import Mode

_FIRST = 10


def compare(url: str, folder: Path, address: str) -> list[Row]:
    """nDCG@10 of both engines in each mode, and how many of the first ten are the same."""
    beir = BeirFolder(folder)
    judged = beir.judged()
    name = f"byline-bench-{uuid.uuid4().hex[:8]}"
    client = Elasticsearch(url, request_timeout=600)
    rows = []
    with Archive.open(address) as local:
        place = f"elasticsearch://{urlsplit(url).netloc}/{name}"
        served = create_engine(place, local.manifest.model)
        try:
            copy(local.engine, served)
            with local.engine.reader() as reader:
                documents = documents_of(reader, beir)
            here, there = (
                run_queries(one, judged.queries, Mode, documents=documents, depth=_FIRST)
                for one in (local, Archive(served, local.settings))
            )
            for mode in Mode:
                ours, theirs = (
                    mean(measured(runs[mode], judged.qrels)[MAIN].values())
                    for runs in (here, there)
                )
                figures = {
                    "embedded nDCG@10": ours,
                    "elasticsearch nDCG@10": theirs,
                    "difference": theirs - ours,
                    "% of the first ten": 100 * overlap(here[mode], there[mode]),
                }
                what = f"{beir.name}, {len(judged.queries)} queries, {mode.value}"
                rows.append(Row(what, figures))
        finally:
            served.close()
            client.indices.delete(index=list(client.indices.get(index=f"{name}.*")))
            client.close()
    return rows


def overlap(one: Run, other: Run) -> float:
    """The share of each query's first ten that both have; of queries that find anything."""
    shares = []
    for query in one:
        first, second = ({name for name, _ in run[query][:_FIRST]} for run in (one, other))
        if first or second:
            shares.append(len(first & second) / max(len(first), len(second)))
    return mean(shares)
