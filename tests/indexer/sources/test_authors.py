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
        (None, ()),
    ],
)
def test_names_that_programs_keep(value, expected):
    assert author_names(value) == expected
