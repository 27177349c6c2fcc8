"""What every engine keeps of articles, and tells of them."""

from __future__ import annotations

import numpy as np
import pytest

from byline.engines.base import Collection, Engine, Listed, Matching, Order, ResultSet, Severity
from byline.query import evaluate
from byline.query.tree import ValueField
from byline.records import PartialDate
from byline.testing import oracle
from byline.testing.engines import same, unit
from byline.testing.oracle import Oracle


class WhatIsKept:
    def test_what_was_put_comes_back(self, filled: tuple[Engine, Oracle]) -> None:
        engine, truth = filled
        with engine.reader() as reader:
            found = reader.fetch([s.article.id for s in truth.articles] + ["not there"])
            scanned = list(reader.scan())
        assert len(found) == len(truth.articles)
        assert [s.article.id for s in scanned] == sorted(found)
        for wanted in truth.articles:
            same(found[wanted.article.id], wanted)
        for stored in scanned:
            same(stored, found[stored.article.id])

    def test_a_page_brings_each_passages_cosine(self, filled: tuple[Engine, Oracle]) -> None:
        engine, _ = filled
        vector = unit(5)
        with engine.reader() as reader:
            page = Collection(ResultSet(Matching()), Listed(Order.NEWEST, 0, 9), vector=vector)
            for shown in reader.collect(page).articles:
                assert shown.cosines is not None
                assert shown.stored.vectors is not None
                exact = shown.stored.vectors.astype(np.float32) @ vector
                assert shown.cosines == pytest.approx(exact, abs=1e-3)

    def test_values_with_counts_and_first_and_last_dates(
        self, filled: tuple[Engine, Oracle]
    ) -> None:
        engine, truth = filled
        for field in ValueField:
            counts = oracle.facet(truth.articles, field)
            with engine.reader() as reader:
                rows = reader.values(field)
                some = reader.values(field, limit=1)
            assert [(row.value, row.count) for row in rows] == sorted(
                counts.items(), key=lambda pair: (-pair[1], pair[0])
            )
            assert some == rows[:1]
            for row in rows:
                dates = [
                    s.article.date
                    for s in truth.articles
                    if row.value in evaluate.values(s.article, field) and s.article.date
                ]
                moments = [
                    None if text is None else PartialDate.parse(text).sort_minutes
                    for text in (row.first, row.last)
                ]
                exact = [when.sort_minutes for when in dates]
                assert moments == [min(exact, default=None), max(exact, default=None)]

    def test_values_and_terms_by_prefix_fold_case_and_accents(
        self, filled: tuple[Engine, Oracle]
    ) -> None:
        engine, _ = filled
        with engine.reader() as reader:
            names = {row.value for row in reader.values(ValueField.AUTHOR, "zoe b")}
            words = reader.terms("Tax")
        assert names == {"Zoë Brânză", "ZOE BRANZA"}
        assert {word for word, _ in words} == {"tax", "taxes", "taxed"}
        assert all(count > 0 for _, count in words)

    def test_ledger_and_fingerprints_know_where_texts_came_from(
        self, filled: tuple[Engine, Oracle]
    ) -> None:
        engine, truth = filled
        with engine.reader() as reader:
            below = list(reader.ledger("/columns"))
            one = list(reader.ledger("/columns/1.jsonl"))
            other = list(reader.ledger("/column"))
            known = reader.fingerprints([s.fingerprint for s in truth.articles] + ["0" * 32])
        assert {(e.record, e.sha256, e.article_id) for e in below} == {
            (o.record, o.sha256, s.article.id) for s in truth.articles for o in s.article.origins
        }
        assert {e.source for e in one} == {"/columns/1.jsonl"}
        assert other == []
        assert known == {s.fingerprint: s.article.id for s in truth.articles}

    def test_stats_count_what_is_there(self, filled: tuple[Engine, Oracle]) -> None:
        engine, truth = filled
        with engine.reader() as reader:
            stats = reader.stats()
        assert stats.articles == len(truth.articles)
        assert stats.passages == sum(len(s.passages) for s in truth.articles)
        assert stats.authors == len(oracle.facet(truth.articles, ValueField.AUTHOR))
        assert stats.sources == 4
        assert sum(stats.bytes.values()) > 0

    def test_a_sound_archive_checks_as_sound(self, filled: tuple[Engine, Oracle]) -> None:
        engine, truth = filled
        steps: list[tuple[int, int]] = []
        with engine.reader() as reader:
            findings = list(reader.check(lambda done, total: steps.append((done, total))))
        assert {finding.severity for finding in findings} == {Severity.OK}
        assert steps[-1] == (len(truth.articles), len(truth.articles))
