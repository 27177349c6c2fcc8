"""How many articles have certain words."""

from __future__ import annotations

from byline.engines.base import Matching, Reader, Retrieval
from byline.query.tree import Node, TextNode


def articles_with(reader: Reader, *words: TextNode, condition: Node | None = None) -> int:
    """Articles that contain any of ``words`` (of none: every article) and satisfy ``condition``."""
    return reader.retrieve(Retrieval(Matching(condition, words), want_words=False)).words_total
