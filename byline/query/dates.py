"""Dates in queries: ``2022``, ``2022-07``, ``2022-07-29`` and ranges of them."""

from __future__ import annotations

from datetime import timedelta

from byline.errors import BadDate
from byline.query.tree import DateRange
from byline.records import PartialDate


def read_range(text: str) -> DateRange:
    """``2022``, ``2022-07..2022-09``, ``2022..`` or ``..2022``; both ends belong to it.

    Raises:
        BadDate: an end is no date, or the range runs backwards.
    """
    if ".." not in text:
        when = _day(text)
        return DateRange(when.first_day, when.last_day)
    first_text, _, last_text = text.partition("..")
    first = _day(first_text).first_day if first_text else None
    last = _day(last_text).last_day if last_text else None
    if first is None and last is None:
        raise BadDate("A range of dates needs at least one end.")
    if first is not None and last is not None and first > last:
        raise BadDate(f"The range {text} ends before it begins.")
    return DateRange(first, last)


def read_after(text: str) -> DateRange:
    """From the first day of ``text`` on.

    Raises:
        BadDate: it is no date.
    """
    return DateRange(_day(text).first_day, None)


def read_before(text: str) -> DateRange:
    """Up to the day before the first day of ``text``.

    Raises:
        BadDate: it is no date, or no day comes before it.
    """
    first = _day(text).first_day
    if first.toordinal() == 1:
        raise BadDate(f"No day comes before {text}.")
    return DateRange(None, first - timedelta(days=1))


def _day(text: str) -> PartialDate:
    when = PartialDate.parse(text)
    if when.hour is not None:
        raise BadDate(f"{text} has a time of day; queries know days, months and years.")
    return when
