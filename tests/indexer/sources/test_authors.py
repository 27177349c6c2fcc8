"""Names out of bylines."""

from __future__ import annotations

import pytest

from indexer.sources.authors import names
from indexer.sources.fields import author_names


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("by A. Adams, B. Burr and C. Clay", ("A. Adams", "B. Burr", "C. Clay")),
        ("By Ann Adams & Bo Burr", ("Ann Adams", "Bo Burr")),
        ("BY JANE O'NEIL-SMITH", ("Jane O'Neil-Smith",)),
        ("Written by Zoë Brânză", ("Zoë Brânză",)),
        ("By Martin Luther King, Jr. and Jo Doe", ("Martin Luther King, Jr.", "Jo Doe")),
        ("By Jane Doe, Foreign Editor", ("Jane Doe",)),
        ("G. K. Chesterton", ("G. K. Chesterton",)),
        ("NATO", ("NATO",)),
        ("By Jane Doe on", ("Jane Doe",)),
        ("By Jane Doe (", ("Jane Doe",)),
        ("By Jane Doe (Reuters)", ("Jane Doe",)),
        ("By Jane Doe /", ("Jane Doe",)),
        ("By Jane Doe in Paris", ("Jane Doe",)),
        ("By Jane Doe, in Paris, and John Roe", ("Jane Doe", "John Roe")),
        ("BY JANE DOE IN PARIS", ("Jane Doe",)),
        ("VA Center for Innovation", ("VA Center for Innovation",)),
        ("Women in Technology", ("Women in Technology",)),
        ("National Institute on Aging", ("National Institute on Aging",)),
        ("By Jane Doe, CNN", ("Jane Doe",)),
        ("By Jane Doe | The Herald", ("Jane Doe",)),
        ("By Jane Doe, 2021", ("Jane Doe",)),
        ("By Jane Doe at 5:00 am", ("Jane Doe",)),
        ("By Jane Doe; additional reporting by John Roe", ("Jane Doe",)),
        ("By Jane Doe, with reporting from John Roe", ("Jane Doe",)),
        ("By Robert F. Kennedy Jr.", ("Robert F. Kennedy Jr.",)),
        ("By Jane Doe.", ("Jane Doe",)),
        ("Doe, Jane; Roe, John", ("Doe, Jane", "Roe, John")),
        ("Doe, Jane", ("Doe, Jane",)),
        ("By Doe, Jane Mary", ("Doe, Jane Mary",)),
        ("van der Berg, Jan", ("van der Berg, Jan",)),
        ("Tolkien, J. R. R.", ("Tolkien, J. R. R.",)),
        ("Ann Lee, Bob Ray", ("Ann Lee", "Bob Ray")),
        ("Ann Lee, Bob", ("Ann Lee", "Bob")),
        ("Adams, Burr and Clay", ("Adams", "Burr", "Clay")),
        ("Madison, with Hamilton", ("Madison", "Hamilton")),
        ("Adams, Burr, Clay", ("Adams", "Burr", "Clay")),
        ("alan, robert", ("alan", "robert")),
        ("Doe, Editor", ("Doe",)),
        ("Reuters, AFP", ("Reuters",)),
        ("Jane Doe, CNN; John Roe, BBC", ("Jane Doe", "John Roe")),
        ("Jane Doe; John Roe", ("Jane Doe", "John Roe")),
        ("", ()),
    ],
)
def test_names(byline, expected):
    assert names(byline) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Ann Adams", "By Bo Burr"], ("Ann Adams", "Bo Burr")),
        ([{"name": "Ann Adams"}, {"name": "Bo Burr"}], ("Ann Adams", "Bo Burr")),
        ({"name": "Ann Adams"}, ("Ann Adams",)),
        (["King, Martin Luther"], ("King, Martin Luther",)),
        (["Ann Adams", "Ann Adams"], ("Ann Adams",)),
        ("ann-adams # See all authors at x.org", ("ann-adams",)),
        (["ann-adams # See all authors at x.org"], ("ann-adams",)),
        (None, ()),
    ],
)
def test_names_that_programs_keep(value, expected):
    assert author_names(value) == expected


@pytest.mark.parametrize(
    "part", ["a ", "additional reporting ", "(a ", "July ", "http://", "\n", "\u00a0", "a b in "]
)
def test_what_is_much_too_long_for_a_name_is_no_less_read(part):
    """Patterns that look at it again from each of its characters would not end within hours."""
    text = part * 50_000
    assert bool(author_names(text)) == bool(text.strip())


def test_a_thousand_names_are_a_thousand():
    letters = "abcdefghij"
    written = [f"Ann {a.upper()}{b}{c}son" for a in letters for b in letters for c in letters]
    assert author_names(", ".join(written)) == tuple(written)
