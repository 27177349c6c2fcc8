"""Articles like a given one, by meaning and by words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from byline.derivation import derive
from byline.engines.base import Engine
from byline.engines.open import create_engine
from byline.errors import ArticleNotFound
from byline.query.tree import DateRange, Value, ValueField
from byline.records import Article, ModelIdentity, PartialDate, Passage, Sentence, StoredArticle
from byline.similar import similar, telling_words
from byline.testing.engines import fill

DIMENSION = 8
MODEL = ModelIdentity("fake", "f" * 64, DIMENSION, "mean", "", "", "test/1", 0.3)


@contextmanager
def archive(
    folder: Path, articles: list[StoredArticle], model: ModelIdentity | None
) -> Iterator[Engine]:
    engine = create_engine(str(folder / "archive"), model)
    fill(engine, articles)
    yield engine
    engine.close()


def with_vectors(name: str, *rows: tuple[float, ...], paper: str = "Courier") -> StoredArticle:
    """An article of as many passages; each row begins its vector."""
    body = " ".join(f"Passage {place} of {name}." for place in range(len(rows)))
    starts = [body.index(f"Passage {place}") for place in range(len(rows))]
    ends = [*starts[1:], len(body)]
    passages = tuple(Passage(start, end) for start, end in zip(starts, ends, strict=True))
    vectors = np.zeros((len(rows), DIMENSION), np.float32)
    for place, row in enumerate(rows):
        vectors[place, : len(row)] = row
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    codes = np.packbits(vectors > 0.05, axis=1)
    article = Article(name, f"On {name}", body, publication=paper, date=PartialDate(2020, 1, 2))
    sentences = tuple(Sentence(span.start, span.end) for span in passages)
    return StoredArticle(article, name, passages, vectors.astype(np.float16), sentences, codes)


ARTICLES = [
    with_vectors("rent", (1, 0, 0), (1, 0.2, 0)),
    with_vectors("rent again", (1, 0.1, 0), (1, 0.3, 0), paper="Lantern"),
    # One passage is just as near as can be, the rest is far away.
    with_vectors("rent in passing", (1, 0.1, 0), (0, 0, 1), (0, 0, 1), (0, 0, 1)),
    with_vectors("rivers", (0, 1, 0)),
    with_vectors("beans", (-1, 0, 0.2)),
]


def names(found) -> list[str]:
    return [one.article.id for one in found]


def test_the_likest_as_a_whole_comes_first_and_never_the_article_itself(tmp_path: Path) -> None:
    with archive(tmp_path, ARTICLES, MODEL) as engine, engine.reader() as reader:
        found = similar(reader, "rent", 10)
    assert names(found) == ["rent again", "rent in passing"]
    assert found[0].score > 0.9 > found[1].score


def test_what_is_not_near_is_not_shown(tmp_path: Path) -> None:
    with archive(tmp_path, ARTICLES, MODEL) as engine, engine.reader() as reader:
        assert "beans" not in names(similar(reader, "rent", 10))


def test_each_comes_with_its_nearest_passage_and_sentence(tmp_path: Path) -> None:
    with archive(tmp_path, ARTICLES, MODEL) as engine, engine.reader() as reader:
        found = {one.article.id: one for one in similar(reader, "rent", 10)}
    passage = found["rent in passing"].passage
    assert passage is not None
    assert passage.text.strip() == "Passage 0 of rent in passing."
    assert [mark.kind.value for mark in passage.highlights] == ["meaning"]


def test_a_condition_holds(tmp_path: Path) -> None:
    only = Value(ValueField.PUBLICATION, "lantern")
    with archive(tmp_path, ARTICLES, MODEL) as engine, engine.reader() as reader:
        assert names(similar(reader, "rent", 10, only)) == ["rent again"]
        assert similar(reader, "rent", 10, DateRange(None, PartialDate(1999).last_day)) == ()


def test_an_id_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with archive(tmp_path, ARTICLES, MODEL) as engine, engine.reader() as reader:
        with pytest.raises(ArticleNotFound, match="nobody"):
            similar(reader, "nobody")
        assert similar(reader, "rent", 0) == ()


PLAIN = [
    ("ferry", "The ferry", "The ferry to the island is late. The ferry captain and the harbour."),
    ("boats", "Boats", "A harbour needs its ferry and a captain who knows the tide of the island."),
    ("bread", "Bread", "The baker and the flour say that bread is dear, for the harvest was poor."),
    ("flour", "Flour", "The harvest was poor, so flour is dear and the baker of bread complains."),
    *[(f"n{n}", "Town", f"The town and the council met, number {n}.") for n in range(6)],
]


def plain() -> list[StoredArticle]:
    return list(derive((Article(name, title, body) for name, title, body in PLAIN), None))


def test_without_vectors_telling_words_find_what_is_like(tmp_path: Path) -> None:
    with archive(tmp_path, plain(), None) as engine, engine.reader() as reader:
        assert names(similar(reader, "ferry", 1)) == ["boats"]
        assert names(similar(reader, "bread", 1)) == ["flour"]
        assert "ferry" not in names(similar(reader, "ferry", 10))
        (first,) = similar(reader, "ferry", 1)
    assert first.passage is not None
    marked = {first.article.body[m.start : m.end] for m in first.passage.highlights}
    assert {"ferry", "captain"} <= marked


def test_telling_words_are_those_that_few_other_articles_have(tmp_path: Path) -> None:
    ferry = plain()[0]
    with archive(tmp_path, plain(), None) as engine, engine.reader() as reader:
        words = [node.text for node in telling_words(reader, ferry.article)]
    assert words[0] == "ferry"
    assert "the" not in words
    # Nobody else has it, so it finds nothing.
    assert "late" not in words
