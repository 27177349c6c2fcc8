"""What a search box offers while somebody types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from byline.derivation import derive
from byline.engines.base import Engine
from byline.engines.open import create_engine
from byline.query.tree import Value, ValueField
from byline.records import Article, PartialDate
from byline.restriction import RestrictedEngine
from byline.suggestions import complete
from byline.testing.engines import fill


def column(number: int, title: str, author: str, topics: tuple[str, ...] = ()) -> Article:
    return Article(
        f"c{number}",
        title,
        f"Body {number}.",
        (author,),
        publication="Lantern" if number > 4 else "Courier",
        date=PartialDate(2000 + number),
        topics=topics,
    )


ARTICLES = [
    column(1, "The old river", "Gilbert K. Chesterton", ("river floods", "Housing")),
    column(2, "River walls", "Gilbert K. Chesterton", ("river floods",)),
    column(3, "Rivers of ink", "Zoë Brânză", ("housing",)),
    column(4, "Émile and the bread", "Rita Vera"),
    column(5, "Notes on a quiet town", "Rita Vera", ("secrets",)),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = create_engine(str(tmp_path_factory.mktemp("complete") / "archive"), None)
    fill(engine, list(derive(ARTICLES, None)))
    yield engine
    engine.close()


def offered(engine: Engine, typed: str, limit: int = 10) -> list[tuple[str, str, int]]:
    with engine.reader() as reader:
        return [(one.kind.value, one.text, one.articles) for one in complete(reader, typed, limit)]


def test_any_word_of_a_name_a_topic_or_a_title_may_begin_so(engine: Engine) -> None:
    assert offered(engine, "chest") == [("author", "Gilbert K. Chesterton", 2)]
    assert offered(engine, "flo") == [("topic", "river floods", 2)]
    assert offered(engine, "quiet") == [("title", "Notes on a quiet town", 1)]


def test_what_begins_so_comes_before_what_holds_a_word_that_does(engine: Engine) -> None:
    titles = [text for kind, text, _ in offered(engine, "river") if kind == "title"]
    assert titles == ["Rivers of ink", "River walls", "The old river"]


def test_case_and_accents_are_folded(engine: Engine) -> None:
    assert offered(engine, "BRAN") == [("author", "Zoë Brânză", 1)]
    assert offered(engine, "emil") == [("title", "Émile and the bread", 1)]
    assert offered(engine, "zoé b") == [("author", "Zoë Brânză", 1)]


def test_several_words_stand_side_by_side(engine: Engine) -> None:
    assert offered(engine, "gilbert k che") == [("author", "Gilbert K. Chesterton", 2)]
    assert offered(engine, "gilbert che") == []
    assert offered(engine, "old riv") == [("title", "The old river", 1)]


def test_each_kind_has_room(engine: Engine) -> None:
    assert {kind for kind, _, _ in offered(engine, "r", 3)} == {"author", "topic", "title"}


@pytest.mark.parametrize("typed", ["", " ", "…", '"', "zzz", "*"])
def test_nothing_is_offered_for_nothing(engine: Engine, typed: str) -> None:
    assert offered(engine, typed) == []


def test_a_title_names_its_article(engine: Engine) -> None:
    with engine.reader() as reader:
        (one,) = complete(reader, "quiet")
        assert one.article_id == "c5"


def test_a_limited_reader_offers_nothing_of_other_articles(engine: Engine) -> None:
    limited = RestrictedEngine(engine, Value(ValueField.PUBLICATION, "Courier"))
    assert offered(limited, "quiet") == offered(limited, "secr") == []
    assert offered(limited, "rita") == [("author", "Rita Vera", 1)]
