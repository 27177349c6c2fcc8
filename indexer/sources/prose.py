"""Whatever a field holds — HTML, Markdown or plain text — as plain text."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from indexer.sources.html_text import from_html, looks_like_html
from indexer.sources.markdown_text import from_markdown, looks_like_markdown
from indexer.sources.whitespace import tidy

_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});")


def plain_text(text: str) -> str:
    """Whatever a record's body holds — HTML, Markdown or plain text — as plain text."""
    # Markdown may hold HTML, which stays HTML in it; so it is looked for first.
    if looks_like_markdown(text):
        return from_markdown(text)
    if "<" in text and looks_like_html(text):
        return from_html(text)
    return tidy(html.unescape(text) if _ENTITY.search(text) else text)


def one_line(text: str) -> str:
    """For titles and names: no markup, no line ends."""
    return _remembered_line(text) if len(text) <= _REMEMBERED_LENGTH else _line(text)


def _line(text: str) -> str:
    return " ".join(plain_text(text).split())


#: Names and topics come again and again; what is longer is none.
_REMEMBERED_LENGTH = 100
_remembered_line = lru_cache(10_000)(_line)
