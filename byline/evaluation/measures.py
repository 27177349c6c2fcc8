"""Measures of a ranking, by ir-measures (trec_eval's code)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from byline.evaluation.judged import Qrels
from byline.evaluation.runs import Run

#: Query → figure.
Figures: TypeAlias = dict[str, float]

#: Ours → ir-measures' name; the first is the one that modes are compared by.
MEASURES: Mapping[str, str] = {
    "nDCG@10": "nDCG@10",
    "recall@100": "R@100",
    "MRR@10": "RR@10",
    "AP": "AP",
}
MAIN = "nDCG@10"


def measured(run: Run, qrels: Qrels) -> dict[str, Figures]:
    """Each measure of :data:`MEASURES` → query → figure; a query that found nothing counts 0."""
    # Imported here: only evaluation needs it.
    import ir_measures

    names = {ir_measures.parse_measure(theirs): ours for ours, theirs in MEASURES.items()}
    figures: dict[str, Figures] = {ours: dict.fromkeys(qrels, 0.0) for ours in MEASURES}
    # By rank, not by score: trec_eval would order ties by name.
    ranks = {
        query: {document: float(-rank) for rank, (document, _) in enumerate(found)}
        for query, found in run.items()
        if found
    }
    for metric in ir_measures.iter_calc(list(names), qrels, ranks):
        figures[names[metric.measure]][metric.query_id] = float(metric.value)
    return figures
