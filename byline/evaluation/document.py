"""An evaluation as a JSON-ready dictionary."""

from __future__ import annotations

from byline.evaluation.comparison import BASELINE, ROUNDS, Comparison, Evaluation
from byline.evaluation.measures import MEASURES
from byline.records import ModelIdentity
from byline.wire import SCHEMA, Document, model_object


def evaluation_document(evaluation: Evaluation, model: ModelIdentity | None) -> Document:
    """``docs/evaluate.schema.json``."""
    return {
        "schema": SCHEMA,
        "name": evaluation.judged.name,
        "model": model_object(model) if model else None,
        "missing": evaluation.missing,
        "baseline": BASELINE.value,
        "test": {"name": "paired randomisation, two-sided", "rounds": ROUNDS},
        "modes": {
            row.mode.value: {
                measure: {
                    "mean": row.mean(measure),
                    "against": _comparison(row.against.get(measure)),
                }
                for measure in MEASURES
            }
            for row in evaluation.modes
        },
        "queries": [
            {
                "id": query,
                "text": text,
                "modes": {
                    row.mode.value: {measure: row.by_query[measure][query] for measure in MEASURES}
                    for row in evaluation.modes
                },
            }
            for query, text in evaluation.judged.queries.items()
        ],
    }


def _comparison(found: Comparison | None) -> Document | None:
    if found is None:
        return None
    return {
        "difference": found.difference,
        "p": found.p,
        "better": found.better,
        "worse": found.worse,
        "same": found.same,
    }
