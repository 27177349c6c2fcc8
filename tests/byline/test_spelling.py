"""Did you mean: what is offered for words that the archive hardly has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byline.derivation import derive
from byline.engines.base import Engine
from byline.engines.open import create_engine
from byline.query import parse, with_filters
from byline.query.tree import Value, ValueField
from byline.records import Article, PartialDate
from byline.restriction import RestrictedEngine
from byline.search import SearchRequest, search
from byline.spelling import suggest
from byline.testing.engines import fill

ARTICLES = [
    Article("1", "Inflation", "Inflation eats the wages of the government.", ("G. K. Chesterton",)),
    Article("2", "Housing", "The housing question, and inflation again.", ("Ada Quill",)),
    Article("3", "Drones", "Artificial intelligence flies the drones.", publication="Lantern"),
    Article("4", "Weather", "The weather was mild.", date=PartialDate(1908)),
    Article("5", "Whether", "They asked whether and whither.", ("Ada Quill",)),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("spelling") / "archive"
    engine = create_engine(str(folder), None)
    fill(engine, list(derive(ARTICLES, None)))
    yield engine
    engine.close()


def offered(engine: Engine, text: str) -> list[str]:
    with engine.reader() as reader:
        return [one.text for one in suggest(reader, parse(text))]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("inflaton", "inflation"),
        ("inflatoin", "inflation"),
        ("Imflation", "inflation"),
        ("govenrment", "government"),
        ("hosing inflaton", "housing inflation"),
        ('"artifical inteligence"', '"artificial intelligence"'),
        ("+inflaton wages", "+inflation wages"),
        ("inflaton -housing", "inflation -housing"),
        ("inflation AND goverment", "inflation AND government"),
        ("author:chestertn", "author:chesterton"),
        ("title:dornes", "title:drones"),
        ("inflaton… (wages)", "inflation… (wages)"),
    ],
)
def test_what_was_meant_comes_first(engine: Engine, typed: str, meant: str) -> None:
    assert offered(engine, typed)[:1] == [meant]


@pytest.mark.parametrize(
    "text",
    [
        "inflation",
        "inflations",
        "the",
        "zzzzqqqq",
        "",
        "*",
        "-inflaton",
        "inflat*",
        "2024x",
    ],
)
def test_nothing_is_offered_for_what_needs_nothing_or_looks_like_nothing(
    engine: Engine, text: str
) -> None:
    assert offered(engine, text) == []


def test_changes_lie_on_the_query_and_articles_are_counted(engine: Engine) -> None:
    text = "Ünfug inflaton  éver"
    with engine.reader() as reader:
        (one, *_) = suggest(reader, parse(text))
    (change,) = one.changes
    assert text[change.start : change.end] == change.word == "inflaton"
    assert one.articles == 2


def test_filters_of_the_query_hold_for_what_is_offered(engine: Engine) -> None:
    query = with_filters(parse("inflaton"), [Value(ValueField.AUTHOR, "Ada Quill")])
    with engine.reader() as reader:
        assert [one.articles for one in suggest(reader, query)] == [1]
        nobody = with_filters(parse("inflaton"), [Value(ValueField.AUTHOR, "Nobody")])
        assert suggest(reader, nobody) == ()


def test_a_limited_reader_offers_nothing_of_other_articles(engine: Engine) -> None:
    limited = RestrictedEngine(engine, Value(ValueField.PUBLICATION, "Lantern"))
    assert offered(limited, "inflaton") == []
    assert offered(limited, "artifical") == ["artificial"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.sampled_from(
            ["inflaton", '"artifical inteligence"', "-wether", "author:quil", "NOT", "(", "weathr"]
        )
        | st.text(max_size=8),
        max_size=4,
    )
)
def test_what_is_offered_finds_as_many_articles_as_it_says(
    engine: Engine, words: list[str]
) -> None:
    with engine.reader() as reader:
        for one in suggest(reader, parse(" ".join(words))):
            answer = search(reader, SearchRequest(parse(one.text), limit=0), None)
            assert answer.total.by_words == one.articles > 0
