"""Dates as newspapers, blogs and programs write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.errors import BadDate
from byline.records import PartialDate
from indexer.sources.dates import find_date, read_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("1908", "1908"),
        (1908, "1908"),
        ("2022-07", "2022-07"),
        ("July 2022", "2022-07"),
        ("2022-07-29", "2022-07-29"),
        ("2022/7/29", "2022-07-29"),
        ("20220729", "2022-07-29"),
        ("29 July 2022", "2022-07-29"),
        ("29th of July 2022", "2022-07-29"),
        ("July 29, 2022", "2022-07-29"),
        ("Friday, July 29, 2022", "2022-07-29"),
        ("Jul. 29, 2022", "2022-07-29"),
        ("Sept 3, 2021", "2021-09-03"),
        ("29.7.2022", "2022-07-29"),
        ("7/29/2022", "2022-07-29"),
        ("July 29, 2022 at 5:00 am", "2022-07-29T05:00"),
        ("July 29, 2022 at 5 p.m.", "2022-07-29T17:00"),
        ("July 29, 2022, 12:30 AM", "2022-07-29T00:30"),
        ("29 July 2022 17.45", "2022-07-29T17:45"),
        ("July 29, 2022 5:00 pm EST", "2022-07-29T17:00-05:00"),
        ("2022-07-29T05:00:00Z", "2022-07-29T05:00+00:00"),
        ("2022-07-29 05:00:00 +0200", "2022-07-29T05:00+02:00"),
        ("2022-07-29T05:00:00.123-04:00", "2022-07-29T05:00-04:00"),
        ("Fri, 29 Jul 2022 05:00:00 +0000", "2022-07-29T05:00+00:00"),
        (20220729, "2022-07-29"),
        ("2022-07-29 05:00 EST", "2022-07-29T05:00-05:00"),
        ("2022-07-29 05:00 BST", "2022-07-29T05:00+01:00"),
        ("2022-07-29 5:00 pm", "2022-07-29T17:00"),
        ("29 July 2022 17:00 ICT", "2022-07-29T17:00"),
        ("July 29, 2022 5:00 p.m. ET", "2022-07-29T17:00"),
        (1659070800, "2022-07-29T05:00+00:00"),
        (1659070800000, "2022-07-29T05:00+00:00"),
        (datetime(2022, 7, 29, 5, 0, tzinfo=UTC), "2022-07-29T05:00+00:00"),
        (date(2022, 7, 29), "2022-07-29"),
    ],
)
def test_read_with_the_precision_that_is_stated(written, iso):
    found = read_date(written)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize(
    "written",
    [
        "2022-02-30",
        "31 June 2022",
        "yesterday",
        "03/04/2022",
        "1776-1783",
        "13 pm",
        True,
        12,
        "n/a",
        20221345,
        float("nan"),
        float("inf"),
        10**400,
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused(written):
    with pytest.raises(BadDate):
        read_date(written)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_is_no_date(nothing):
    assert read_date(nothing) is None


def test_a_date_inside_a_line_is_found_with_its_place():
    line = "by Con Coughlin • July 29, 2022 at 5:00 am"
    found = find_date(line)
    assert found is not None
    when, start, end = found
    assert when.isoformat() == "2022-07-29T05:00"
    assert line[start:end] == "July 29, 2022 at 5:00 am"


@pytest.mark.parametrize("day", ["2022-07-29", "JULY 29, 2022"])
def test_a_name_after_the_time_is_no_time_zone(day):
    found = find_date(f"{day} 5:00 JANE DOE")
    assert found is not None
    assert found[0].isoformat() == "2022-07-29T05:00"
    assert found[2] == len(f"{day} 5:00 ")


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(
    ["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%A, %d %b %Y", "%Y%m%d"]))  # fmt: skip
def test_every_day_is_read_as_it_was_written(day, form):
    assert read_date(day.strftime(form)) == PartialDate(day.year, day.month, day.day)


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(text):
    with suppress(BadDate):
        assert isinstance(read_date(text), PartialDate | None)
