"""Dates as people write them, as precisely as they are known and no more."""

from __future__ import annotations

from byline.errors import BadDate
from byline.records import DatePrecision, PartialDate

#: Not from the locale: an archive reads the same on every machine.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def spoken(date: PartialDate, *, with_time: bool = False) -> str:
    """``1908``, ``May 1908``, ``29 July 2022``; ``29 July 2022, 05:00`` where asked for."""
    if date.month is None:
        return str(date.year)
    month = MONTHS[date.month - 1]
    if date.day is None:
        return f"{month} {date.year}"
    day = f"{date.day} {month} {date.year}"
    if not with_time or date.precision is not DatePrecision.MINUTE:
        return day
    text = f"{day}, {date.hour:02d}:{date.minute:02d}"
    if date.utc_offset is None:
        return text
    hours, minutes = divmod(abs(date.utc_offset), 60)
    return f"{text} UTC{'-' if date.utc_offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def spoken_iso(text: str | None) -> str:
    """The same for a stored ISO date; what is no such date is shown as it stands."""
    if not text:
        return ""
    try:
        return spoken(PartialDate.parse(text))
    except BadDate:
        return text


def short_iso(text: str | None) -> str:
    """An ISO date without its time, for tables: ``1908``, ``1908-05``, ``2022-07-29``."""
    return (text or "").partition("T")[0]
