"""Filters as people write them."""

from __future__ import annotations

from byline.engines.embedded import EmbeddedEngine
from byline.filters import narrowed
from byline.query import parse
from byline.query.tree import Value, ValueField
from byline.records import Article
from byline.restriction import RestrictedEngine
from byline.testing.columns import columns_archive


def test_an_empty_value_is_left_out_and_said(tmp_path):
    engine = EmbeddedEngine.create(str(tmp_path / "archive"), None)
    with engine.reader() as reader:
        query = narrowed(
            parse("liberty"), reader, {ValueField.AUTHOR: [" "]}, None, None, named="--{}".format
        )
    assert query.condition is None
    (note,) = query.notes
    assert note.message == "--author is empty, so it was left out."


def test_a_field_of_the_query_that_no_article_satisfies_names_what_is_near(tmp_path):
    """As the filter does; under a forced filter, only of what lies within it."""
    archive = columns_archive(
        tmp_path / "archive",
        [
            Article(
                id="1", title="Rent", body="Rent rose.", authors=("Bryn Ashdown",), section="Home"
            ),
            Article(
                id="2", title="Bus", body="Late again.", authors=("Ivor Pell",), section="Away"
            ),
        ],
    )

    def notes(reader, text):
        return [note.message for note in narrowed(parse(text), reader, {}, None, None).notes]

    with archive.engine.reader() as reader:
        near = ["No article has the author 'ashdwn'. Did you mean Bryn Ashdown?"]
        assert notes(reader, "rent author:ashdwn") == near
        assert notes(reader, 'author:"ivor pel"') == [
            "No article has the author 'ivor pel'. Did you mean Ivor Pell?"
        ]
        assert notes(reader, "author:pell section:home -author:nobody titel") == []
    away = Value(ValueField.SECTION, "Away")
    with RestrictedEngine(archive.engine, away).reader() as reader:
        assert notes(reader, "author:ashdwn") == ["No article has the author 'ashdwn'."]
    archive.close()
