"""Ranking a part of an archive on the server, beyond what every engine's tests ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from byline.engines.base import Matching, Retrieval
from byline.engines.elastic import bodies, layout, weighing
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.engine import ElasticEngine
from byline.engines.open import create_engine, open_engine
from byline.errors import ArchiveDamaged
from byline.query.tree import Everything, Phrase, TextField, Value, ValueField, Word
from byline.records import StoredArticle

Make = Callable[..., StoredArticle]

#: A fifth of the articles.
PART = Value(ValueField.AUTHOR, "Author 3")
ASKED = Matching(PART, (Word("whales"), Word("passage", TextField.BODY), Phrase("is about")))


def _fill(engine: ElasticEngine, articles: list[StoredArticle]) -> None:
    with engine.writer() as writer:
        writer.put([replace(one, vectors=None, sentence_codes=None) for one in articles])
        writer.commit()


def test_a_part_is_ranked_alike_over_several_shards_and_past_the_window(
    elastic_address: Callable[[], str], article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [
        article(number, f"{number} is about whales. {'A passage. ' * (number % 7)}")
        for number in range(40)
    ]
    answers = []
    for shards, window in ((1, 10_000), (3, 10_000), (3, 3)):
        monkeypatch.setattr(weighing, "WINDOW", window)
        made = ElasticEngine.create(Address.parse(elastic_address()), Options(shards=shards), None)
        _fill(made, articles)
        with made.reader() as reader:
            wanted = Retrieval(replace(ASKED, weighed_by=PART), depth=5)
            answers.append(list(reader.retrieve(wanted).words.items()))
            again = list(reader.retrieve(wanted).words.items())
        assert again == answers[-1]
        made.close()
    assert len(answers[0]) == 5
    assert answers[0] == answers[1] == answers[2]


def test_what_words_weigh_is_asked_once_a_commit(
    elastic_address: Callable[[], str], article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(elastic_address(), None)
    assert isinstance(engine, ElasticEngine)
    _fill(engine, [article(number) for number in range(14)])
    asked: list[int] = []
    part = bodies.part
    monkeypatch.setattr(
        bodies, "part", lambda *given: (asked.append(len(given[1])), part(*given))[1]
    )
    wanted = Retrieval(replace(ASKED, weighed_by=PART))
    scores = []
    for number in (0, 0, 13):
        if number:
            _fill(engine, [article(number, "whales " * 50)])
        with engine.reader() as reader:
            scores.append(dict(reader.retrieve(wanted).words))
    assert len(asked) == 2
    assert scores[0] == scores[1] != scores[2]
    engine.close()


def test_an_archive_of_the_first_stored_form_is_rebuilt_to_rank_a_part_of_it(
    elastic_address: Callable[[], str], article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = elastic_address()
    with monkeypatch.context() as earlier:
        earlier.setattr(layout, "SCHEMA", 1)
        create_engine(address, None).close()
    engine = open_engine(address)
    assert isinstance(engine, ElasticEngine)
    _fill(engine, [article(1), article(2)])
    words = Retrieval(Matching(words=(Word("passage"),)))
    part = replace(words, matching=replace(words.matching, weighed_by=Everything()))
    with engine.reader() as reader:
        assert len(reader.retrieve(words).words) == 2
        with pytest.raises(ArchiveDamaged, match="earlier Byline") as raised:
            reader.retrieve(part)
    assert raised.value.error_code == "archive-too-old"
    assert "byline rebuild" in raised.value.remedy
    engine.rebuild()
    _fill(engine, [article(3)])
    with engine.reader() as reader:
        assert reader.manifest.schema == layout.SCHEMA
        assert len(reader.retrieve(part).words) == 3
    engine.close()
