"""Passages and sentences: nothing lost, nothing too long, offsets that hold."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.chunking import Sizes, cut, estimated_starts
from byline.rough_passages import rough_passages
from byline.sentences import sentences

PIECES = st.sampled_from(
    ["Mr. Smith went. ", "He said “no!” ", "x" * 90 + " ", "y" * 300, "\n\n", "\n- item ",
     "日本語。", "שלום ",
     "😀👩‍👩‍👧 ", "e\u0301 ", "U.S. troops left... ", "Why? ", "  \t", "3.5 per cent; ", "A word, "]
)  # fmt: skip
BODIES = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=200)
SIZES = st.builds(Sizes, st.integers(1, 40), st.integers(0, 12))


def words(text: str) -> list[int]:
    """A tokenizer for tests: where runs of up to four characters begin."""
    return [match.start() for match in re.finditer(r"\S{1,4}", text)]


@given(BODIES, SIZES)
def test_every_character_is_in_a_passage_and_no_passage_is_too_long(body, sizes):
    passages, _ = cut(body, words, sizes)
    covered: set[int] = set()
    starts = words(body)
    for passage in passages:
        text = body[passage.start : passage.end]
        assert text == text.strip() != ""
        assert sum(passage.start <= start < passage.end for start in starts) <= sizes.size
        covered.update(range(passage.start, passage.end))
    assert all(char.isspace() for place, char in enumerate(body) if place not in covered)
    for a, b in pairwise(passages):
        assert a.start < b.start
        assert a.end < b.end


@pytest.mark.parametrize("split", [sentences, rough_passages])
@given(body=BODIES)
def test_sentences_and_rough_passages_are_apart_and_hold_all_text(split, body):
    found = split(body)
    for a, b in pairwise(found):
        assert a.end <= b.start
    held = "".join(body[span.start : span.end] for span in found)
    assert re.sub(r"\s", "", held) == re.sub(r"\s", "", body)
    for span in found:
        assert body[span.start : span.end].strip() == body[span.start : span.end]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "Mr. Biden met Sen. Smith. “We won.” He said so!",
            ["Mr. Biden met Sen. Smith.", "“We won.”", "He said so!"],
        ),
        ("First line\n\nSecond. Third", ["First line", "Second.", "Third"]),
        ("To do:\n- one\n- two", ["To do:", "- one", "- two"]),
        ("It cost 3.5 million. No more.", ["It cost 3.5 million.", "No more."]),
    ],
)
def test_where_sentences_end(body, expected):
    assert [body[span.start : span.end] for span in sentences(body)] == expected


def test_short_sentences_are_repeated_at_a_cut_and_long_ones_are_not():
    body = "Aaa bbb ccc. Ddd. Eee fff ggg hhh iii. Jjj."
    overlapping, _ = cut(body, words, Sizes(8, 3))
    apart, _ = cut(body, words, Sizes(8, 0))
    assert any(a.end > b.start for a, b in pairwise(overlapping))
    assert all(a.end <= b.start for a, b in pairwise(apart))


@given(st.lists(PIECES, max_size=200).map("".join))
def test_a_rough_passage_is_no_longer_than_a_passage_by_the_same_estimate(body):
    starts = estimated_starts(body)
    for passage in rough_passages(body):
        tokens = [start for start in starts if passage.start <= start < passage.end]
        assert len(tokens) <= Sizes().size


@pytest.mark.parametrize(
    ("body", "begins"),
    [
        ("Taxes rose again. " * 40, "Taxes rose again."),
        ("He said “no!” " * 60, "He said “no!”"),
        (
            "a line of verse\n" * 20 + "\n\nAnother stanza " + "of many words " * 30,
            "Another stanza",
        ),
        ("word " * 200, "word"),
    ],
)
def test_rough_passages_begin_with_a_sentence_a_paragraph_or_a_word(body, begins):
    found = rough_passages(body)
    assert len(found) > 1
    assert all(body.startswith(begins, passage.start) for passage in found[1:2])
    assert not any(body[passage.end - 1 : passage.end + 1].isalpha() for passage in found)
