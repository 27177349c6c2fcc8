"""An engine of which only a part is there answers as one that holds that part alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byline.derivation import derive
from byline.engines.base import (
    ByKeys,
    Collection,
    Engine,
    FacetWanted,
    Listed,
    Matching,
    Order,
    Period,
    ResultSet,
    Retrieval,
)
from byline.engines.embedded import EmbeddedEngine
from byline.engines.open import create_engine
from byline.errors import BadQuery, NotAllowed
from byline.query.tree import And, Node, TextNode, Value, ValueField, Word
from byline.records import Article
from byline.restriction import RestrictedEngine, read_filter
from byline.testing import archives
from byline.testing.oracle import Oracle

ARTICLES = archives.random_archive(seed=11, size=40)
RULE = Value(ValueField.PUBLICATION, "The Courier")
ALLOWED = [one for one in ARTICLES if Oracle([one]).satisfies(RULE, one.article)]
ALLOWED_IDS = {one.article.id for one in ALLOWED}
PREFIXES = st.sampled_from(["r", "ri", "tax", "co", "a", "the", "z", "ivor p", "é"])


def _engine(folder: Path, articles: Any, model: Any = archives.MODEL) -> EmbeddedEngine:
    engine = EmbeddedEngine.create(str(folder), model)
    with engine.writer() as writer:
        writer.put(articles)
        writer.commit()
    return engine


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    engine = _engine(tmp_path_factory.mktemp("whole") / "archive", ARTICLES)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def part(whole: Engine) -> RestrictedEngine:
    return RestrictedEngine(whole, RULE)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """Which never held anything else."""
    engine = _engine(tmp_path_factory.mktemp("twin") / "archive", ALLOWED)
    yield engine
    engine.close()


def test_there_is_something_to_hide_and_something_to_show() -> None:
    assert 5 < len(ALLOWED) < len(ARTICLES) - 5


def test_values_counts_and_dates_are_those_of_the_part(part: Any, twin: Any) -> None:
    with part.reader() as reader, twin.reader() as other:
        for field in ValueField:
            assert reader.values(field) == other.values(field)
            assert reader.values(field, limit=1) == other.values(field, limit=1)
        assert replace(reader.stats(), bytes={}) == replace(other.stats(), bytes={})
        assert reader.stats().bytes == {}


@given(PREFIXES, st.sampled_from([1, 2, 20]))
def test_what_begins_so_is_that_of_the_part(part: Any, twin: Any, prefix: str, limit: int) -> None:
    with part.reader() as reader, twin.reader() as other:
        assert reader.terms(prefix, limit) == other.terms(prefix, limit)
        for field in ValueField:
            assert reader.values(field, prefix) == other.values(field, prefix)


def test_words_that_others_have_more_often_keep_none_back(tmp_path: Path) -> None:
    def texts(paper: str, count: int, body: str) -> list[Article]:
        return [
            Article(id=f"{paper}-{body}-{number}", title="", body=body, publication=paper)
            for number in range(count)
        ]

    others = [text for word in "abcde" for text in texts("Lantern", 9, f"zz{word}")]
    ours = [*texts("The Courier", 1, "zza zzb zzc zzd zze"), *texts("The Courier", 2, "zzf")]
    with_others = _engine(tmp_path / "whole", derive([*others, *ours], None), None)
    alone = _engine(tmp_path / "twin", derive(ours, None), None)
    part = RestrictedEngine(with_others, RULE)
    with part.reader() as reader, alone.reader() as other:
        assert reader.terms("zz", 1) == other.terms("zz", 1) == [("zzf", 2)]
    with_others.close()
    alone.close()


@settings(max_examples=60)
@given(st.none() | archives.CONDITIONS, st.lists(archives.TEXT_NODES, max_size=2).map(tuple))
def test_searching_finds_the_part_alone(part: Any, twin: Any, condition: Any, words: Any) -> None:
    matching = Matching(condition, words)
    vector = np.zeros(archives.DIMENSION, np.float32)
    vector[0] = 1
    facets = tuple(FacetWanted(field) for field in ValueField)
    found = []
    for engine in (part, twin):
        with engine.reader() as reader:
            legs = reader.retrieve(Retrieval(matching, vector=vector))
            near = tuple(legs.meaning)
            page = reader.collect(
                Collection(
                    ResultSet(matching, near[:3]),
                    Listed(Order.OLDEST, 0, 50),
                    facets=facets,
                    timeline=Period.YEAR,
                )
            )
            shown = reader.collect(Collection(ResultSet(None, near), ByKeys(near)))
            found.append(
                (
                    legs.words_total,
                    len(legs.words),
                    [one.stored.article.id for one in shown.articles],
                    [round(score, 4) for score in legs.meaning.values()],
                    page.total,
                    {one.stored.article.id for one in page.articles},
                    page.facets,
                    page.timeline,
                    [one.article.id for one in reader.scan(matching)],
                )
            )
    assert found[0] == found[1]


@pytest.fixture(scope="module")
def amid(each_engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The part by itself; amid others; amid ten times as many others, and longer ones."""
    crowd = [
        replace(
            one,
            article=replace(
                one.article,
                id=f"{one.article.id} {number}",
                body=f"{one.article.body} {'river tax ' * 40}",
            ),
        )
        for number in range(10)
        for one in archives.random_archive(seed=number, size=30, vectors=False)
        if one.article.id not in ALLOWED_IDS and not Oracle([one]).satisfies(RULE, one.article)
    ]
    engines = []
    home = tmp_path_factory.mktemp("amid")
    for name, articles in (("alone", ALLOWED), ("amid", ARTICLES), ("crowd", [*crowd, *ALLOWED])):
        engine = create_engine(each_engine(home / name), None)
        with engine.writer() as writer:
            writer.put([replace(one, vectors=None, sentence_codes=None) for one in articles])
            writer.commit()
        engines.append(engine)
    yield engines
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("rule", [RULE, And((RULE, Word("river")))], ids=["value", "words"])
@settings(max_examples=25)
@given(st.none() | archives.CONDITIONS, st.lists(archives.TEXT_NODES, min_size=1, max_size=2))
def test_ranking_does_not_depend_on_others(
    amid: list[Any], rule: Node, condition: Node | None, words: list[TextNode]
) -> None:
    """To the last bit amid whatever others; within single precision of the part by itself."""
    matching = Matching(condition, tuple(words))
    ranked, listed = [], []
    for engine in amid:
        with RestrictedEngine(engine, rule).reader() as reader:
            found = reader.retrieve(Retrieval(matching, depth=9)).words
            shown = reader.collect(Collection(ResultSet(None), ByKeys(tuple(found)))).articles
            ranked.append([(one.stored.article.id, found[one.key]) for one in shown])
            page = Collection(ResultSet(matching), Listed(Order.SCORE, 0, 9, tuple(found)[:3]))
            listed.append([one.stored.article.id for one in reader.collect(page).articles])
    assert ranked[0] == ranked[1] == ranked[2]
    assert listed[0] == listed[1] == listed[2]
    if rule is RULE:
        with amid[0].reader() as reader:
            plain = list(reader.retrieve(Retrieval(matching, depth=9)).words.values())
        assert [score for _, score in ranked[1]] == pytest.approx(plain, rel=1e-4)


