"""What a query means: conditions, free words, the text that is embedded, and what is noted."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from byline.errors import BadQuery
from byline.query import describe, parse, with_filters
from byline.query.tree import (
    And,
    DateRange,
    Everything,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    TextField,
    Value,
    ValueField,
    Word,
)

#: Text made of what the language gives a meaning to, so that odd mixtures come up often.
PIECES = st.sampled_from(
    (
        'iran "war and peace" ( ) + - NOT AND OR author: title: date:2022 date:2022-13 after:x '
        '" “ ” « » * ~ ~9 word* colour~ foo:bar w*r *a "b*" "c"~5 a^2 [1 TO 2] author:* : :: https://x.org/a b -c +d é ﬁ 😀 日本 שלום .. !'
    ).split()
)
QUERIES = st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=60)


@given(QUERIES)
@example("(" * 500 + "x")
@example("NOT " * 500 + "x")
@example("-(" * 90 + "x" + ")" * 90)
@example('"' * 99)
@example("a " * 20_000)
def test_any_text_gives_a_query_that_can_be_said(text):
    query = parse(text)
    for semantic in (True, False):
        sentence = describe(query, semantic=semantic)
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    for note in query.notes:
        assert 0 <= note.start < note.end <= len(unicodedata.normalize("NFC", text))
        assert note.message.endswith((".", "?"))


@given(QUERIES)
def test_strict_refuses_exactly_what_is_noted(text):
    query = parse(text)
    if query.notes:
        with pytest.raises(BadQuery) as caught:
            parse(text, strict=True)
        first = query.notes[0]
        assert (caught.value.start, caught.value.end) == (first.start, first.end)
    else:
        assert parse(text, strict=True) == query


def test_words_are_free_and_stop_words_only_boost():
    query = parse("should phones be banned in schools?")
    assert [word.text for word in query.words] == ["phones", "banned", "schools"]
    assert [word.text for word in query.boosts] == ["should", "be", "in"]
    assert query.condition is None
    assert query.meaning == "should phones be banned in schools?"


def test_stop_words_alone_are_words():
    assert [word.text for word in parse("to be or not to be").words] == ["to", "be", "or", "not"]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('"carbon price"', Phrase("carbon price")),
        ("“carbon price”", Phrase("carbon price")),
        ("«carbon price»", Phrase("carbon price")),
        ("+iran", Word("iran")),
        ("-iran", Not(Word("iran"))),
        ("NOT iran", Not(Word("iran"))),
        ("iran AND drones", And((Word("iran"), Word("drones")))),
        ("iran OR drones", Or((Word("iran"), Word("drones")))),
        ("a1 OR b1 AND c1", Or((Word("a1"), And((Word("b1"), Word("c1")))))),
        ("(a1 OR b1) AND c1", And((Or((Word("a1"), Word("b1"))), Word("c1")))),
        ("a1 AND NOT b1", And((Word("a1"), Not(Word("b1"))))),
        ("author:Hamilton", Word("hamilton", TextField.AUTHOR)),
        ("by:Hamilton", Word("hamilton", TextField.AUTHOR)),
        ('title:"war and peace"', Phrase("war and peace", TextField.TITLE)),
        (
            "topic:(war peace)",
            And((Word("war", TextField.TOPIC), Word("peace", TextField.TOPIC))),
        ),
        ("+tax*", Prefix("tax")),
        ("+colour~", Fuzzy("colour", None, 1)),
        ("+colour~2", Fuzzy("colour", None, 2)),
        ("*", Everything()),
        ("date:2022", DateRange(date(2022, 1, 1), date(2022, 12, 31))),
        ("date:2022-07..2022-09", DateRange(date(2022, 7, 1), date(2022, 9, 30))),
        ("date:..2022-02", DateRange(None, date(2022, 2, 28))),
        ("after:2022-07", DateRange(date(2022, 7, 1), None)),
        ("before:2022", DateRange(None, date(2021, 12, 31))),
    ],
)
def test_conditions(text, condition):
    query = parse(text)
    assert query.condition == condition
    assert query.words == ()
    assert query.notes == ()


def test_free_words_and_conditions_side_by_side():
    query = parse('rent "carbon price" housing -subsidy')
    assert query.words == (Word("rent"), Word("housing"))
    assert query.condition == And((Phrase("carbon price"), Not(Word("subsidy"))))
    assert query.meaning == "rent carbon price housing"


def test_operators_in_lower_case_are_words():
    query = parse("bread and butter or jam")
    assert query.condition is None
    assert query.meaning == "bread and butter or jam"


def test_a_query_of_metadata_alone_has_nothing_to_embed():
    query = parse("author:hamilton date:1788 -topic:war publication:packet")
    assert query.only_conditions
    assert query.meaning == ""


def test_words_of_other_forms_are_embedded_without_their_marks():
    assert parse("colour~ tax* +fair").meaning == "colour tax fair"


def test_a_hyphenated_word_is_its_parts():
    assert parse("well-known").words == (Word("well"), Word("known"))


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('say "this', "unclosed-quote", '"this'),
        ("(a1 b1", "unclosed-bracket", "("),
        ("a1) b1", "stray-bracket", ")"),
        ("a1 AND", "lone-operator", "AND"),
        ("OR a1", "lone-operator", "OR"),
        ("a1 - b1", "lone-operator", "-"),
        ("autor:smith", "unknown-field", "autor:"),
        ("date:2022-02-30", "bad-date", "date:2022-02-30"),
        ("date:2023..2022", "bad-date", "date:2023..2022"),
        ("after:(a b)", "bad-date", "after:"),
        ("a1 !!!", "no-word", "!!!"),
        ('""', "empty-phrase", '""'),
        ("author: smith", "empty-field", "author:"),
        ("colour~7", "bad-distance", "colour~7"),
        ("fair w*r", "inner-star", "w*r"),
        ("*ar", "inner-star", "*ar"),
        ('"rent control"~5', "unknown-mark", "~5"),
        ('x1 "rent control"^2 y1', "unknown-mark", "^2"),
        ("war^2", "unknown-mark", "war^2"),
        ("x1 [2020 TO 2021]", "unknown-mark", "[2020 TO 2021]"),
        ("date:[2020 TO 2021] x1", "bad-date", "date:[2020 TO 2021]"),
        ('x1 "rent*"', "quoted-star", '"rent*"'),
        ("author:*", "any-value", "*"),
    ],
)
def test_what_cannot_be_read_is_noted_with_its_place(text, code, place):
    (note,) = parse(text).notes
    assert note.code == code
    assert text[note.start : note.end] == place


def test_what_lies_too_deep_is_flattened_and_what_follows_is_kept():
    query = parse("(" * 45 + "war OR (peace)" + ")" * 45 + " +iran")
    assert query.condition == And((Or((Word("war"), Word("peace"))), Word("iran")))
    (note,) = query.notes
    assert (note.code, note.start) == ("too-deep", 40)


def test_any_number_of_negations_is_one_or_none():
    assert parse("NOT " * 61 + "war").condition == Not(Word("war"))
    assert parse("NOT " * 60 + "war").condition == Word("war")
    assert parse("NOT " * 60 + "war").notes == ()


def test_a_query_that_is_too_long_is_not_said_to_leave_brackets_open():
    assert [note.code for note in parse("(" + "a " * 2000 + ")").notes] == ["too-long"]


def test_a_strict_query_is_refused_for_what_is_wrong_and_a_lenient_one_says_what_became_of_it():
    for text, problem, taken in (
        (
            'say "this',
            '“"this” opens a quotation that is not closed',
            "its words were taken as words",
        ),
        ("a1 (b1", "“(b1” opens a bracket that is not closed", "the bracket was left out"),
        ("a1) b1", "“a1)” ends in a bracket that closes nothing", "it was left out"),
        ("a1” b1", "The quotation mark ” at character 3 closes nothing", "it was left out"),
        (
            "date:2022-13",
            "2022-13 is no day of the calendar: month must be in 1..12",
            "date:2022-13 was left out",
        ),
        ("a1 ...", "... holds no word", "it was left out"),
    ):
        assert parse(text).notes[0].message == f"{problem}, so {taken}."
        with pytest.raises(BadQuery) as refused:
            parse(text, strict=True)
        assert refused.value.message == f"{problem}."


@pytest.mark.parametrize(
    ("text", "same", "sentence"),
    [
        ("w*r", "w r", "w*r has a star elsewhere than at its end, so it was taken as “w” and “r”."),
        ('"rent con*"', '"rent con"', "A star has no meaning within the quotation “rent con*”, so"),
        ('"rent control"~5 x1', '"rent control" x1', "~5 after a quotation has no meaning here"),
        ("war^2.5", "war", "so it was taken as war."),
        ("title:*", "*", "* was taken as every article"),
    ],
)
def test_marks_of_other_query_languages_are_left_out_and_said(text, same, sentence):
    query, alike = parse(text), parse(same)
    assert (query.words, query.condition, query.meaning) == (
        alike.words,
        alike.condition,
        alike.meaning,
    )
    assert sentence in query.notes[0].message


@pytest.mark.parametrize("text", ['"', "(", "date:2022-13", "!!!", "title:", '""', "-"])
def test_of_what_cannot_be_read_at_all_nothing_is_found(text):
    query = parse(text)
    assert query.condition == Not(Everything())
    assert query.notes
    assert describe(query) == "No articles, for nothing in the query could be read."


@pytest.mark.parametrize("text", ["", "  ", "*", "(*)"])
def test_an_empty_query_and_a_star_are_of_everything(text):
    assert parse(text).condition in (None, Everything())


def test_an_unknown_field_is_searched_as_words_and_the_near_one_is_named():
    query = parse("autor:smith")
    assert query.words == (Word("autor"), Word("smith"))
    assert "Did you mean author:?" in query.notes[0].message


def test_filters_of_one_field_are_alternatives_and_of_several_are_all_demanded():
    values = [
        Value(ValueField.AUTHOR, "Jay"),
        Value(ValueField.AUTHOR, "Madison"),
        Value(ValueField.TOPIC, "war"),
    ]
    query = with_filters(parse("+peace"), values, DateRange(date(1788, 1, 1), None))
    assert query.condition == And(
        (
            Word("peace"),
            Or((values[0], values[1])),
            values[2],
            DateRange(date(1788, 1, 1), None),
        )
    )
    assert query.meaning == "peace"
