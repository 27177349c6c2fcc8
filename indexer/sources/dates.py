"""The many ways in which dates are written, read with the precision that they state."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from byline.errors import BadDate
from byline.records import PartialDate

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
#: Zones by name that newspapers print, in minutes; others are left out rather than guessed, and
#: so is ``ET``, which may be either half of the year's.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "BST": 60, "CET": 60, "CEST": 120, "EST": -300, "EDT": -240,
          "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420}  # fmt: skip
#: One that is not known is told from a name (``5:00 JANE DOE``) by nothing coming after it.
_ZONE = (
    rf"(?P<zone>(?:{'|'.join(_ZONES)}|[ECMP]T)\b|(?-i:[A-Z]{{3,5}})(?=\s*$)|[+-]\d{{2}}:?\d{{2}})?"
)
_HALF = r"(?P<half>[ap]\.?m\b\.?)?"
_TIME = (
    r"(?:,?\s*(?:at\s+|[-–—|•]\s*)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?"
    rf"\s*{_HALF}\s*{_ZONE}"
    r"|,?\s*(?:at\s+)(?P<hour_alone>\d{1,2})\s*(?P<half_alone>[ap]\.?m\.?))?"
)
_YEAR = r"(?P<year>\d{4})"
_PATTERNS = tuple(
    re.compile(_WEEKDAY + pattern, re.IGNORECASE)
    for pattern in (
        # July 29, 2022 at 5:00 am
        rf"(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}{_TIME}",
        # 29 July 2022
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{_MONTH})\.?,?\s+{_YEAR}{_TIME}",
        # 29.7.2022, 29/07/2022: which number is the day is told by its size, or not at all
        rf"(?P<first>\d{{1,2}})[./](?P<second>\d{{1,2}})[./]{_YEAR}{_TIME}",
        # July 2022
        rf"(?P<month>{_MONTH})\.?,?\s+{_YEAR}",
    )
)
_ISO = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{8})"
    r"(?:[T ]\s*(?P<time>\d{1,2}:\d{2})(?::\d{2}(?:[.,]\d+)?)?"
    rf"\s*{_HALF}\s*{_ZONE})?",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\d{4}\s*[-–—/]\s*\d{4}")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")


def read_date(value: object) -> PartialDate | None:
    """A date from what a record holds; ``None`` where it holds nothing.

    Raises:
        BadDate: it is no date, or could be two.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return PartialDate.from_datetime(value)
    if isinstance(value, date):
        return PartialDate(value.year, value.month, value.day)
    if isinstance(value, bool):
        raise BadDate(f"{value!r} is no date.")
    if isinstance(value, int | float):
        return _number(value)
    text = str(value).strip()
    if not text:
        return None
    return _text(text)


def find_date(text: str) -> tuple[PartialDate, int, int] | None:
    """The first date inside ``text`` and where it stands; ``None`` where there is none.

    Raises:
        BadDate: what stands there is no day, or could be two.
    """
    matches = [match for pattern in (*_PATTERNS, _ISO) if (match := pattern.search(text))]
    if not matches:
        return None
    first = min(matches, key=lambda match: (match.start(), -match.end()))
    when = _iso(first) if first.re is _ISO else _written(first)
    return when, first.start(), first.end()


def _number(value: float) -> PartialDate:
    """A year, a day written without separators, or seconds or milliseconds since 1970."""
    # Past this no calendar goes, and a number may be too long to be written.
    if not abs(value) < 1e15:
        raise BadDate("A number that large, or none at all, is no date.")
    if value == int(value) and 1000 <= value <= 2999:
        return PartialDate(int(value))
    # As seconds these would be of 1970, where a program that counts seconds was not.
    if value == int(value) and 1000_00_00 <= value <= 2999_12_31:
        return _text(str(int(value)))
    seconds = value / 1000 if abs(value) >= 1e11 else float(value)
    if abs(seconds) < 1e7:
        raise BadDate(f"{value} is no year and no moment.")
    try:
        return PartialDate.from_datetime(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, OSError, ValueError) as error:
        raise BadDate(f"{value} is no moment.") from error


def _text(text: str) -> PartialDate:
    if iso := _ISO.fullmatch(text):
        return _iso(iso)
    if re.fullmatch(r"\d{4}(?:-\d{2})?", text):
        return PartialDate.parse(text)
    if _SPAN.fullmatch(text):
        raise BadDate(f"{text} names a span of years, not a date.")
    if _EPOCH.fullmatch(text):
        return _number(float(text))
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return _written(match)
    try:
        return PartialDate.from_datetime(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError) as error:
        raise BadDate(f"{text!r} could not be read as a date.") from error


def _iso(match: re.Match[str]) -> PartialDate:
    day = match["day"]
    parts = [day[:4], day[4:6], day[6:]] if day.isdigit() else re.split("[-/]", day)
    year, month, number = (int(part) for part in parts)
    if not match["time"]:
        return PartialDate(year, month, number)
    hour, minute = (int(part) for part in match["time"].split(":"))
    hour = _hour(hour, match["half"])
    return PartialDate(year, month, number, hour, minute, _zone(match["zone"]))


def _written(match: re.Match[str]) -> PartialDate:
    parts = match.groupdict()
    year = int(parts["year"])
    if "first" in parts:
        month, day = _day_and_month(int(parts["first"]), int(parts["second"]), match[0])
    else:
        month = _MONTHS[parts["month"].lower()]
        if parts.get("day") is None:
            return PartialDate(year, month)
        day = int(parts["day"])
    hour_text = parts.get("hour") or parts.get("hour_alone")
    if hour_text is None:
        return PartialDate(year, month, day)
    hour = _hour(int(hour_text), parts.get("half") or parts.get("half_alone"))
    minute = int(parts.get("minute") or 0)
    return PartialDate(year, month, day, hour, minute, _zone(parts.get("zone")))


def _day_and_month(first: int, second: int, text: str) -> tuple[int, int]:
    """(month, day)."""
    if first > 12 or first == second:
        return second, first
    if second > 12:
        return first, second
    raise BadDate(f"{text.strip()} could be two days; write it as year-month-day.")


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise BadDate(f"{hour} {half} is no time of day.")
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _zone(text: str | None) -> int | None:
    """Minutes from UTC; ``None`` where it is not stated or not known."""
    if not text:
        return None
    if text.upper() in _ZONES:
        return _ZONES[text.upper()]
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return -minutes if text[0] == "-" else minutes
    return None
