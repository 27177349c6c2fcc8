"""Articles over time as a bar chart: an SVG whose bars are links, without any script.

Periods are drawn together where there would be more bars than an eye can tell apart: a bar of
ten years leads to a chart of those years.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from byline.engines.base import Period, Timeline
from byline.query.tree import DateRange
from byline.wording.periods import all_periods, months, spoken_period

_MOST_BARS = 60
#: How many periods one bar may stand for: numbers that people count in.
_YEARS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_MONTHS = (1, 3, 6, 12)
_DAYS = (1, 7)
#: Units of the drawing; its width is stretched to the page's.
_SLOT, _HEIGHT = 10, 60
_LEAST = 1.5
#: Room for so many bars at least: two bars are no wall.
_LEAST_SLOTS = 12
#: Labels below the bars, at most; months have names where there are no more of them.
_TICKS = 6
_MONTHS_NAMED = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """``first`` and ``last`` are dates as an address says them; ``y`` is the bar's top.
    ``tick`` is what the axis says below it, mostly nothing."""

    first: str
    last: str
    label: str
    tick: str
    count: int
    x: int
    y: float
    height: float
    href: str


@dataclass(frozen=True, slots=True)
class Chart:
    """``unit``: what a bar stands for (``year``, ``10 years``)."""

    bars: tuple[Bar, ...]
    unit: str
    most: int
    undated: int
    width: int
    height: int = _HEIGHT
    slot: int = _SLOT

    @property
    def spare(self) -> int:
        """Slots to the right without a bar."""
        return self.width // self.slot - len(self.bars)


def fitting_period(dates: DateRange | None) -> Period:
    """Days for some weeks, months for some years, else years."""
    if dates is None or dates.first is None or dates.last is None:
        return Period.YEAR
    days = (dates.last - dates.first).days
    if days <= 62:
        return Period.DAY
    return Period.MONTH if days <= 3 * 366 else Period.YEAR


def chart(found: Timeline | None, period: Period, link: Callable[[str, str], str]) -> Chart | None:
    """``None`` where there is nothing to compare: no dates, or a single bar.

    Args:
        link: the address of the same search between two dates, both included.
    """
    if found is None or not found.bins:
        return None
    starts = all_periods(found.bins[0].start, found.bins[-1].start, period)
    counts = {row.start: row.count for row in found.bins}
    together = _together(len(starts), period)
    groups: dict[int, list[str]] = {}
    for place, start in enumerate(starts):
        groups.setdefault(_group(start, place, together, period), []).append(start)
    if len(groups) < 2:
        return None
    sums = [sum(counts.get(start, 0) for start in group) for group in groups.values()]
    most = max(sums)
    bars = []
    for place, (group, count) in enumerate(zip(groups.values(), sums, strict=True)):
        height = max(_LEAST, count / most * _HEIGHT) if count else 0.0
        bars.append(
            Bar(
                first=group[0],
                last=group[-1],
                label=_label(group),
                tick=_tick(group[0], place, len(groups), period),
                count=count,
                x=place * _SLOT,
                y=round(_HEIGHT - height, 2),
                height=round(height, 2),
                href=link(group[0], group[-1]),
            )
        )
    unit = period.value if together == 1 else f"{together} {period.value}s"
    width = max(len(bars), _LEAST_SLOTS) * _SLOT
    return Chart(tuple(bars), unit, most, found.undated, width)


def _together(count: int, period: Period) -> int:
    steps = {Period.YEAR: _YEARS, Period.MONTH: _MONTHS, Period.DAY: _DAYS}[period]
    least = math.ceil(count / _MOST_BARS)
    return next((step for step in steps if step >= least), steps[-1])


def _group(start: str, place: int, together: int, period: Period) -> int:
    """Groups begin where people expect them to: at 1900, in January."""
    if period is Period.DAY:
        return place // together
    return (int(start) if period is Period.YEAR else months(start)) // together


def _label(group: list[str]) -> str:
    if len(group) == 1:
        return spoken_period(group[0])
    return f"{spoken_period(group[0])}–{spoken_period(group[-1])}"


def _tick(start: str, place: int, bars: int, period: Period) -> str:
    """So few labels that they do not meet on a phone."""
    if period is Period.YEAR:
        return start if _at(place, bars, _TICKS) else ""
    if period is Period.DAY:
        return spoken_period(start).rpartition(" ")[0] if _at(place, bars, _TICKS) else ""
    year, month = start.split("-")
    if bars <= _MONTHS_NAMED:
        return spoken_period(start).partition(" ")[0] if _at(place, bars, _TICKS) else ""
    return year if month == "01" or place == 0 else ""


def _at(place: int, bars: int, ticks: int) -> bool:
    step = math.ceil(bars / ticks)
    # A label needs room to its right, unless each bar has one.
    return place % step == 0 and (step == 1 or place <= bars - max(2, step // 2))
