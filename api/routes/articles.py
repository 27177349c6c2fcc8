"""``/articles/{id}`` and ``/authors``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.access import Searching
from api.parameters import MOST_CHARACTERS
from byline import wire
from byline.highlight import Highlighter
from byline.query import parse
from byline.query.tree import TextField, ValueField

router = APIRouter(tags=["articles"])
Document = dict[str, Any]


@router.get("/articles/{article_id:path}")
def article(
    article_id: str,
    access: Searching,
    q: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "",
) -> Document:
    """A whole article; with ``q``, where its body matches the query's words."""
    stored = access.archive.article(article_id)
    spans = Highlighter(parse(q)).word_spans(stored.article.body, TextField.BODY) if q else []
    return wire.article_document(stored, spans)


@router.get("/authors")
def authors(access: Searching, prefix: Annotated[str, Query(max_length=200)] = "") -> Document:
    """How much each author has written, and from when to when."""
    with access.archive.engine.reader() as reader:
        return wire.authors_document(reader.values(ValueField.AUTHOR, prefix))
