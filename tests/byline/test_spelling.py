"""Did you mean: what is offered for words that the archive hardly has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byline.analysis import Form, terms
from byline.counting import articles_with
from byline.derivation import derive
from byline.engines.base import Engine
from byline.engines.open import create_engine
from byline.query import parse, with_filters
from byline.query.tree import Phrase, Value, ValueField, Word
from byline.records import Article, PartialDate
from byline.request import SearchRequest
from byline.restriction import RestrictedEngine
from byline.search import search
from byline.spelling import are_forms, suggest
from byline.testing.engines import fill

ARTICLES = [
    Article("1", "Inflation", "Inflation eats the wages of the government.", ("G. K. Chesterton",)),
    Article("2", "Housing", "The housing question, and inflation again.", ("Ada Quill",)),
    Article("3", "Drones", "Artificial intelligence flies the drones.", publication="Lantern"),
    Article("4", "Weather", "The weather was mild.", date=PartialDate(1908)),
    Article("5", "Whether", "They asked whether and whither.", ("Ada Quill",)),
]
#: Enough articles for a word to be known well; one has a name near it, one a misspelling of it.
KNOWN = [
    *(Article(f"k{n}", "Toward", f"The president walked toward gate {n}.") for n in range(120)),
    Article("name", "Visitors", "On Monday Howard came. We saw Howard."),
    Article("slip", "Visitors", "He came towerd us."),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("spelling") / "archive"
    engine = create_engine(str(folder), None)
    fill(engine, list(derive(ARTICLES, None)))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = create_engine(str(tmp_path_factory.mktemp("known") / "archive"), None)
    fill(engine, list(derive(KNOWN, None)))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def posts(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """508 real posts."""
    lines = (shared / "data" / "archives" / "18f.jsonl").read_text("utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    articles = [Article(one["id"], one["title"], one["text"], (one["author"],)) for one in read]
    engine = create_engine(str(tmp_path_factory.mktemp("posts") / "archive"), None)
    fill(engine, list(derive(articles, None)))
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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("presidant", "president"),
        ('"the presidant"', '"the president"'),
        ("presidant gate", "president gate"),
        ("towerd", "toward"),
    ],
)
def test_a_misspelling_that_has_the_right_words_stem_is_one_all_the_same(
    known: Engine, typed: str, meant: str
) -> None:
    assert offered(known, typed) == [meant]


@pytest.mark.parametrize("text", ["presidents", "president's", "walks", "walking", "howard"])
def test_other_forms_and_rare_names_are_left_alone(known: Engine, text: str) -> None:
    assert offered(known, text) == []


@pytest.mark.parametrize(
    ("word", "other", "forms"),
    [
        ("walked", "walks", True),
        ("agree", "agreed", True),
        ("travelled", "traveled", True),
        ("president's", "president", True),
        ("kelly", "kelli", True),
        ("presidant", "president", False),
        ("occured", "occurred", False),
        ("untill", "until", False),
        ("existance", "existence", False),
    ],
)
def test_forms_of_one_word_are_told_from_misspellings(word: str, other: str, forms: bool) -> None:
    assert are_forms(word, other) is are_forms(other, word) is forms


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("accessability", "accessibility"),
        ("goverment websites", "government websites"),
        ("developement", "development"),
        ("procurment contracts", "procurement contracts"),
    ],
)
def test_what_was_meant_is_offered_over_real_posts(posts: Engine, typed: str, meant: str) -> None:
    assert offered(posts, typed)[:1] == [meant]


def test_words_of_other_texts_that_are_spelled_right_are_left_alone(
    posts: Engine, shared: Path
) -> None:
    """Claims that people argue about, of which the posts know many words in other forms alone."""
    claims = (shared / "data" / "retrieval" / "perspectrum" / "queries.jsonl").read_text("utf-8")
    words = {
        word
        for line in claims.splitlines()
        for word in terms(json.loads(line)["text"], Form.EXACT)
        if len(word) > 3
    }
    with posts.reader() as reader:
        unseen = [
            word
            for word in sorted(words)
            if articles_with(reader, Word(word)) > 10 and not articles_with(reader, Phrase(word))
        ]
        assert len(unseen) > 30
        assert {word: found for word in unseen if (found := suggest(reader, parse(word)))} == {}


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
