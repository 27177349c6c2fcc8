"""Addresses and drawings, without a browser."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from starlette.datastructures import QueryParams

from api.web.asked import Asked
from api.web.markup import meaning_layer, weave, words_layer
from api.web.site import Site, text_fragment, web_address
from api.web.timeline import chart, fitting_period
from byline.engines.base import Period, Timeline, TimelineBin
from byline.query.dates import read_range
from byline.query.tree import Value, ValueField
from byline.records import Span
from byline.request import Mode, Sort
from byline.wording.excerpt import clean

SITE = Site("", "http://here")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(str.strip)


@given(
    st.builds(
        Asked,
        q=WORDS,
        mode=st.none() | st.sampled_from(Mode),
        sort=st.sampled_from(Sort),
        values=st.lists(
            st.builds(Value, st.sampled_from(ValueField), WORDS.filter(bool)), unique=True
        ).map(lambda values: tuple(sorted(values, key=lambda v: list(ValueField).index(v.field)))),
        first=st.sampled_from(["", "2010", "2010-05"]),
        last=st.sampled_from(["", "2011", "2011-05-17"]),
        page=st.integers(1, 1000),
    )
)
def test_an_address_asks_for_what_it_was_made_of(asked: Asked) -> None:
    query = SITE.search(asked).partition("?")[2]
    assert Asked.of(QueryParams(query)) == asked


def test_dates_of_the_page_and_of_the_api_mean_the_same() -> None:
    asked = Asked(first="2016", last="2018-05")
    assert dict(asked.api_parameters()) == {"after": "2016-01-01", "before": "2018-06-01"}


@pytest.mark.parametrize("name", ["a/b", "posts/x.md", "é ü?#&%", "a%2Fb"])
def test_ids_stand_in_the_path(name: str) -> None:
    from urllib.parse import unquote

    address = Site("/archive", "").article(name)
    assert address.startswith("/archive/article/")
    assert unquote(address.removeprefix("/archive/article/")) == name


@pytest.mark.parametrize("name", ["../x", "https://example.org/a", "a/./b", "a//b", "x/"])
def test_ids_that_a_path_would_change_are_a_parameter(name: str) -> None:
    address = SITE.article(name)
    assert address.startswith("/article?name=")


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://a.example/x", True),
        ("javascript:alert(1)", False),
        (" JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("https://[broken", False),
        ("notes.txt", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str | None, leads: bool) -> None:
    assert (web_address(url) is not None) == leads


def test_text_fragments_name_ends_and_escape_hyphens() -> None:
    long = "one two three four five six seven eight nine ten eleven twelve thirteen"
    assert text_fragment("https://a/b", "well-known, this") == (
        "https://a/b#:~:text=well%2Dknown%2C%20this"
    )
    assert text_fragment("https://a/b#c", long) == (
        "https://a/b#c:~:text=one%20two%20three%20four%20five,"
        "nine%20ten%20eleven%20twelve%20thirteen"
    )


@st.composite
def spans(draw: st.DrawFn, length: int) -> tuple[Span, ...]:
    edges = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Span(start, end) for start, end in pairs)


@given(st.data(), st.text(st.sampled_from("ab <>&\"'é\u202e\x00"), max_size=40))
def test_marked_text_is_the_text_and_its_elements_nest(data: st.DataObject, text: str) -> None:
    layers = [
        meaning_layer(data.draw(spans(len(text)))),
        words_layer(data.draw(spans(len(text)))),
    ]
    woven = str(weave(text, 0, layers))
    assert re.sub(r"</?mark[^>]*>", "", woven) == str(escape(clean(text)))
    depth = 0
    for tag in re.findall(r"<(/?)mark", woven):
        depth += -1 if tag else 1
        assert 0 <= depth <= 2
    assert depth == 0


def test_a_chart_has_every_year_and_sums_long_spans() -> None:
    link = "{}..{}".format
    few = chart(Timeline((TimelineBin("2010", 1), TimelineBin("2013", 4)), 0), Period.YEAR, link)
    assert few is not None
    assert [(bar.label, bar.count) for bar in few.bars] == [
        ("2010", 1),
        ("2011", 0),
        ("2012", 0),
        ("2013", 4),
    ]
    many = Timeline((TimelineBin("1787", 3), TimelineBin("1788", 2), TimelineBin("2024", 5)), 0)
    long = chart(many, Period.YEAR, link)
    assert long is not None
    assert len(long.bars) <= 60
    assert sum(bar.count for bar in long.bars) == 10
    assert long.bars[0].href == "1787..1789"
    assert max(bar.height for bar in long.bars) == long.height
    assert chart(Timeline((TimelineBin("2010", 1),), 0), Period.YEAR, link) is None


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        ("2010..2020", Period.YEAR),
        ("2010..2011", Period.MONTH),
        ("2010-05", Period.DAY),
        ("2010..", Period.YEAR),
    ],
)
def test_the_chart_becomes_finer_as_dates_close_in(dates: str, period: Period) -> None:
    assert fitting_period(read_range(dates)) is period
