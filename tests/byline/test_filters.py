"""Filters as people write them."""

from __future__ import annotations

from byline.engines.embedded import EmbeddedEngine
from byline.filters import narrowed
from byline.query import parse
from byline.query.tree import ValueField


def test_an_empty_value_is_left_out_and_said(tmp_path):
    engine = EmbeddedEngine.create(str(tmp_path / "archive"), None)
    with engine.reader() as reader:
        query = narrowed(
            parse("liberty"), reader, {ValueField.AUTHOR: [" "]}, None, None, named="--{}".format
        )
    assert query.condition is None
    (note,) = query.notes
    assert note.message == "--author is empty, so it was left out."
