"""Random archives and queries: few words, so that much matches; odd text; dates of all kinds."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
from hypothesis import strategies as st

from byline.chunking import Sizes, cut, estimated_starts
from byline.fingerprint import fingerprint
from byline.query.tree import (
    And,
    DateRange,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    TextField,
    TextNode,
    Value,
    ValueField,
    Word,
)
from byline.records import Article, ModelIdentity, Origin, PartialDate, StoredArticle

DIMENSION = 16
MODEL = ModelIdentity("test-model", "f" * 64, DIMENSION, "mean", "", "", "test/1", 0.2)

WORDS = (
    "rent rents river Rivers flood tax taxes TAXED café cafe naïve don’t Iran’s 3.5 U.S. "
    "well-known the of ﬁne 日本 שלום 😀 Åsmark Zoë colour color"
).split()
AUTHORS = ("Zoë Brânză", "ZOE BRANZA", "Ivor Pell", "Ivor Pell Jr", "Åsa 日本", "Anders")
PUBLICATIONS = ("The Courier", "the courier", "Lantern")
TOPICS = ("housing", "Housing", "river floods", "taxes")
SECTIONS = ("Opinion", "Money")
LANGUAGES = ("en", "sv", "en-gb")


def random_article(rng: random.Random, number: int) -> Article:
    def some(values: tuple[str, ...], most: int) -> tuple[str, ...]:
        return tuple(rng.sample(values, rng.randint(0, most)))

    def one(values: tuple[str, ...]) -> str | None:
        return rng.choice([*values, None])

    def words(most: int) -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(1, most)))

    body = ". ".join(words(9).capitalize() for _ in range(rng.randint(1, 6)))
    if rng.random() < 0.4:
        body += "\n\n" + words(40)
    return Article(
        id=f"id/{number:03d} é",
        title=words(4) if rng.random() < 0.9 else "",
        body=f"{body}. Number {number}.",
        authors=some(AUTHORS, 3),
        publication=one(PUBLICATIONS),
        date=random_date(rng),
        url=rng.choice([None, f"https://example.org/{number}"]),
        summary=tuple(words(5) for _ in range(rng.randint(0, 2))),
        topics=some(TOPICS, 3),
        section=one(SECTIONS),
        language=one(LANGUAGES),
        origins=(
            Origin(
                f"/columns/{number % 4}.jsonl",
                f"line {number}",
                f"{number:064x}",
                "2024-01-01T00:00:00Z",
            ),
        ),
    )


def random_date(rng: random.Random) -> PartialDate | None:
    year, month, day = rng.randint(2019, 2022), rng.randint(1, 3), rng.randint(1, 28)
    return rng.choice(
        [
            None,
            PartialDate(year),
            PartialDate(year, month),
            PartialDate(year, month, day),
            PartialDate(year, month, day, rng.randint(0, 23), 30, rng.choice([None, -300, 60])),
        ]
    )


def stored(article: Article, rng: random.Random, *, vectors: bool = True) -> StoredArticle:
    """With passages, and with random vectors that are as half precision keeps them."""
    passages, sentences = cut(article.body, estimated_starts, Sizes(12, 4))
    if not vectors:
        return StoredArticle(article, fingerprint(article), passages, None, sentences)
    numbers = np.random.default_rng(rng.getrandbits(32))
    raw = numbers.standard_normal((len(passages), DIMENSION))
    unit = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float16)
    codes = numbers.integers(0, 256, (len(sentences), DIMENSION // 8), np.uint8)
    return StoredArticle(article, fingerprint(article), passages, unit, sentences, codes)


def random_archive(seed: int, size: int, *, vectors: bool = True) -> list[StoredArticle]:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    return [stored(random_article(rng, n), rng, vectors=vectors) for n in range(size)]


DAYS = st.dates(date(2018, 12, 1), date(2023, 2, 1))
_FIELDS = st.none() | st.sampled_from(list(TextField))
_SAID = st.sampled_from([*WORDS, "Brânză", "pell", "courier", "housing", "floods", "absent", "sv"])


def _range(a: date | None, b: date | None) -> DateRange:
    if a is not None and b is not None and a > b:
        a, b = b, a
    return DateRange(a, b) if a or b else DateRange(date(2020, 1, 1), None)


_VALUES: st.SearchStrategy[Value] = st.one_of(
    [
        st.builds(Value, st.just(field), st.sampled_from([*values, "nobody"]))
        for field, values in (
            (ValueField.AUTHOR, AUTHORS),
            (ValueField.PUBLICATION, PUBLICATIONS),
            (ValueField.TOPIC, TOPICS),
            (ValueField.SECTION, SECTIONS),
            (ValueField.LANGUAGE, LANGUAGES),
        )
    ]
)

TEXT_NODES: st.SearchStrategy[TextNode] = st.one_of(
    st.builds(Word, _SAID, _FIELDS),
    st.builds(Phrase, st.lists(_SAID, min_size=1, max_size=2).map(" ".join), _FIELDS),
    st.builds(Prefix, st.sampled_from(["r", "ri", "tax", "caf", "col", "asm", "p", "3."]), _FIELDS),
    st.builds(
        Fuzzy,
        st.sampled_from(["rent", "rnet", "rivre", "color", "taxs", "pel"]),
        _FIELDS,
        st.sampled_from([1, 2]),
    ),
)

_LEAVES: st.SearchStrategy[Node] = st.one_of(
    TEXT_NODES,
    _VALUES,
    st.builds(_range, st.none() | DAYS, st.none() | DAYS),
    st.just(Everything()),
)


def _several(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(nodes, min_size=2, max_size=3).map(tuple)


CONDITIONS: st.SearchStrategy[Node] = st.recursive(
    _LEAVES,
    lambda nodes: st.one_of(
        st.builds(Not, nodes), st.builds(And, _several(nodes)), st.builds(Or, _several(nodes))
    ),
    max_leaves=6,
)
