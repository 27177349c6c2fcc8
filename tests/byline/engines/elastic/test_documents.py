"""An article as a document, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from byline.engines.elastic.documents import (
    date_key,
    date_of_key,
    document_id,
    from_document,
    stems,
    to_document,
)
from byline.engines.elastic.layout import DERIVED
from byline.records import Article, Origin, PartialDate, Passage, Sentence, StoredArticle

#: Halves of surrogate pairs, which no UTF-8 has, among everything else.
CHARACTERS = st.characters(codec="utf-8") | st.sampled_from("\ud83d\udc00 é")
TEXT = st.text(CHARACTERS, max_size=40)


@st.composite
def dates(draw: st.DrawFn) -> PartialDate:
    year = draw(st.integers(2, 9998))
    parts: list[int | None] = [draw(st.integers(1, 12)), draw(st.integers(1, 28))]
    parts += [draw(st.integers(0, 23)), draw(st.integers(0, 59))]
    keep = draw(st.sampled_from([0, 1, 2, 4]))
    parts = parts[:keep] + [None] * (4 - keep)
    offset = draw(st.none() | st.integers(-1439, 1439)) if keep == 4 else None
    return PartialDate(year, *parts, offset)


@st.composite
def articles(draw: st.DrawFn) -> StoredArticle:
    body = draw(TEXT)
    cuts = sorted({0, len(body), *draw(st.lists(st.integers(0, len(body)), max_size=3))})
    spans = [(a, b) for a, b in pairwise(cuts) if a < b]
    vectors = np.asarray(
        [draw(st.lists(st.floats(-1, 1, width=16), min_size=4, max_size=4)) for _ in spans],
        np.float16,
    ).reshape(len(spans), 4)
    codes = np.asarray([[draw(st.integers(0, 255))] for _ in spans], np.uint8)
    article = Article(
        id=draw(st.text(CHARACTERS, max_size=600)),
        title=draw(TEXT),
        body=body,
        authors=tuple(draw(st.lists(TEXT, max_size=3))),
        publication=draw(st.none() | TEXT),
        date=draw(st.none() | dates()),
        url=draw(st.none() | TEXT),
        summary=tuple(draw(st.lists(TEXT, max_size=2))),
        topics=tuple(draw(st.lists(TEXT, max_size=2))),
        section=draw(st.none() | TEXT),
        language=draw(st.sampled_from([None, "en", ""])),
        origins=(Origin(draw(TEXT), "line 1", "0" * 64, "2026-01-01T00:00:00Z"),),
    )
    has_model = draw(st.booleans())
    return StoredArticle(
        article=article,
        fingerprint="f",
        passages=tuple(Passage(*span) for span in spans),
        vectors=vectors if has_model else None,
        sentences=tuple(Sentence(*span) for span in spans),
        sentence_codes=codes.reshape(len(spans), 1) if has_model else None,
    )


def as_stored(document: dict[str, object]) -> dict[str, object]:
    """What the server gives back: JSON, without what is made of the rest."""
    text = json.dumps(document, ensure_ascii=False).encode("utf-8")
    return {name: value for name, value in json.loads(text).items() if name not in DERIVED}


@given(articles())
def test_an_article_comes_back_as_it_was(stored: StoredArticle) -> None:
    back = from_document(as_stored(to_document(stored, 7)))
    assert back.article == stored.article
    assert back.fingerprint == stored.fingerprint
    assert back.passages == stored.passages
    assert back.sentences == stored.sentences
    for there, given_ in (
        (back.vectors, stored.vectors),
        (back.sentence_codes, stored.sentence_codes),
    ):
        assert (there is None) == (given_ is None)
        if there is not None and given_ is not None:
            assert there.dtype == given_.dtype
            assert there.tobytes() == given_.tobytes()
            assert len(there) == len(given_)


@given(st.lists(dates(), min_size=2, max_size=5))
def test_date_keys_hold_the_date_and_sort_as_it_does(found: list[PartialDate]) -> None:
    for date in found:
        key = date_key(date)
        assert date_of_key(key) == date
        # The server's minima and maxima are doubles.
        assert int(float(key)) == key
    by_key = sorted(found, key=date_key)
    assert [date.sort_minutes for date in by_key] == sorted(date.sort_minutes for date in found)


@given(st.text(CHARACTERS, max_size=700))
def test_document_ids_are_what_the_server_takes(article_id: str) -> None:
    found = document_id(article_id)
    assert 0 < len(found.encode("utf-8")) <= 512
    # A key of a search is a document's id as well as an article's.
    assert document_id(found) == found


def test_text_with_half_a_surrogate_pair_keeps_its_offsets() -> None:
    article = Article(id="a", title="", body="one \ud83d two", origins=())
    stored = StoredArticle(article, "f", (Passage(0, 9),), None, (Sentence(0, 9),), None)
    document = to_document(stored, 1)
    assert document["body"] == "one \ufffd two"
    assert from_document(as_stored(document)).article.body == "one \ud83d two"


def test_what_an_article_lacks_is_left_out() -> None:
    article = Article(id="a", title="", body="words")
    stored = StoredArticle(article, "f", (Passage(0, 5),))
    document = to_document(stored, 1)
    assert not {"author", "date", "url", "vectors", "sentence_codes", "original"} & set(document)
    dated = to_document(replace(stored, article=replace(article, date=PartialDate(1908, 5))), 1)
    assert (dated["year"], dated["month"], dated.get("day")) == ("1908", "1908-05", None)


def test_endless_words_are_cut_as_the_server_cuts_them() -> None:
    assert stems("x" * 1000) == ["x" * 255]
