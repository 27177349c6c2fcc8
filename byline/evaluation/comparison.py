"""Comparing modes query by query, with significance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byline.evaluation.judged import JudgedSet
from byline.evaluation.measures import MAIN, MEASURES, Figures, measured
from byline.evaluation.runs import Run
from byline.request import Mode

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Sign flips of the randomisation test, and their seed: the same figures each time.
ROUNDS = 10_000
SEED = 20070

#: What the other modes are compared with.
BASELINE = Mode.KEYWORD


@dataclass(frozen=True, slots=True)
class Comparison:
    """One mode against :data:`BASELINE` by one measure.

    Attributes:
        difference: of the means; positive where the mode is better.
        p: two-sided, of a paired randomisation test.
        better, worse, same: queries.
    """

    difference: float
    p: float
    better: int
    worse: int
    same: int


@dataclass(frozen=True, slots=True)
class ModeFigures:
    """``by_query``: measure → query → figure. ``against``: by measure; empty for the baseline."""

    mode: Mode
    by_query: dict[str, Figures]
    against: dict[str, Comparison]

    def mean(self, measure: str) -> float:
        figures = self.by_query[measure]
        return sum(figures.values()) / len(figures)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``missing``: documents judged relevant that the archive does not hold."""

    judged: JudgedSet
    modes: tuple[ModeFigures, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class QueryDifference:
    """How one query fares in a mode and in the baseline, by :data:`MAIN`."""

    query: str
    text: str
    figure: float
    baseline: float

    @property
    def difference(self) -> float:
        return self.figure - self.baseline


def evaluated(judged: JudgedSet, runs: dict[Mode, Run], *, missing: int = 0) -> Evaluation:
    """Measure each run and compare it with keyword search's, where that is among them."""
    figures = {mode: measured(run, judged.qrels) for mode, run in runs.items()}
    base = figures.get(BASELINE)
    rows = []
    for mode, by_query in figures.items():
        against = (
            {}
            if base is None or mode is BASELINE
            else {name: compared(by_query[name], base[name]) for name in MEASURES}
        )
        rows.append(ModeFigures(mode, by_query, against))
    return Evaluation(judged, tuple(rows), missing)


def compared(figures: Figures, baseline: Figures) -> Comparison:
    """Both over the same queries."""
    differences = [figures[query] - baseline[query] for query in sorted(baseline)]
    return Comparison(
        difference=sum(differences) / len(differences),
        p=randomisation_test(differences),
        better=sum(one > 0 for one in differences),
        worse=sum(one < 0 for one in differences),
        same=sum(one == 0 for one in differences),
    )


def randomisation_test(differences: Sequence[float]) -> float:
    """The probability of a mean difference as far from 0, were each sign a coin's toss.

    Fisher's paired randomisation test, two-sided, by :data:`ROUNDS` random assignments of
    signs (Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for
    Information Retrieval Evaluation", CIKM 2007). Not corrected for several comparisons.
    """
    import numpy as np

    values: npt.NDArray[np.float64] = np.array([one for one in differences if one], np.float64)
    if not len(values):
        return 1.0
    seen = abs(values.sum())
    rng = np.random.default_rng(SEED)
    as_far, piece = 0, max(1, 1_000_000 // len(values))
    for start in range(0, ROUNDS, piece):
        count = min(piece, ROUNDS - start)
        signs = rng.integers(0, 2, (count, len(values)), dtype=np.int8) * 2 - 1
        as_far += int((np.abs(signs @ values) >= seen - 1e-12).sum())
    return (as_far + 1) / (ROUNDS + 1)


def differences(evaluation: Evaluation, mode: Mode) -> list[QueryDifference]:
    """Each query that the mode changes, from the greatest loss to the greatest win."""
    by_mode = {row.mode: row.by_query[MAIN] for row in evaluation.modes}
    mine, base = by_mode[mode], by_mode[BASELINE]
    rows = [
        QueryDifference(query, text, mine[query], base[query])
        for query, text in evaluation.judged.queries.items()
        if mine[query] != base[query]
    ]
    return sorted(rows, key=lambda row: (row.difference, row.query))
