"""Excerpts: what is shown of a passage is really in it, marked where it was marked."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from byline.passages import Highlight, HighlightKind, ShownPassage
from byline.records import Span
from byline.wording.excerpt import MEANING, WORDS, clean, excerpt, marked, one_line

SENTENCES = (
    "The council met on Tuesday. Nobody had expected much of it. "
    "Then the mayor proposed to freeze every rent in the old town for five years. "
    "Landlords in the gallery laughed, and the tenants did not. "
    "By midnight the motion had been carried by a single vote, and the city woke to a new law. "
    "What it will do to the houses themselves is another question, and it is asked too seldom."
)


@st.composite
def passages(draw: st.DrawFn) -> ShownPassage:
    text = draw(st.text(st.sampled_from("ab é.!\n\t 漢🙂\u0301\u200dש"), min_size=1, max_size=400))
    start = draw(st.integers(0, 1000))
    places = st.integers(0, len(text))
    marks = []
    for _ in range(draw(st.integers(0, 6))):
        low, high = sorted((draw(places), draw(places)))
        if low < high:
            kind = draw(st.sampled_from(HighlightKind))
            marks.append(Highlight(start + low, start + high, kind))
    return ShownPassage(start, start + len(text), text, tuple(marks))


@given(passages(), st.integers(20, 300))
def test_an_excerpt_is_a_piece_of_the_passage(passage: ShownPassage, budget: int) -> None:
    part = excerpt(passage, budget)
    assert part.text in one_line(passage.text)
    assert len(part.marks) == len(part.text)
    assert len(part.text) <= budget + budget // 8
    assert "".join(run for run, _ in part.runs()) == part.text


@given(passages())
def test_what_is_marked_was_marked(passage: ShownPassage) -> None:
    whole = marked(passage.text, passage.start, passage.highlights)
    for kind, bit in ((HighlightKind.WORDS, WORDS), (HighlightKind.MEANING, MEANING)):
        expected = sum(
            any(
                h.kind is kind and h.start <= passage.start + place < h.end
                for h in passage.highlights
            )
            for place, letter in enumerate(passage.text)
            if not letter.isspace()
        )
        found = sum(
            bool(mark & bit)
            for letter, mark in zip(whole.text, whole.marks, strict=True)
            if not letter.isspace()
        )
        assert found == expected


def _passage(*words: str, meaning: str = "") -> ShownPassage:
    marks = [
        Highlight(100 + SENTENCES.index(word), 100 + SENTENCES.index(word) + len(word), kind)
        for kind, texts in ((HighlightKind.WORDS, words), (HighlightKind.MEANING, (meaning,)))
        for word in texts
        if word
    ]
    return ShownPassage(100, 100 + len(SENTENCES), SENTENCES, tuple(marks))


def test_it_shows_the_words_that_were_found() -> None:
    part = excerpt(_passage("midnight", "vote"), 120)
    assert [run for run, mark in part.runs() if mark] == ["midnight", "vote"]


def test_it_begins_with_a_sentence_and_ends_between_words() -> None:
    part = excerpt(_passage("rent"), 120)
    assert part.text.startswith(("Nobody had", "Then the mayor"))
    assert not part.cut_before
    assert SENTENCES.find(part.text) + len(part.text) in {
        place for place, letter in enumerate(SENTENCES) if letter == " "
    }


def test_a_cut_within_a_sentence_is_told() -> None:
    part = excerpt(_passage("another question"), 30)
    assert "another question" in part.text
    assert part.cut_before


def test_it_prefers_the_sentence_nearest_in_meaning() -> None:
    sentence = "Landlords in the gallery laughed, and the tenants did not."
    part = excerpt(_passage(meaning=sentence), 80)
    assert sentence in part.text


def test_nothing_in_a_text_commands_the_terminal() -> None:
    text = "red \x1b[31malert\x07 \x9b2J end"
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in cleaned)


def test_a_span_without_a_kind_is_one_of_words() -> None:
    assert list(marked("free trade", 0, [Span(5, 10)]).runs()) == [("free ", 0), ("trade", WORDS)]


@given(passages(), st.integers(20, 300))
def test_where_a_paragraph_begins_is_known(passage: ShownPassage, budget: int) -> None:
    whole = marked(passage.text, passage.start, passage.highlights)
    paragraphs = [one_line(part) for part in re.split(r"\s*\n\s*\n\s*", passage.text)]
    edges = [0, *whole.paragraphs, len(whole.text)]
    pieces = [whole.text[a:b].rstrip() for a, b in pairwise(edges)]
    assert [piece for piece in pieces if piece] == [part for part in paragraphs if part]
    part = excerpt(passage, budget)
    assert all(part.text[place - 1] == " " for place in part.paragraphs)


def test_an_excerpt_knows_the_paragraphs_within_it() -> None:
    text = f"Another heading\n\n{SENTENCES}\n\nThe last heading\n\nRents again."
    mark = Highlight(text.index("Rents again"), text.index("Rents again") + 5, HighlightKind.WORDS)
    part = excerpt(ShownPassage(0, len(text), text, (mark,)), 100)
    assert part.text[part.paragraphs[-1] :] == "Rents again."
    assert part.text[: part.paragraphs[-1]].endswith("The last heading ")
