"""What is highlighted: the words as matched, on the stored text, never half a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.analysis import Form, stem, terms, tokens
from byline.highlight import Highlighter, nearest_sentence, passage_scores
from byline.occurrences import Wanted, beginnings, within
from byline.query import parse
from byline.query.tree import TextField, Word
from byline.records import Passage, Sentence, Span

WORDS = st.sampled_from(
    "Iran Iran’s drones taxes taxed café cafe\u0301 ﬁne fine 😀 👩‍👩‍👧 naïve שלום 日本 e\u0302\u0323"
    " x the of well-known U.S. 3.5 colour color — “ ” ...".split(" ")
)
TEXTS = st.lists(WORDS, max_size=30).map(" ".join)


def marked(text: str, query: str, field: TextField = TextField.BODY) -> list[str]:
    spans = Highlighter(parse(query)).word_spans(text, field)
    return [text[span.start : span.end] for span in spans]


def scored(query: str, body: str, passages: Sequence[Passage]) -> list[float]:
    found = Highlighter(parse(query)).occurrences(body, TextField.BODY)
    return passage_scores(found, passages)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("tax", "Taxes on the taxed; a taxi.", ["Taxes", "taxed"]),
        ("cafe", "The CAFÉ and the café’s door", ["CAFÉ", "café’s"]),
        ('"the taxes"', "Pay the taxes. The tax is the Taxes!", ["the taxes", "the Taxes"]),
        ('"no such phrase"', "no phrase such as this", []),
        ("tax*", "A taxi, a syntax, taxes", ["taxi", "taxes"]),
        ("colour~", "Color and colours, not collar", ["Color", "colours"]),
        ("peace -war", "War and peace", ["peace"]),
        ("title:war", "War and peace", []),
        ("author:jay", "Jay walks", []),
        ("fine", "A ﬁne day", ["ﬁne"]),
        ("drone", "😀 drones 😀", ["drones"]),
        ("שלום", "אמר שלום היום", ["שלום"]),
        ("iran OR iraq", "Iran, Iraq and Oman", ["Iran", "Iraq"]),
    ],
)
def test_what_is_marked(query, text, expected):
    assert marked(text, query) == expected


def test_fields_are_kept_apart():
    assert marked("War and peace", "title:war", TextField.TITLE) == ["War"]
    assert marked("John Jay", "author:jay", TextField.AUTHOR) == ["Jay"]


@given(TEXTS, TEXTS)
def test_spans_lie_on_whole_characters_of_the_text(text, query):
    spans = Highlighter(parse(query)).word_spans(text, TextField.BODY)
    wanted = set(terms(unicodedata.normalize("NFC", query), Form.STEMMED))
    wanted |= set(terms(unicodedata.normalize("NFC", query), Form.EXACT))
    assert all(a.end <= b.start for a, b in pairwise(spans))
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        piece = text[span.start : span.end]
        assert set(terms(piece, Form.STEMMED)) & wanted
        # Nothing that belongs to the last character is left outside.
        assert not unicodedata.combining(text[span.end : span.end + 1] or "a")
        assert text[span.end : span.end + 1] != "\u200d"


@given(TEXTS)
def test_tokens_are_in_order_and_where_they_say(text):
    found = list(tokens(text, Form.EXACT))
    assert [token.position for token in found] == list(range(len(found)))
    assert all(a.end <= b.start for a, b in pairwise(found))
    for token in found:
        assert terms(text[token.start : token.end], Form.EXACT) == [token.text]


def test_the_passage_with_more_of_the_query_scores_higher():
    body = "Rents rise. Wages stall. A cap on rents divides the city council."
    passages = [Passage(0, 11), Passage(12, 24), Passage(25, len(body))]
    scores = scored("rent cap council", body, passages)
    assert scores[2] > scores[0] > scores[1] == 0


def test_a_phrase_outweighs_its_words_apart():
    body = "The price of carbon. Carbon price. Price of carbon and price."
    passages = [Passage(0, 20), Passage(21, 34), Passage(35, len(body))]
    scores = scored('"carbon price" carbon price', body, passages)
    assert max(scores) == scores[1]


@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7), st.integers(0, 2))
def test_edit_distance_agrees_with_its_definition(a, b, distance):
    """Restricted Damerau-Levenshtein by plain recursion."""

    def edits(x: str, y: str) -> int:
        if not x or not y:
            return len(x) + len(y)
        best = min(edits(x[1:], y) + 1, edits(x, y[1:]) + 1, edits(x[1:], y[1:]) + (x[0] != y[0]))
        if len(x) > 1 and len(y) > 1 and x[0] == y[1] and x[1] == y[0]:
            best = min(best, edits(x[2:], y[2:]) + 1)
        return best

    if len(a) + len(b) <= 9:
        assert within(a, b, distance) == (edits(a, b) <= distance)


def test_the_nearest_sentence_is_the_one_whose_signs_agree_with_the_query():
    rng = np.random.default_rng(7)
    shares = rng.standard_normal((4, 64)).astype(np.float32)
    codes = np.packbits(shares > 0, axis=1)
    sentences = [Sentence(10 * n, 10 * n + 9) for n in range(4)]
    for n, sentence in enumerate(sentences):
        nearest = nearest_sentence(shares[n], Passage(0, 40), sentences, codes)
        assert nearest == Span(sentence.start, sentence.end)
    inside = nearest_sentence(shares[3], Passage(0, 25), sentences, codes)
    assert inside is not None
    assert inside.end <= 25
    assert nearest_sentence(shares[0], Passage(90, 99), sentences, codes) is None


def test_common_words_beside_others_are_not_marked():
    text = "The machine that reads the minutes will never write the news."
    spans = Highlighter(parse("machines that write the news")).word_spans(text, TextField.BODY)
    assert [text[span.start : span.end] for span in spans] == ["machine", "write", "news"]
    alone = Highlighter(parse("the")).word_spans(text, TextField.BODY)
    assert {text[span.start : span.end].lower() for span in alone} == {"the"}


def test_a_passage_with_common_words_alone_holds_none_of_the_query():
    body = "The price of the bread. The baker and the queue."
    passages = (Passage(0, 23), Passage(24, len(body)))
    scores = scored("the price of bread", body, passages)
    assert scores[0] > 0
    assert scores[1] == 0


HARD = st.lists(
    st.sampled_from(
        "Iran Iran’s o'iran .iran iran_s _iran_ iran:iran 3.5 3.iran taxes taxed café dying die iranæ"
        " relational rational hoping hopes sky skies 😀iran (taxes) iran-½taxes\u00a0iran\n".split(
            " "
        )
    ),
    max_size=20,
).map(" ".join)


@given(HARD, st.sampled_from(["iran", "tax hope", "die sky 3.5"]))
def test_looking_where_words_begin_finds_what_cutting_the_text_finds(text, query):
    spans = Highlighter(parse(query)).word_spans(text, TextField.BODY)
    wanted = {stem(word) for word in query.split()}
    cut = [token for token in tokens(text, Form.EXACT) if stem(token.text) in wanted]
    assert spans == [Span(token.start, token.end) for token in cut]


def test_a_word_begins_as_its_stem_does(shared):
    """Which is where a text is searched for it."""
    text = "".join(
        path.read_text("utf-8") for path in sorted((shared / "data" / "archives").glob("*.jsonl"))
    )
    for word in set(terms(text, Form.EXACT)):
        for stemmed in terms(word, Form.STEMMED):
            assert word.startswith(tuple(beginnings(stemmed)))
            assert Wanted([Word(word)]).occurrences(word)
