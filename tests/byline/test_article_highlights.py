"""Where a whole article matches a query: in each of its texts."""

from __future__ import annotations

from byline.article_highlights import article_highlights
from byline.derivation import derive
from byline.query import parse
from byline.records import Article

ARTICLE = Article(
    "1",
    "The river walls",
    "The river came in. Nobody had mended the walls.",
    ("Ada Rivers", "Bo Quill"),
    summary=("Who mends walls?", "A river has no pity.", "Nothing is decided."),
)


def found(query: str) -> dict[str, list[str]]:
    (stored,) = derive([ARTICLE], None)
    got = article_highlights(stored, parse(query), None)
    assert len(got.authors) == len(ARTICLE.authors)
    assert len(got.summary) == len(ARTICLE.summary)
    assert got.nearest == ()
    return {
        "title": [ARTICLE.title[span.start : span.end] for span in got.title],
        "authors": [
            name[span.start : span.end]
            for name, spans in zip(ARTICLE.authors, got.authors, strict=True)
            for span in spans
        ],
        "summary": [
            point[span.start : span.end]
            for point, spans in zip(ARTICLE.summary, got.summary, strict=True)
            for span in spans
        ],
        "body": [ARTICLE.body[span.start : span.end] for span in got.body],
    }


def test_every_text_that_a_word_is_looked_for_in_is_marked() -> None:
    assert found("river mended quill") == {
        "title": ["river"],
        "authors": ["Rivers", "Quill"],
        "summary": ["mends", "river"],
        "body": ["river", "mended"],
    }


def test_a_field_holds_for_what_is_marked() -> None:
    assert found("summary:walls") == {"title": [], "authors": [], "summary": ["walls"], "body": []}
    assert found("author:rivers")["authors"] == ["Rivers"]
    assert found("author:rivers")["title"] == []
