"""How text becomes tokens, and that the quick way and the thorough way agree."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.analysis import (
    Form,
    beginning_of,
    build_analyzer,
    build_retokenizer,
    fold,
    placed,
    spaced,
    stem,
    stems,
    terms,
    tokens,
)

THOROUGH = build_analyzer(Form.EXACT)


@pytest.mark.parametrize(
    ("text", "exact", "stemmed"),
    [
        ("Iran’s policies", ["iran's", "policies"], ["iran", "polici"]),
        ("Café, naïve; Brânză", ["cafe", "naive", "branza"], ["cafe", "naiv", "branza"]),
        ("İstanbul’da", ["istanbul'da"], ["istanbul'da"]),
        ("the ﬁne print", ["the", "fine", "print"], ["the", "fine", "print"]),
        ("3.5 of 1,000", ["3.5", "of", "1,000"], ["3.5", "of", "1,000"]),
        ("well-known", ["well", "known"], ["well", "known"]),
        ("‘quoted’ don’t", ["quoted", "don't"], ["quot", "don't"]),
        ("日本 カタカナ", ["日", "本", "カタカナ"], ["日", "本", "カタカナ"]),
        ("— … !", [], []),
    ],
)
def test_words(text, exact, stemmed):
    assert terms(text, Form.EXACT) == exact
    assert terms(text, Form.STEMMED) == stemmed


LETTERS = st.sampled_from("aBz09_':.,;-’‘“ \n\t/éÉßøŒİ·\u00a0日\u0301")


@given(st.text(LETTERS, max_size=40) | st.text(max_size=40))
def test_the_quick_way_finds_what_the_thorough_way_finds(text):
    assert terms(text, Form.EXACT) == THOROUGH.analyze(text.replace("İ", "I"))


@given(st.text(LETTERS, max_size=40) | st.text(max_size=40))
def test_the_quick_way_places_words_where_the_thorough_way_does(text):
    thorough = [(token.text, token.start, token.end) for token in tokens(text, Form.EXACT)]
    assert placed(text) == thorough


def test_a_long_run_of_underscores_is_looked_at_once():
    """From each of them, and this would not end within minutes."""
    assert placed("_" * 1_000_000 + " a") == [("a", 1_000_001, 1_000_002)]


@given(st.text(LETTERS, max_size=40) | st.text(max_size=40))
def test_what_an_index_is_given_holds_the_same_terms(text):
    assert spaced(text).split() == terms(text, Form.EXACT)


@given(st.text(LETTERS, max_size=40) | st.text(max_size=40))
def test_an_index_that_is_given_terms_finds_the_same_as_one_that_is_given_text(text):
    joined = " ".join(terms(text, Form.EXACT))
    assert build_retokenizer(Form.EXACT).analyze(joined) == terms(text, Form.EXACT)
    assert build_retokenizer(Form.STEMMED).analyze(joined) == terms(text, Form.STEMMED)


@given(st.text(LETTERS, max_size=40) | st.text(max_size=40))
def test_stemming_word_by_word_finds_the_stems_of_the_text(text):
    assert terms(text, Form.STEMMED) == build_analyzer(Form.STEMMED).analyze(text.replace("İ", "I"))
    assert stems(terms(text, Form.EXACT)) == terms(text, Form.STEMMED)


def test_both_ways_agree_on_every_archive(shared):
    for path in sorted((shared / "data" / "archives").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            text = json.loads(line)["text"]
            assert terms(text, Form.EXACT) == THOROUGH.analyze(text.replace("İ", "I"))


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_values_that_differ_in_case_accents_and_spaces_fold_alike():
    assert fold(" Zoë  BRÂNZĂ ") == fold("zoe branza") == "zoe branza"


#: Endings that a stem leaves out or changes.
_ENDINGS = (
    "s es ies ied ed eed ing ying ly y e ment ness ation ization ability ibly logi ical".split()
)


@given(
    st.text("abcdeghilmnopstuy", min_size=1, max_size=6),
    st.lists(st.sampled_from(_ENDINGS), max_size=2),
)
def test_a_word_begins_as_all_with_its_stem_do(beginning, endings):
    word = beginning + "".join(endings)
    assert word.startswith(beginning_of(stem(word)))


def test_a_beginning_leaves_out_little():
    assert beginning_of(stem("happiness")) == beginning_of(stem("happy")) == "happ"
    assert beginning_of(stem("dying")) == beginning_of(stem("died")) == "d"
