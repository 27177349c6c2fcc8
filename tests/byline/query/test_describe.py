"""Queries said back, to the letter."""

from __future__ import annotations

import pytest

from byline.query import describe, parse


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "All articles."),
        ("*", "All articles."),
        ("NOT *", "No articles."),
        ("climate", "Articles that contain “climate” or are close in meaning to “climate”."),
        (
            "climate tax reform",
            "Articles that contain “climate”, “tax” or “reform” or are close in meaning to "
            "“climate tax reform”.",
        ),
        (
            '"carbon price" -subsidy author:hamilton date:2022-07..2022-09',
            "Articles with the exact phrase “carbon price”, without “subsidy”, with “hamilton” "
            "in an author’s name, dated from 1 July 2022 to 30 September 2022, those close in "
            "meaning to “carbon price” first.",
        ),
        ("author:jay date:1788", "Articles with “jay” in an author’s name, dated 1788."),
        ("date:1787..1788", "Articles dated from 1787 to 1788."),
        ("date:2022-07-29", "Articles dated 29 July 2022."),
        ("after:2022", "Articles dated from 1 January 2022 on."),
        ("before:2022", "Articles dated up to 31 December 2021."),
        ("-(war peace)", "Articles but not (with “war” and with “peace”)."),
    ],
)
def test_sentences(text, sentence):
    assert describe(parse(text)) == sentence


def test_without_the_semantic_leg_nothing_is_said_of_meaning():
    sentence = describe(parse("rent +cap"), semantic=False)
    assert sentence == "Articles that contain “rent”, with “cap”."
    assert "“tax*”" not in describe(parse("tax*"), semantic=False)
    assert describe(parse("colour~2 x1"), semantic=False) == (
        "Articles that contain a word within 2 letters of “colour” or “x1”."
    )


def test_the_semantic_mode_asks_for_nearness_alone():
    assert describe(parse("rent cap after:2020"), words=False) == (
        "Articles close in meaning to “rent cap”, dated from 1 January 2020 on."
    )
