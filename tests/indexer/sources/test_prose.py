"""Bodies as a reader of the page sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.prose import plain_text, tidy


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
        ("**A**\n\n<figure>\n\t{% image %}\n\t<figcaption>Cap.</figcaption>\n</figure>", "A\n\nCap."),
        ("**A** [link][1]\n\n[1]: {{ site.url }}/a", "A link"),
        ("Said[^1] so.\n\n[^1]: By whom.\n\n## On", "Said so.\n\nOn\n\n1. By whom."),
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
