"""Bodies as a reader of the page sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.html_text import from_html
from indexer.sources.markdown_text import from_markdown
from indexer.sources.prose import plain_text
from indexer.sources.whitespace import tidy


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("<p>One &amp; two.</p><p>Three</p>", "One & two.\n\nThree"),
        ("<p>A<br>B</p><script>x()</script><style>p{}</style>", "A\nB"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<ol start=3><li>c</li><li>d</li></ol>", "3. c\n4. d"),
        ("Fish &amp; chips", "Fish & chips"),
        ("a < b and c > d", "a < b and c > d"),
        ("5 * 3 = 15, and *so* on", "5 * 3 = 15, and *so* on"),
        ("## Head\n\nText with a [link](https://x.org) and **bold**.", "Head\n\nText with a link and bold."),
        ("One line\nwrapped **here**\n\nNext", "One line wrapped here\n\nNext"),
        ('Over lines:\n\n{% include "a.html",\n  alt: "b" %}\n\nText', "Over lines:\n\nText"),
        ('{% image "a.jpg" %}\n\nText {{ "x" | url }} here', "Text here"),
        ("Hugo {{< youtube id >}} **left**", "Hugo left"),
        ("![alt](a.png) **after**", "after"),
        ("```\ncode  here\n```", "code here"),
        ("A <em>b</em> and <b>c</b>.\n\nNext <i>one</i>\nhere.", "A b and c.\n\nNext one here."),
        ("<em>a</em>\n\n<blockquote>b</blockquote>\n\nc\n\nd", "a\n\nb\n\nc\n\nd"),
        ("<p>One\n\nparagraph</p>", "One paragraph"),
        ("A List<String> and a Map<K>, for all.", "A List<String> and a Map<K>, for all."),
        ("<p>A List<String></p>", "A List<String>"),
        ("<p>A <b>bold <script> that</b> never ends</p>", "A bold <script> that never ends"),
        ("<ol><li><p>one</p></li><li><p>two</p></li></ol>", "1. one\n\n2. two"),
        ("**A** frame:\n\n<iframe src=x></iframe>\n<script>x()</script>\n\nAnd on.", "A frame:\n\nAnd on."),
        ('A [link here]({{ site.url }}/a "Two words") **on**', "A link here on"),
        ("**A** {% if b\n\nkept\n\n{% include c %}end", "A {% if b\n\nkept\n\nend"),
        ("**A**\n\n<figure>\n\t{% image %}\n\t<figcaption>Cap.</figcaption>\n</figure>", "A\n\nCap."),
        ("**A** [link][1]\n\n[1]: {{ site.url }}/a", "A link"),
        ("Said[^1] so.\n\n[^1]: By whom.\n\n## On", "Said so.\n\nOn\n\n1. By whom."),
        ("One[^b] two[^a].\n\n[^a]: *First* note\n\n[^b]: second\n\nOn", "One two.\n\nOn\n\n1. second\n\n2. First note"),
        ("**See** http://x.org/a_b_c[d-e]_f.", "See http://x.org/a_b_c[d-e]_f."),
        ("<p>One</p></body><p>after the page's end</p>", "One\n\nafter the page's end"),
        ("<html><frameset><frame src=a><noframes>Said here</noframes></frameset></html>", "Said here"),
        ("<?xml version='1.0' encoding='latin-1'?><p>d\u00e9j\u00e0</p>", "d\u00e9j\u00e0"),
        ("<ol start=99999999999999999999><li>c</li></ol>", "1. c"),
        ("## Head {#its-id}\n\n## Two {#a .b}\n\n{#if x}", "Head\n\nTwo\n\n{#if x}"),
        ("e\u0301\u200b x\u202fy", "é x y"),
        ("a\r\nb\r\n\r\n\r\n\r\nc", "a\nb\n\nc"),
        ("left. \u00a0Right \u2003 \t on", "left. Right on"),
        ("  a \n  b\n \n c  ", "a\nb\n\nc"),
    ],
)  # fmt: skip
def test_plain_text(given_text, expected):
    assert plain_text(given_text) == expected


@given(st.text(max_size=200))
def test_any_text_is_tidied_once_and_for_all(text):
    once = tidy(text)
    assert tidy(once) == once
    assert "  " not in once
    assert " \n" not in once
    assert "\n " not in once
    assert plain_text(text) == plain_text(text)


@given(st.text(st.sampled_from("<>/pbr &;#*[]()_`\n{}%!aé\0"), max_size=60))
def test_broken_markup_never_stops_the_reading(text):
    assert isinstance(plain_text(text), str)


@pytest.mark.parametrize("deep", [300, 1_500, 5_000])
@pytest.mark.parametrize("tag", ["<font>", "<blockquote>"])
def test_tags_that_nobody_closed_cost_nothing_of_what_follows(deep, tag):
    text = from_html(f"<p>first</p>{tag * deep}deep<p>last &amp; least</p>")
    assert text.split() == ["first", "deep", "last", "&", "least"]
    assert text.startswith("first\n\n")
    assert text.endswith("\n\nlast & least")


@pytest.mark.parametrize(
    "beginning",
    ["{%", "**b** {%", "**b** {{ a ", "**b** {{< a ", "**b** {: a ", "<script>", "<p><!--"],
)
def test_beginnings_without_an_end_are_looked_at_once_each(beginning):
    """Each to the end of the text, and this would not end within hours."""
    assert isinstance(plain_text(beginning * 300_000), str)


def test_a_long_list_is_numbered_to_its_end():
    assert from_html("<ol>" + "<li>so" * 100_000).endswith("\n100000. so")


def test_a_quotation_of_a_quotation_is_read_however_deep():
    assert from_markdown("> " * 3_000 + "said") == "said"


def test_html_of_many_megabytes_is_read_whole():
    words = "word " * 2_400_000
    assert len(from_html(f"<p>{words}</p><p>end</p>")) == len(words) + len("\n\nend") - 1


def test_markdown_leaves_nothing_behind():
    post = "## A heading\n\n" + "Said *somebody* of [something](https://x.org/a).\n\n" * 100
    from_markdown(post)
    before = _held()
    for _ in range(1_000):
        from_markdown(post)
    assert _held() - before < 20_000_000


def _held() -> int:
    """Bytes of this process that are in memory."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("waits for a system that says how much memory a process holds")
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
