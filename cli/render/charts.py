"""Counts as bars: facets, and articles over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from byline.engines.base import Facet, Period, Timeline
from byline.query.tree import ValueField
from byline.wording.excerpt import one_line
from byline.wording.numbers import counted
from byline.wording.periods import all_periods, months, spoken_period
from cli.render.layout import BAR, FAINT, HEADING, fitted, write
from cli.terminal import Screen

_NAMES = {
    ValueField.AUTHOR: ("Authors", "author"),
    ValueField.PUBLICATION: ("Publications", "publication"),
    ValueField.TOPIC: ("Topics", "topic"),
    ValueField.SECTION: ("Sections", "section"),
    ValueField.LANGUAGE: ("Languages", "language"),
}
_BAR_WIDTH = 24
_LONGEST_NAME = 36
#: More periods than this are drawn as columns, without a line for each.
_MOST_ROWS = 16
_COLUMN_HEIGHT = 4
#: More periods than this without articles are one line.
_MOST_EMPTY = 2
#: What a name leaves for its bar, with the gaps around it.
_LEAST_BAR = 12


def bar(count: int, most: int, width: int, eighths: str) -> str:
    """A bar of up to ``width`` cells; never empty for a count above 0."""
    if not count:
        return ""
    steps = len(eighths)
    filled = max(1, round(count / most * width * steps))
    whole, rest = divmod(filled, steps)
    return eighths[-1] * whole + (eighths[rest - 1] if rest else "")


def facet(screen: Screen, field: ValueField, counts: Facet) -> None:
    plural, singular = _NAMES[field]
    write(screen, Text(plural, HEADING))
    if not counts.values:
        write(screen, Text(f"  No article here names a {singular}.", FAINT))
    names = [one_line(row.value) for row in counts.values]
    name_width = min(_LONGEST_NAME, max(map(cell_len, names), default=0))
    number_width = max((len(f"{row.count:,}") for row in counts.values), default=0)
    name_width = min(name_width, screen.width - number_width - _LEAST_BAR)
    most = max((row.count for row in counts.values), default=1)
    for name, row in zip(names, counts.values, strict=True):
        line = Text(f"  {fitted(name, name_width, screen.glyphs.ellipsis)}  ")
        line.append(f"{row.count:>{number_width},}  ")
        width = min(_BAR_WIDTH, screen.width - cell_len(line.plain))
        line.append(bar(row.count, most, width, screen.glyphs.eighths), BAR)
        write(screen, line)
    rest = []
    if counts.distinct > len(counts.values):
        about = "" if counts.exact else "about "
        rest.append(f"{about}{counts.distinct - len(counts.values):,} more")
    if counts.missing and counts.values:
        rest.append(f"{counted(counts.missing, 'article')} without")
    if rest:
        write(screen, Text(f"  and {', '.join(rest)}", FAINT))


def timeline(screen: Screen, times: Timeline, period: Period) -> None:
    write(screen, Text(f"By {period.value}", HEADING))
    if not times.bins:
        write(screen, Text("  No article here has such a date.", FAINT))
        return
    starts = all_periods(times.bins[0].start, times.bins[-1].start, period)
    counts = dict.fromkeys(starts, 0) | {row.start: row.count for row in times.bins}
    if len(times.bins) <= _MOST_ROWS:
        _rows(screen, counts)
    else:
        _columns(screen, list(counts), list(counts.values()), period)
    if times.undated:
        write(screen, Text(f"  and {counted(times.undated, 'article')} not so dated", FAINT))


def _rows(screen: Screen, counts: dict[str, int]) -> None:
    """A line a period; a stretch of several without articles is one line."""
    most = max(counts.values())
    name_width = max(len(spoken_period(start)) for start in counts)
    number_width = len(f"{most:,}")
    for empty, stretch in groupby(counts.items(), key=lambda row: not row[1]):
        rows = list(stretch)
        if empty and len(rows) > _MOST_EMPTY:
            write(screen, Text(f"  {screen.glyphs.ellipsis}", FAINT))
            continue
        for start, count in rows:
            line = Text(f"  {spoken_period(start):<{name_width}}  {count:>{number_width},}  ")
            width = min(_BAR_WIDTH, screen.width - len(line.plain))
            line.append(bar(count, most, width, screen.glyphs.eighths), BAR)
            write(screen, line)


def _columns(screen: Screen, starts: Sequence[str], counts: Sequence[int], period: Period) -> None:
    """Columns side by side, several periods in each where there are more than fit."""
    room = screen.width - 4
    together = _round_up(math.ceil(len(counts) / room), period)
    if together > 1 and period is not Period.DAY:
        # Groups begin where people expect them to: at 1900 and not at 1897.
        before = (int(starts[0]) if period is Period.YEAR else months(starts[0])) % together
        starts = [*_periods_before(starts[0], before, period), *starts]
        counts = [*[0] * before, *counts]
    groups = [
        (starts[place], sum(counts[place : place + together]))
        for place in range(0, len(counts), together)
    ]
    cells = max(1, min(4, room // len(groups)))
    steps = len(screen.glyphs.rises)
    most = max(count for _, count in groups)
    levels = [
        max(1, round(count / most * _COLUMN_HEIGHT * steps)) if count else 0 for _, count in groups
    ]
    for row in reversed(range(_COLUMN_HEIGHT)):
        line = ""
        for level in levels:
            here = min(steps, level - row * steps)
            line += (screen.glyphs.rises[here - 1] if here > 0 else " ") * cells
        write(screen, Text("  " + line, BAR))
    write(screen, Text("  " + _axis([start for start, _ in groups], cells), FAINT))
    peak = max(range(len(groups)), key=lambda place: groups[place][1])
    unit = f"{together} {period.value}s" if together > 1 else period.value
    name = spoken_period(groups[peak][0])
    if together > 1:
        last = spoken_period(starts[min(peak * together + together, len(starts)) - 1])
        name = name if last == name else f"{name}{screen.glyphs.dash}{last}"
    write(
        screen,
        Text(
            f"  A column is {_a(unit)}; the highest is {name}, {counted(most, 'article')}.", FAINT
        ),
    )


def _a(unit: str) -> str:
    return unit if unit[0].isdigit() else f"a {unit}"


def _round_up(number: int, period: Period) -> int:
    """How many periods a column stands for: a number that people count in."""
    nice: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    if period is Period.MONTH:
        nice = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000)
    elif period is Period.DAY:
        nice = (1, 2, 7, 14, 28, 56, 364, 728, 3640, 36400, 364000)
    return next((step for step in nice if step >= number), number)


def _axis(starts: Sequence[str], cells: int) -> str:
    """The first label, the last, and those between for which there is room."""
    length = len(starts) * cells
    label = len(starts[0])
    line = [" "] * (length + label)
    last_place = max(0, length - label)
    gap = label + 4
    place = 0
    while place <= last_place - gap:
        text = starts[place // cells]
        line[place : place + label] = text
        place += max(gap, (length // 5) // cells * cells)
        place = -(-place // cells) * cells
    if last_place or not place:
        line[last_place : last_place + label] = starts[-1]
    return "".join(line).rstrip()


def _periods_before(first: str, count: int, period: Period) -> list[str]:
    if period is Period.YEAR:
        return [f"{year:04d}" for year in range(int(first) - count, int(first))]
    month = months(first)
    return [f"{place // 12:04d}-{place % 12 + 1:02d}" for place in range(month - count, month)]
