"""Dates keep the precision their source states, identities tell what makes vectors differ, spans
are what a tuple of them would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.errors import BadDate
from byline.records import DatePrecision, ModelIdentity, PartialDate, Sentence, Span, Spans

DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
OFFSETS = st.none() | st.integers(-1439, 1439)


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    day = draw(DAYS)
    precision = draw(st.sampled_from(list(DatePrecision)))
    match precision:
        case DatePrecision.YEAR:
            return PartialDate(day.year)
        case DatePrecision.MONTH:
            return PartialDate(day.year, day.month)
        case DatePrecision.DAY:
            return PartialDate(day.year, day.month, day.day)
        case DatePrecision.MINUTE:
            hour, minute = draw(st.integers(0, 23)), draw(st.integers(0, 59))
            return PartialDate(day.year, day.month, day.day, hour, minute, draw(OFFSETS))


@given(partial_dates())
def test_what_is_written_is_read_back(when):
    assert PartialDate.parse(when.isoformat()) == when


@given(partial_dates())
def test_the_first_day_is_never_after_the_last(when):
    assert when.first_day <= when.last_day
    assert when.sort_minutes >= 0
    assert (when.first_day == when.last_day) == (
        when.precision in (DatePrecision.DAY, DatePrecision.MINUTE)
    )


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("1908", DatePrecision.YEAR, date(1908, 1, 1), date(1908, 12, 31)),
        ("1908-02", DatePrecision.MONTH, date(1908, 2, 1), date(1908, 2, 29)),
        ("1907-12", DatePrecision.MONTH, date(1907, 12, 1), date(1907, 12, 31)),
        ("2022-07-29", DatePrecision.DAY, date(2022, 7, 29), date(2022, 7, 29)),
        ("2022-07-29T05:00", DatePrecision.MINUTE, date(2022, 7, 29), date(2022, 7, 29)),
    ],
)
def test_a_date_covers_the_days_it_may_be(text, precision, first, last):
    when = PartialDate.parse(text)
    assert (when.precision, when.first_day, when.last_day) == (precision, first, last)


def test_moments_in_two_zones_sort_by_when_they_were():
    paris = timezone(timedelta(hours=2))
    earlier = PartialDate.from_datetime(datetime(2022, 7, 29, 6, 30, tzinfo=paris))
    later = PartialDate.from_datetime(datetime(2022, 7, 29, 5, 0, tzinfo=UTC))
    assert earlier.sort_minutes < later.sort_minutes
    assert earlier.isoformat() == "2022-07-29T06:30+02:00"


@pytest.mark.parametrize(
    "text", ["", "22", "2022-02-30", "2022-13", "yesterday", "2022-07-29T25:00", "2022-1-2-3"]
)
def test_what_is_no_date_is_refused_with_a_remedy(text):
    with pytest.raises(BadDate) as caught:
        PartialDate.parse(text)
    assert caught.value.error_code == "bad-date"
    assert "2022-07-29" in caught.value.remedy


@pytest.mark.parametrize(
    "parts",
    [(2022, None, 3), (2022, 7, None, 5, 0), (2022, 7, 29, 5, None), (2022, 7, 29, None, 5)],
)
def test_a_part_without_its_larger_part_is_refused(parts):
    with pytest.raises(BadDate):
        PartialDate(*parts)


def test_spans_that_only_touch_do_not_overlap():
    assert Span(0, 5).overlaps(Span(4, 6))
    assert not Span(0, 5).overlaps(Span(5, 6))


def test_identity_names_what_makes_vectors_incomparable():
    model = ModelIdentity("m", "abc", 384, "mean", "", "", "sentences-1", 0.2)
    assert not model.differences(replace(model, name="elsewhere/m", floor=0.3))
    assert model.differences(replace(model, weights="def", pooling="cls")) == {
        "weights": ("abc", "def"),
        "pooling": ("mean", "cls"),
    }


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_spans_are_as_the_tuple_of_them_would_be(pairs: list[tuple[int, int]]) -> None:
    spans = Spans(Sentence, [offset for pair in pairs for offset in pair])
    whole = tuple(Sentence(*pair) for pair in pairs)
    assert spans == whole
    assert whole == spans
    assert len(spans) == len(whole)
    assert list(spans) == list(whole)
    assert spans[1:] == whole[1:]
    assert [spans[n] for n in range(-len(whole), len(whole))] == [*whole, *whole]
    assert all(isinstance(one, Sentence) for one in spans)
    assert spans != (*whole, Sentence(0, 1))
    with pytest.raises(IndexError):
        spans[len(whole)]


def test_spans_without_an_end_are_refused() -> None:
    with pytest.raises(ValueError, match="3 offsets"):
        Spans(Sentence, [0, 4, 5])
