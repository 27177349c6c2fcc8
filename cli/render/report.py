"""What an indexing run did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from cli.render.excerpt import one_line
from cli.render.layout import FAINT, WARNING, counted, show
from cli.terminal import Screen

if TYPE_CHECKING:
    from byline.wire import Report

#: Rejected records named on the screen; ``--json`` names all.
_NAMED = 20


def report_for_people(screen: Screen, report: Report) -> None:
    show(screen, summary(report))
    for row in report.rejected[:_NAMED]:
        place = (
            f"{one_line(row.source)}, {one_line(row.record)}"
            if row.record
            else (one_line(row.source))
        )
        line = Text()
        line.append("Rejected: ", WARNING)
        line.append(f"{place}: {one_line(row.message)}")
        show(screen, line, indent="  ", first="")
    if len(report.rejected) > _NAMED:
        rest = len(report.rejected) - _NAMED
        show(screen, Text(f"and {rest:,} more, which --json names.", FAINT))


def summary(report: Report) -> str:
    """``3 articles added, 1 updated; 2 records rejected. 40 passages in 1.2 s.``"""
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (report.updated, "updated"),
            (report.unchanged, "unchanged"),
            (report.removed, "removed"),
        )
        if count
    ]
    text = ", ".join([f"{counted(report.added, 'article')} added", *parts])
    if report.duplicates:
        text += f"; {counted(report.duplicates, 'record')} had the text of another and joined it"
    if report.rejected:
        text += f"; {counted(len(report.rejected), 'record')} rejected"
    return f"{text}. {counted(report.passages, 'passage')} written in {duration(report.seconds)}."


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
