"""Totals in plain words never say of articles that they contain what they may lack."""

from __future__ import annotations

import pytest

from byline.plan import Total
from byline.query import parse
from byline.request import Mode, Sort
from byline.search import Answer
from byline.wording.totals import total_line


def line(text: str, total: tuple[int, int, int], mode: Mode) -> str:
    query = parse(text)
    return total_line(
        Answer(query, mode, Sort.RELEVANCE, "", (), Total(*total), (), {}, None, 0.0, 1)
    )


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.KEYWORD])
@pytest.mark.parametrize("text", ["a1 OR NOT b1", "* OR a1", "NOT (a1 b1) OR c1"])
def test_what_is_satisfied_without_words_is_not_said_to_contain_them(text, mode):
    assert line(text, (2696, 2696, 0), mode) == "2,696 articles satisfy this."


def test_in_the_semantic_mode_they_are_close_alone():
    assert line("a1 OR NOT b1", (7, 7, 0), Mode.SEMANTIC) == "7 articles are close in meaning."
    assert line("a1 OR b1", (7, 7, 0), Mode.SEMANTIC) == (
        "7 articles are close in meaning; all contain your words."
    )


def test_words_that_are_demanded_are_not_said_to_be_lacking():
    assert line('dance "of nations"', (33, 0, 33), Mode.HYBRID) == (
        "No article that has what you demand contains your other words; "
        "33 articles are close in meaning."
    )
    assert line('dance "of nations"', (33, 0, 33), Mode.SEMANTIC) == (
        "33 articles are close in meaning; none contains your other words."
    )
    assert line("dance -war", (33, 0, 33), Mode.HYBRID) == (
        "No article contains your words; 33 articles are close in meaning."
    )
