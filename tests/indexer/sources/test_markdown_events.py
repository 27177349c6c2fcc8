"""Markdown's text straight from its parser's events is the text of the page that it makes."""

from __future__ import annotations

import pyromark
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.html_text import from_html
from indexer.sources.markdown_text import from_markdown, options

PIECES = [
    "**bold**", "*slanted*", "[words](https://x.org)", "![a picture](u.png)", "`code`", "~~gone~~",
    "# Heading\n", "Setext\n===\n", "- item\n", "- \n", "1. first\n", "3) third\n", "  - below\n",
    "- loose\n\n  and more\n", "1. a\n\n2. b\n", "- [ ] to do\n", "> said\n", "> - listed\n",
    "    indented\n", "```\nx  y\n\nz\n```\n", "| a | b |\n|---|---|\n| 1 | |\n| `x` | *y* |\n",
    "***\n", "\n\n", "\n", "  \n", "\\\n", " ", "word", "it's", "&amp;", "&lt;b&gt;", "\t",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_quick_way_reads_what_the_thorough_way_reads(text):
    page = pyromark.html(text, options=options())
    assert from_markdown(text) == from_html(page)


def test_a_note_is_read_where_the_page_has_it_however_it_is_read():
    said = "One[^b], two[^a].\n\n[^a]: *First*\n\n    on\n\n[^b]: second\n\nEnd"
    expected = "One, two.\n\nEnd\n\n1. second\n\n2. First\n\non"
    assert from_markdown(said) == expected
    assert from_markdown(f"{said} <br>") == expected
