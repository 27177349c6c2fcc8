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
            "in an author’s name, dated from July 2022 to September 2022, those close in "
            "meaning to “carbon price” first.",
        ),
        ("author:jay date:1788", "Articles with “jay” in an author’s name, dated 1788."),
        ("date:1787..1788", "Articles dated from 1787 to 1788."),
        ("date:2022-07-29", "Articles dated 29 July 2022."),
        ("after:2022", "Articles dated from 1 January 2022 on."),
        ("before:2022", "Articles dated up to 31 December 2021."),
        ("date:2022-02", "Articles dated February 2022."),
        ("date:..9999-12", "Articles dated up to 31 December 9999."),
        ("date:9999-01..9999-02-03", "Articles dated from 1 January 9999 to 3 February 9999."),
        ("after:2020 before:2022", "Articles dated from 2020 to 2021."),
        (
            "before:2020 after:2022",
            "Articles dated up to 31 December 2019, dated from 1 January 2022 on.",
        ),
        ("-(war peace)", "Articles other than those with both “war” and “peace”."),
        ("-(war OR peace)", "Articles without “war” or “peace”."),
        ("-date:2015", "Articles other than those dated 2015."),
        ("-(* war)", "Articles without “war”."),
        ("-author:* -*", "No articles, for nothing in the query could be read."),
        (
            "Café*",
            "Articles that contain a word that begins with “Café” or are close in meaning to “Café”.",
        ),
        ("author:O’Brien", "Articles with “O’Brien” in an author’s name."),
    ],
)
def test_sentences(text, sentence):
    assert describe(parse(text)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a1 OR *", "All articles."),
        ("a1 OR b1", "Articles with “a1” or “b1”."),
        ("a1 OR NOT b1", "Articles either with “a1” or without “b1”."),
        ("a1 OR b1 AND c1", "Articles either with “a1” or with both “b1” and “c1”."),
        (
            "(a1 OR date:2015) AND NOT (b1 AND NOT c1)",
            "Articles either with “a1” or dated 2015, other than those with “b1” and without “c1”.",
        ),
        (
            "(Jay OR «Publius Él») -Ünited",
            "Articles with “Jay” or the exact phrase “Publius Él”, without “Ünited”.",
        ),
    ],
)
def test_sentences_of_words_alone(text, sentence):
    assert describe(parse(text), semantic=False) == sentence


def test_of_many_words_and_conditions_the_first_are_said_and_the_rest_counted():
    words = [f"w{number}" for number in range(500)]
    sentence = describe(parse(" ".join(words)))
    assert "“w18”, “w19” or 480 more words or are close in meaning to “w0 w1 " in sentence
    assert sentence.endswith(" w19 …”.")
    demanded = describe(parse(" ".join(f"+{word}" for word in words)), semantic=False)
    assert demanded.endswith(", with “w19”, and 480 more conditions.")
    either = describe(parse(" OR ".join(words[:22])), semantic=False)
    assert either.endswith("“w19” or 2 more words.")


def test_without_the_semantic_leg_nothing_is_said_of_meaning():
    sentence = describe(parse("rent +cap"), semantic=False)
    assert sentence == "Articles that contain “rent”, with “cap”."
    assert "“tax*”" not in describe(parse("tax*"), semantic=False)
    assert describe(parse("colour~2 x1"), semantic=False) == (
        "Articles that contain a word within 2 letters of “colour” or “x1”."
    )


def test_the_nearest_are_first_only_where_the_best_are():
    query = parse('"the last bus"')
    assert describe(query) == (
        "Articles with the exact phrase “the last bus”, those close in meaning to “the last bus” first."
    )
    assert describe(query, ranked=False) == "Articles with the exact phrase “the last bus”."


def test_the_semantic_mode_asks_for_nearness_alone():
    assert describe(parse("rent cap after:2020"), words=False) == (
        "Articles close in meaning to “rent cap”, dated from 1 January 2020 on."
    )
