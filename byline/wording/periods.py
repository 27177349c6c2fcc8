"""Years, months and days of a timeline."""

from __future__ import annotations

from datetime import date, timedelta

from byline.engines.base import Period
from byline.wording.dates import MONTHS


def spoken_period(start: str) -> str:
    """``1908``, ``May 1908``, ``17 May 1908`` (months of three letters)."""
    parts = start.split("-")
    if len(parts) == 1:
        return start
    month = MONTHS[int(parts[1]) - 1][:3]
    return f"{month} {parts[0]}" if len(parts) == 2 else f"{int(parts[2])} {month} {parts[0]}"


def all_periods(first: str, last: str, period: Period) -> list[str]:
    """Every period from the first to the last, those without articles too."""
    match period:
        case Period.YEAR:
            return [f"{year:04d}" for year in range(int(first), int(last) + 1)]
        case Period.MONTH:
            low, high = months(first), months(last)
            return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(low, high + 1)]
        case Period.DAY:
            start, end = date.fromisoformat(first), date.fromisoformat(last)
            days = (end - start).days
            return [(start + timedelta(days=day)).isoformat() for day in range(days + 1)]


def months(start: str) -> int:
    """Months from the year 0 to ``1908-05``."""
    year, month = start.split("-")
    return int(year) * 12 + int(month) - 1