def test_reading_by_name_text_or_source_shows_the_part_alone(part: Any, twin: Any) -> None:
    every_id = [one.article.id for one in ARTICLES]
    prints = [one.fingerprint for one in ARTICLES]
    with part.reader() as reader, twin.reader() as other:
        assert set(reader.fetch(every_id)) == ALLOWED_IDS
        assert [one.article.id for one in reader.scan()] == sorted(ALLOWED_IDS)
        assert set(reader.fingerprints(prints).values()) == ALLOWED_IDS
        for source in ("/columns", "/columns/1.jsonl", "/nowhere"):
            assert list(reader.ledger(source)) == list(other.ledger(source))


def test_keys_that_were_not_given_out_show_nothing(whole: Any, part: Any) -> None:
    with whole.reader() as reader:
        legs = reader.retrieve(Retrieval(Matching(), vector=np.eye(1, 16, dtype=np.float32)[0]))
        keys = tuple(legs.meaning)
    with part.reader() as reader:
        for wanted in (
            Collection(ResultSet(None, keys)),
            Collection(ResultSet(Matching()), ByKeys(keys)),
        ):
            with pytest.raises(ValueError, match="did not give out"):
                reader.collect(wanted)


def test_nothing_that_concerns_the_whole_can_be_done(part: Any) -> None:
    with pytest.raises(NotAllowed):
        part.rebuild()
    with pytest.raises(NotAllowed):
        part.replace_model(None, lambda articles: articles)
    with part.reader() as reader, pytest.raises(NotAllowed):
        reader.check()


def test_writing_keeps_to_the_part(tmp_path: Path) -> None:
    engine = _engine(tmp_path / "archive", ARTICLES)
    part = RestrictedEngine(engine, RULE)
    ours = ALLOWED[0]
    theirs = next(one for one in ARTICLES if one.article.id not in ALLOWED_IDS)
    outside = replace(ours, article=replace(ours.article, publication="Lantern"))
    stolen = replace(ours, article=replace(ours.article, id=theirs.article.id))
    with part.writer() as writer:
        for refused in (theirs, outside, stolen):
            with pytest.raises(NotAllowed):
                writer.put([refused])
        assert writer.delete([theirs.article.id, ours.article.id]) == 1
        writer.commit()
    with engine.reader() as reader:
        left = {one.article.id for one in reader.scan()}
    engine.close()
    assert left == {one.article.id for one in ARTICLES} - {ours.article.id}


@pytest.mark.parametrize("text", ["river", "publication:Courier river", "", "publication:", '"'])
def test_a_filter_is_conditions_alone(text: str) -> None:
    with pytest.raises(BadQuery):
        read_filter(text)
