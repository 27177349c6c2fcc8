"""The conformance suite: every engine passes it unchanged, only the fixture differs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byline.engines.base import (
    ByKeys,
    Collection,
    Engine,
    FacetWanted,
    Listed,
    Matching,
    Order,
    Period,
    Reader,
    ResultSet,
    Retrieval,
    Severity,
)
from byline.errors import ArchiveBusy, ModelMismatch, NoVectors
from byline.query import evaluate
from byline.query.tree import Node, TextNode, ValueField, Word
from byline.records import ModelIdentity, Origin, PartialDate, StoredArticle
from byline.testing import archives, oracle
from byline.testing.archives import CONDITIONS, DIMENSION, MODEL, TEXT_NODES, random_archive
from byline.testing.oracle import Oracle

MakeEngine = Callable[[ModelIdentity | None], Engine]

_QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
_WHOLE = Listed(Order.NEWEST, 0, 1000)


def unit(seed: int) -> npt.NDArray[np.float32]:
    raw = np.random.default_rng(seed).standard_normal(DIMENSION)
    return (raw / np.linalg.norm(raw)).astype(np.float32)


_VECTORS = st.integers(0, 2**32 - 1).map(unit)


def ids(reader: Reader, results: ResultSet, page: Listed = _WHOLE) -> list[str]:
    found = reader.collect(Collection(results, page))
    return [shown.stored.article.id for shown in found.articles]


def fill(engine: Engine, articles: list[StoredArticle]) -> None:
    with engine.writer() as writer:
        writer.put(articles)
        writer.commit()


class EngineConformance:
    """Override :meth:`make_engine`."""

    @pytest.fixture(scope="class")
    @classmethod
    def make_engine(cls) -> Iterator[MakeEngine]:
        """Gives a function that makes an empty archive for a model (or for none)."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def filled(cls, make_engine: MakeEngine) -> Iterator[tuple[Engine, Oracle]]:
        """An archive that has been written to, replaced in and deleted from."""
        articles = random_archive(1, 90)
        old = random_archive(2, 100)
        engine = make_engine(MODEL)
        fill(engine, old[:50])
        with engine.writer() as writer:
            writer.put(old[50:])
            writer.commit()
            writer.put(articles[:40])
            writer.delete([stored.article.id for stored in old[90:]])
            writer.commit()
            writer.put(articles[40:])
            writer.commit()
        yield engine, Oracle(articles)
        engine.close()

    @pytest.fixture(scope="class")
    @classmethod
    def added_to(cls, make_engine: MakeEngine) -> Iterator[tuple[Engine, Oracle]]:
        """One to which three commits added: engines may count the words of what was replaced."""
        articles = random_archive(1, 90)
        engine = make_engine(MODEL)
        for start in range(0, 90, 30):
            fill(engine, articles[start : start + 30])
        yield engine, Oracle(articles)
        engine.close()

    # What is found.

    @_QUICK
    @given(condition=st.none() | CONDITIONS, words=st.lists(TEXT_NODES, max_size=3).map(tuple))
    def test_it_finds_what_satisfies_the_query(
        self,
        filled: tuple[Engine, Oracle],
        condition: Node | None,
        words: tuple[TextNode, ...],
    ) -> None:
        engine, truth = filled
        matching = Matching(condition, words)
        wanted = {stored.article.id for stored in truth.matching(matching)}
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(matching))
            listed = ids(reader, ResultSet(matching))
            shown = reader.collect(Collection(ResultSet(matching), ByKeys(tuple(found.words))))
        assert set(listed) == wanted
        assert len(listed) == found.words_total == len(found.words) == len(wanted)
        assert {page.stored.article.id for page in shown.articles} == wanted
        scores = list(found.words.values())
        assert scores == sorted(scores, reverse=True)

    @_QUICK
    @given(
        vector=_VECTORS,
        condition=st.none() | CONDITIONS,
        words=st.lists(TEXT_NODES, max_size=2).map(tuple),
    )
    def test_neighbours_are_the_nearest_that_satisfy_the_condition(
        self,
        filled: tuple[Engine, Oracle],
        vector: npt.NDArray[np.float32],
        condition: Node | None,
        words: tuple[TextNode, ...],
    ) -> None:
        engine, truth = filled
        matching = Matching(condition, words)
        wanted = truth.nearest(vector, condition)
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(matching, vector=vector))
            pages = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found.meaning))))
        names = [page.stored.article.id for page in pages.articles]
        assert set(names) == {name for name, _ in wanted}
        exact = dict(wanted)
        for name, (key, score) in zip(names, found.meaning.items(), strict=True):
            assert score == pytest.approx(exact[name], abs=0.01)
            article = next(s.article for s in truth.articles if s.article.id == name)
            assert (key in found.in_words) == truth.has(matching, article)

    @_QUICK
    @given(vector=_VECTORS, floor=st.floats(-0.5, 0.7), depth=st.integers(1, 100))
    def test_floor_and_depth_bound_the_neighbours(
        self,
        filled: tuple[Engine, Oracle],
        vector: npt.NDArray[np.float32],
        floor: float,
        depth: int,
    ) -> None:
        engine, truth = filled
        with engine.reader() as reader:
            wanted = Retrieval(Matching(), vector=vector, floor=floor, depth=depth)
            found = reader.retrieve(wanted).meaning
        above = [score for _, score in truth.nearest(vector, None) if score >= floor + 0.01]
        assert all(score >= floor - 1e-3 for score in found.values())
        assert min(len(above), depth) <= len(found) <= depth

    @_QUICK
    @given(
        condition=CONDITIONS,
        field=st.sampled_from(list(ValueField)),
        period=st.sampled_from(list(Period)),
        extra=st.integers(0, 8),
    )
    def test_facets_timeline_and_total_count_exactly_the_set(
        self,
        filled: tuple[Engine, Oracle],
        condition: Node,
        field: ValueField,
        period: Period,
        extra: int,
    ) -> None:
        engine, truth = filled
        matching = Matching(condition)
        inside = {stored.article.id for stored in truth.matching(matching)}
        with engine.reader() as reader:
            everything = reader.retrieve(Retrieval(Matching(), vector=unit(extra))).meaning
            keys = tuple(everything)[:extra]
            beside = {
                page.stored.article.id
                for page in reader.collect(Collection(ResultSet(None), ByKeys(keys))).articles
            }
            results = ResultSet(matching, keys)
            found = reader.collect(Collection(results, _WHOLE, (FacetWanted(field, 3),), period))
        chosen = [s for s in truth.articles if s.article.id in inside | beside]
        assert found.total == len(chosen) == len(found.articles)
        counts = oracle.facet(chosen, field)
        best = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        facet = found.facets[field]
        assert [(row.value, row.count) for row in facet.values] == best
        assert facet.distinct == len(counts)
        assert facet.missing == sum(not evaluate.values(s.article, field) for s in chosen)
        bins = oracle.timeline(chosen, period)
        assert found.timeline is not None
        assert [(row.start, row.count) for row in found.timeline.bins] == sorted(bins.items())
        assert found.timeline.undated == len(chosen) - sum(bins.values())

    @_QUICK
    @given(condition=CONDITIONS, size=st.integers(1, 30), order=st.sampled_from(list(Order)))
    def test_pages_walk_through_the_set_once_each_in_one_order(
        self, filled: tuple[Engine, Oracle], condition: Node, size: int, order: Order
    ) -> None:
        engine, truth = filled
        matching = Matching(condition)
        wanted = truth.matching(matching)
        with engine.reader() as reader:
            walked = [
                name
                for offset in range(0, len(wanted) + size, size)
                for name in ids(reader, ResultSet(matching), Listed(order, offset, size))
            ]
        assert len(walked) == len(set(walked)) == len(wanted)
        if order is Order.SCORE:
            return
        by_id = {stored.article.id: stored.article.date for stored in wanted}
        dates = [by_id[name] for name in walked]
        dated = [when.sort_minutes for when in dates if when is not None]
        assert dated == sorted(dated, reverse=order is Order.NEWEST)
        assert None not in dates[: len(dated)]

    def test_what_is_skipped_is_left_out_of_a_listing(self, filled: tuple[Engine, Oracle]) -> None:
        engine, _ = filled
        matching = Matching(None, (Word("river"),))
        with engine.reader() as reader:
            found = tuple(reader.retrieve(Retrieval(matching)).words)
            skip = found[:5]
            for order in Order:
                page = Listed(order, 0, 1000, skip)
                shown = reader.collect(Collection(ResultSet(matching), page)).articles
                assert {one.key for one in shown} == set(found[5:])

    @pytest.mark.parametrize("word", ["river", "tax", "cafe", "fine"])
    def test_words_are_ranked_by_bm25(self, added_to: tuple[Engine, Oracle], word: str) -> None:
        """Between what exact lengths give and what they do when one byte keeps each.

        Lucene leaves out the factor k1 + 1, which is the same for all.
        """
        engine, truth = added_to
        exact, rounded = truth.bm25(word), truth.bm25(word, rounded=True)
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(Matching(None, (Word(word),)))).words
            pages = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found)))).articles
        assert {page.stored.article.id for page in pages} == set(exact)
        got = {page.stored.article.id: found[page.key] for page in pages}
        best = max(got, key=got.__getitem__)
        unit_of_score = min((1.0, 1 / 2.2), key=lambda unit: abs(got[best] / exact[best] - unit))
        for name, score in got.items():
            least, most = sorted((exact[name] * unit_of_score, rounded[name] * unit_of_score))
            assert least * (1 - 1e-4) <= score <= most * (1 + 1e-4)

    def test_boosts_change_the_order_and_not_the_set(self, filled: tuple[Engine, Oracle]) -> None:
        engine, _ = filled
        plain = Matching(None, (Word("river"),))
        boosted = replace(plain, boosts=(Word("the"), Word("tax")))
        with engine.reader() as reader:
            before, after = (reader.retrieve(Retrieval(wanted)) for wanted in (plain, boosted))
        assert before.words.keys() == after.words.keys()
        gained = [score - before.words[key] for key, score in after.words.items()]
        assert all(gain >= -1e-4 for gain in gained)
        assert any(gain > 1e-4 for gain in gained)

    # What is stored.

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

    # What changes.

    def test_an_empty_archive_answers(self, make_engine: MakeEngine) -> None:
        engine = make_engine(MODEL)
        with engine.reader() as reader:
            found = reader.retrieve(Retrieval(Matching(), vector=unit(0)))
            assert (found.words, found.words_total, found.meaning) == ({}, 0, {})
            assert ids(reader, ResultSet(Matching())) == []
            assert reader.stats().articles == 0
            assert reader.values(ValueField.AUTHOR) == []
        engine.close()

    def test_nothing_is_seen_before_the_commit_and_all_of_it_after(
        self, make_engine: MakeEngine
    ) -> None:
        engine, articles = make_engine(MODEL), random_archive(3, 12)
        with engine.writer() as writer:
            writer.put(articles[:6])
            with engine.reader() as reader:
                assert reader.stats().articles == 0
                first = reader.version
            second = writer.commit()
            writer.put(articles[6:])
        with engine.reader() as reader:
            assert {s.article.id for s in reader.scan()} == {s.article.id for s in articles[:6]}
            assert reader.version == second > first
        engine.close()

    def test_replacing_and_deleting(self, make_engine: MakeEngine) -> None:
        engine, articles = make_engine(MODEL), random_archive(4, 6)
        fill(engine, articles)
        moved = [
            replace(new, article=replace(new.article, id=old.article.id))
            for new, old in zip(random_archive(5, 2), articles, strict=False)
        ]
        with engine.writer() as writer:
            writer.put(moved)
            deleted = writer.delete([articles[5].article.id, "not there"])
            writer.put([replace(moved[0], article=replace(moved[0].article, title="Last"))])
            writer.commit()
        with engine.reader() as reader:
            found = {s.article.id: s for s in reader.scan()}
            listed = ids(reader, ResultSet(Matching()))
        assert deleted == 1
        assert set(listed) == set(found) == {s.article.id for s in articles[:5]}
        assert found[articles[0].article.id].article.title == "Last"
        assert found[articles[1].article.id].article.body == moved[1].article.body
        engine.close()

    def test_what_is_replaced_or_deleted_before_its_commit_was_never_there(
        self, make_engine: MakeEngine
    ) -> None:
        engine = make_engine(MODEL)
        kept, replaced, deleted = random_archive(8, 3)
        final = replace(deleted, article=replace(deleted.article, id=replaced.article.id))
        with engine.writer() as writer:
            writer.put([kept, replaced])
            writer.put([final])
            writer.put([deleted])
            writer.delete([deleted.article.id])
            writer.commit()
        wanted = {one.article.id: one for one in (kept, final)}
        with engine.reader() as reader:
            found = {stored.article.id: stored for stored in reader.scan()}
            assert found.keys() == wanted.keys()
            for name, stored in found.items():
                same(stored, wanted[name])
            legs = reader.retrieve(Retrieval(Matching(), vector=unit(1)))
            assert (legs.words_total, len(legs.words), len(legs.meaning)) == (2, 2, 2)
            assert {finding.severity for finding in reader.check()} == {Severity.OK}
        engine.close()

    def test_a_second_writer_is_told_who_holds_the_archive(self, make_engine: MakeEngine) -> None:
        engine = make_engine(None)
        with engine.writer():
            with pytest.raises(ArchiveBusy) as caught, engine.writer():
                pass
            assert "process" in caught.value.message
        with engine.writer() as writer:
            writer.commit()
        engine.close()

    def test_vectors_of_another_shape_are_refused(self, make_engine: MakeEngine) -> None:
        engine, (article,) = make_engine(MODEL), random_archive(6, 1)
        assert article.vectors is not None
        wide = np.zeros((len(article.passages), DIMENSION + 1), np.float16)
        for vectors in (wide, None):
            with engine.writer() as writer, pytest.raises(ModelMismatch):
                writer.put([replace(article, vectors=vectors)])
        engine.close()

    def test_an_archive_without_vectors_says_so(self, make_engine: MakeEngine) -> None:
        engine, articles = make_engine(None), random_archive(7, 5, vectors=False)
        fill(engine, articles)
        with engine.reader() as reader:
            assert reader.manifest.model is None
            assert reader.retrieve(Retrieval(Matching())).words_total == 5
            with pytest.raises(NoVectors):
                reader.retrieve(Retrieval(Matching(), vector=unit(0)))
            assert {f.severity for f in reader.check()} == {Severity.OK}
        with engine.writer() as writer, pytest.raises(ModelMismatch):
            writer.put(random_archive(8, 1))
        engine.close()

    def test_rebuilding_changes_nothing_that_is_found(self, make_engine: MakeEngine) -> None:
        engine, articles = make_engine(MODEL), random_archive(9, 20)
        fill(engine, articles)
        wanted = Retrieval(Matching(None, (Word("river"), Word("tax"))), vector=unit(1))

        def answer() -> list[tuple[str, ...]]:
            with engine.reader() as reader:
                found = reader.retrieve(wanted)
                return [
                    tuple(
                        page.stored.article.id
                        for page in reader.collect(
                            Collection(ResultSet(None), ByKeys(tuple(leg)))
                        ).articles
                    )
                    for leg in (found.words, found.meaning)
                ]

        before = answer()
        engine.rebuild()
        assert [set(leg) for leg in answer()] == [set(leg) for leg in before]
        assert answer()[1] == before[1]
        engine.close()

    def test_another_model_takes_the_place_of_the_old_one_as_a_whole(
        self, make_engine: MakeEngine
    ) -> None:
        engine, articles = make_engine(MODEL), random_archive(10, 12)
        fill(engine, articles)
        other = replace(MODEL, name="other", weights="e" * 64)
        rng = random.Random(1)  # noqa: S311 - nothing secret
        fresh = {s.article.id: archives.stored(s.article, rng) for s in articles}

        def stopped(old: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
            yield fresh[next(old).article.id]
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            engine.replace_model(other, stopped)
        with engine.reader() as reader:
            assert reader.manifest.model == MODEL
            same(next(iter(reader.scan())), articles[0])
        engine.replace_model(other, lambda old: (fresh[s.article.id] for s in old))
        with engine.reader() as reader:
            assert reader.manifest.model == other
            for stored in reader.scan():
                same(stored, fresh[stored.article.id])
            assert {f.severity for f in reader.check()} == {Severity.OK}
            nearest = reader.retrieve(Retrieval(Matching(), vector=unit(2))).meaning
            top = reader.collect(Collection(ResultSet(None), ByKeys((next(iter(nearest)),))))
        wanted = Oracle(list(fresh.values())).nearest(unit(2), None)[0][0]
        assert top.articles[0].stored.article.id == wanted
        engine.close()

    def test_a_result_of_more_than_ten_thousand_is_walked_to_its_end(
        self, make_engine: MakeEngine
    ) -> None:
        engine = make_engine(None)
        (sample,) = random_archive(11, 1, vectors=False)
        origin = Origin("/many", "", "0" * 64, "2024-01-01T00:00:00Z")
        many = [
            replace(
                sample,
                fingerprint=f"{n:032x}",
                article=replace(sample.article, id=f"{n:05d}", origins=(origin,)),
            )
            for n in range(10_050)
        ]
        fill(engine, many)
        with engine.reader() as reader:
            matching = Matching()
            for order in Order:
                last = ids(reader, ResultSet(matching), Listed(order, 10_000, 100))
                assert len(set(last)) == 50
                first = ids(reader, ResultSet(matching), Listed(order, 0, 100))
                assert len(set(first) - set(last)) == 100
        engine.close()


def same(found: StoredArticle, wanted: StoredArticle) -> None:
    assert found.article == wanted.article
    assert found.fingerprint == wanted.fingerprint
    assert found.passages == wanted.passages
    assert found.sentences == wanted.sentences
    for a, b in (
        (found.vectors, wanted.vectors),
        (found.sentence_codes, wanted.sentence_codes),
    ):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)
