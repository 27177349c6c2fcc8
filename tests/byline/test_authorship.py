"""One author's profile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from byline.authorship import profile
from byline.derivation import derive
from byline.engines.base import Engine, TimelineBin
from byline.engines.open import create_engine
from byline.errors import AuthorNotFound
from byline.records import Article, PartialDate
from byline.testing.engines import fill

ARTICLES = [
    Article("1", "A", "One.", ("Zoë Brânză", "Ivor Pell"), "Courier", PartialDate(1908), topics=("rent",)),
    Article("2", "B", "Two.", ("ZOE BRANZA",), "Lantern", PartialDate(2020, 5, 1), topics=("rent", "tax")),
    Article("3", "C", "Three.", ("Zoë Brânză",), "Courier", PartialDate(2020, 7)),
    Article("4", "D", "Four.", ("Zoë Brânză",)),
    Article("5", "E", "Five.", ("Ivor Pell",), "Courier"),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = create_engine(str(tmp_path_factory.mktemp("authorship") / "archive"), None)
    fill(engine, list(derive(ARTICLES, None)))
    yield engine
    engine.close()


def test_all_spellings_are_one_author(engine: Engine) -> None:
    with engine.reader() as reader:
        found = profile(reader, "zoe branza")
    assert (found.name, found.articles) == ("Zoë Brânză", 4)
    assert (str(found.first), str(found.last)) == ("1908", "2020-07")
    assert found.years.bins == (TimelineBin("1908", 1), TimelineBin("2020", 2))
    assert found.years.undated == 1
    assert [(row.value, row.count) for row in found.topics.values] == [("rent", 2), ("tax", 1)]
    assert [row.value for row in found.publications.values] == ["Courier", "Lantern"]
    assert [(row.value, row.count) for row in found.with_authors.values] == [("Ivor Pell", 1)]
    assert found.with_authors.distinct == 1


def test_an_author_without_dates_has_no_first_and_last(engine: Engine) -> None:
    with engine.reader() as reader:
        found = profile(reader, "Ivor Pell")
    assert (str(found.first), found.articles) == ("1908", 2)


def test_somebody_unknown_is_told_who_is_near(engine: Engine) -> None:
    with engine.reader() as reader, pytest.raises(AuthorNotFound) as caught:
        profile(reader, "Ivor Pel")
    assert caught.value.remedy == "Did you mean Ivor Pell?"
    with engine.reader() as reader, pytest.raises(AuthorNotFound) as caught:
        profile(reader, "")
    assert caught.value.remedy.startswith("`byline authors`")
