"""A golden subset: the sample columns, with judgments of our own, must not be ranked worse unseen.

Figures are exact up to what processors differ by. After a change that is meant to alter ranking,
``UPDATE_GOLDEN=1 python -m pytest tests/byline/evaluation/test_golden.py`` writes them anew; the
change of the file shows what it cost or gained. Columns without an id of their own are named in
the judgments by their titles.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from byline.archive import Archive
from byline.copying import copy
from byline.engines.open import create_engine
from byline.evaluation.comparison import evaluated
from byline.evaluation.judged import JudgedSet, read_qrels, read_topics
from byline.evaluation.measures import MEASURES
from byline.evaluation.runs import run_queries
from byline.request import Mode
from indexer.pipeline import index
from sample import folder

GOLDEN = Path(__file__).parent / "golden"
FIGURES = GOLDEN / "figures.json"
#: Figures move by thousandths where processors round otherwise; a mean over these queries moves
#: by this where two of them change places in one answer.
TOLERANCE = 0.015


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    address = str(tmp_path_factory.mktemp("golden") / "archive")
    assert index([str(folder())], address).rejected == ()
    with Archive.open(address) as archive:
        yield archive


def figures_of(archive: Archive) -> dict[str, dict[str, float]]:
    with archive.engine.reader() as reader:
        by_title = {stored.article.title: stored.article.id for stored in reader.scan()}
    qrels = {
        query: {by_title.get(name, name): relevance for name, relevance in found.items()}
        for query, found in read_qrels(GOLDEN / "qrels.tsv").items()
    }
    judged = JudgedSet.of("sample", read_topics(GOLDEN / "queries.jsonl"), qrels)
    assert judged.relevant() <= set(by_title.values())
    evaluation = evaluated(judged, run_queries(archive, judged.queries, Mode))
    return {
        row.mode.value: {measure: round(row.mean(measure), 4) for measure in MEASURES}
        for row in evaluation.modes
    }


def test_ranking_is_as_good_as_it_was(embedded):
    found = figures_of(embedded)
    if os.environ.get("UPDATE_GOLDEN"):
        FIGURES.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    kept = json.loads(FIGURES.read_text("utf-8"))
    for mode, figures in kept.items():
        assert found[mode] == pytest.approx(figures, abs=TOLERANCE), mode


def test_hybrid_is_no_worse_than_its_better_leg(embedded):
    found = figures_of(embedded)
    better = max(found["keyword"]["nDCG@10"], found["semantic"]["nDCG@10"])
    assert found["hybrid"]["nDCG@10"] >= better - TOLERANCE


def test_elasticsearch_ranks_as_well(embedded, elastic_address):
    served = create_engine(elastic_address(), embedded.manifest.model)
    try:
        copy(embedded.engine, served)
        found = figures_of(Archive(served, embedded.settings))
    finally:
        served.close()
    for mode, figures in json.loads(FIGURES.read_text("utf-8")).items():
        assert found[mode] == pytest.approx(figures, abs=TOLERANCE), mode
