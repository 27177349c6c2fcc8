"""Measures against figures worked out by hand, and significance against all possible signs."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from byline.evaluation.comparison import compared, differences, evaluated, randomisation_test
from byline.evaluation.judged import JudgedSet
from byline.evaluation.measures import measured
from byline.evaluation.runs import write_run
from byline.request import Mode

QRELS = {"a": {"x": 1, "y": 2}, "b": {"z": 1}, "c": {"w": 1}}
RUN = {"a": [("x", 9.0), ("n", 9.0), ("y", 1.0)], "b": [("n", 2.0), ("z", 2.0)], "c": []}


def test_measures_are_those_of_the_textbook():
    figures = measured(RUN, QRELS)
    ideal = 2 + 1 / math.log2(3)
    assert figures["nDCG@10"]["a"] == pytest.approx((1 + 2 / math.log2(4)) / ideal)
    assert figures["nDCG@10"]["b"] == pytest.approx(1 / math.log2(3))
    assert figures["MRR@10"] == pytest.approx({"a": 1.0, "b": 0.5, "c": 0.0})
    assert figures["AP"]["a"] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert figures["recall@100"] == pytest.approx({"a": 1.0, "b": 1.0, "c": 0.0})


def test_ties_in_score_keep_the_order_of_the_ranking():
    first = {"b": [("z", 1.0), ("n", 1.0)]}
    assert measured(first, {"b": {"z": 1}})["MRR@10"]["b"] == 1.0
    assert measured({"b": first["b"][::-1]}, {"b": {"z": 1}})["MRR@10"]["b"] == 0.5


@pytest.mark.parametrize(
    "values", [[0.5] * 6, [0.9, -0.1, 0.4, 0.0, 0.3, -0.2, 0.6], [0.2, -0.2], [0.0, 0.0]]
)
def test_significance_is_the_share_of_all_signs_that_reach_as_far(values):
    seen = abs(sum(values))
    sums = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True)))
        for signs in product((-1, 1), repeat=len(values))
    ]
    exact = sum(one >= seen - 1e-12 for one in sums) / len(sums)
    assert randomisation_test(values) == pytest.approx(exact, abs=0.02)
    assert randomisation_test(values) == randomisation_test(values)


def test_a_comparison_counts_wins_and_losses():
    found = compared({"a": 1.0, "b": 0.0, "c": 0.5}, {"a": 0.5, "b": 0.25, "c": 0.5})
    assert (found.better, found.worse, found.same) == (1, 1, 1)
    assert found.difference == pytest.approx(0.25 / 3)


def test_modes_are_compared_with_keyword_search_query_by_query():
    judged = JudgedSet.of("set", {"a": "one", "b": "two", "c": "three"}, QRELS)
    better = {**RUN, "b": [("z", 1.0)], "a": [("n", 1.0)]}
    evaluation = evaluated(judged, {Mode.KEYWORD: RUN, Mode.HYBRID: better}, missing=1)
    keyword, hybrid = evaluation.modes
    assert keyword.against == {}
    assert hybrid.against["nDCG@10"].better == hybrid.against["nDCG@10"].worse == 1
    rows = differences(evaluation, Mode.HYBRID)
    assert [row.query for row in rows] == ["a", "b"]
    assert rows[0].difference < 0 < rows[1].difference
    assert hybrid.mean("MRR@10") == pytest.approx((0 + 1 + 0) / 3)


def test_without_keyword_search_there_is_nothing_to_compare_with():
    judged = JudgedSet.of("set", {"b": "two"}, {"b": {"z": 1}})
    (only,) = evaluated(judged, {Mode.HYBRID: RUN}).modes
    assert only.against == {}


def test_runs_are_written_in_trecs_form(tmp_path):
    path = tmp_path / "out.run"
    write_run(path, RUN, "tag")
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].split("\t") == ["a", "Q0", "x", "1", "9.00000000", "tag"]
    import ir_measures

    read = list(ir_measures.read_trec_run(str(path)))
    assert [(row.query_id, row.doc_id) for row in read] == [
        (query, name) for query, found in RUN.items() for name, _ in found
    ]


def test_scores_of_a_written_run_fall_where_they_are_equal(tmp_path):
    path = tmp_path / "out.run"
    found = [("z", 4.866958), ("d", 4.866958), ("n", 4.866958), ("a", 0.0), ("b", 0.0)]
    write_run(path, {"q": found}, "tag")
    scores = np.array(
        [line.split("\t")[4] for line in path.read_text("utf-8").splitlines()], np.float32
    )
    assert (np.diff(scores) < 0).all()
    assert scores == pytest.approx([score for _, score in found])
