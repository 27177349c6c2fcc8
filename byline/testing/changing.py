"""What every engine does when an archive is written to, rebuilt or given another model."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from byline.engines.base import (
    ByKeys,
    Collection,
    Listed,
    Matching,
    Order,
    ResultSet,
    Retrieval,
    Severity,
)
from byline.errors import ArchiveBusy, ModelMismatch, NoVectors
from byline.query.tree import ValueField, Word
from byline.records import Origin, StoredArticle
from byline.testing import archives
from byline.testing.archives import DIMENSION, MODEL, random_archive
from byline.testing.engines import MakeEngine, fill, ids, same, unit
from byline.testing.oracle import Oracle


class WhatChanges:
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
