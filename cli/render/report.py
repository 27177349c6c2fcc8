"""What an indexing run did."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from byline.wording.excerpt import one_line
from byline.wording.numbers import counted
from cli.render.layout import FAINT, WARNING, show
from cli.render.numbers import duration, rate
from cli.terminal import Screen

if TYPE_CHECKING:
    from byline.wire import Duplicate, Remark, Report

#: Remarks of one kind that are named on the screen; ``--json`` names all.
_NAMED = 5
_FIELDS = 8


def report_for_people(screen: Screen, report: Report) -> None:
    for line in summary(report):
        show(screen, line)
    _copies(screen, report.copies)
    if report.rejected:
        show(screen, f"{counted(len(report.rejected), 'record')} could not be read:")
    _remarks(screen, "Rejected", report.rejected)
    _remarks(screen, "Note", report.notes)
    if report.unpruned:
        listed = ", ".join(map(one_line, report.unpruned[:_NAMED]))
        text = f"Nothing was pruned from what was not read to its end, or has no place: {listed}"
        show(screen, text + (f" {screen.glyphs.ellipsis}" * (len(report.unpruned) > _NAMED)))
    if report.unused_fields:
        names = sorted(report.unused_fields, key=lambda name: -report.unused_fields[name])
        listed = ", ".join(map(one_line, names[:_FIELDS]))
        if len(names) > _FIELDS:
            listed += f" and {len(names) - _FIELDS} more"
        text = f"Not taken over, for want of a place (--field gives one): {listed}"
        show(screen, Text(text, FAINT))


def _copies(screen: Screen, rows: Sequence[Duplicate]) -> None:
    """The first few, with the articles whose text they have."""
    for row in rows[:_NAMED]:
        text = f"{_place(row.source, row.record)}: the text of {one_line(row.article_id)}"
        show(screen, Text(text, FAINT), indent="  ", first="")
    if len(rows) > _NAMED:
        rest = f"and {len(rows) - _NAMED:,} more, which --json names"
        show(screen, Text(f"  {rest}", FAINT))


def _place(source: str, record: str) -> str:
    return one_line(source) + (f", {one_line(record)}" if record else "")


def _remarks(screen: Screen, word: str, rows: Sequence[Remark]) -> None:
    """By kind, the first few of each."""
    for _, same in groupby(sorted(rows, key=lambda row: row.code), key=lambda row: row.code):
        kind = list(same)
        for row in kind[:_NAMED]:
            line = Text()
            line.append(f"{word}: ", WARNING)
            line.append(f"{_place(row.source, row.record)}: {one_line(row.message)}")
            show(screen, line, indent="  ", first="")
        if len(kind) > _NAMED:
            rest = f"and {len(kind) - _NAMED:,} more of this kind, which --json names"
            show(screen, Text(f"  {rest}", FAINT))


def summary(report: Report) -> list[str]:
    """What became of the records, and how much was written."""
    parts = [
        f"{counted(count, noun)} {what}"
        for count, noun, what in (
            (report.added, "article", "added"),
            (report.updated, "article", "updated"),
            (report.removed, "article", "removed"),
            (report.unchanged, "record", "unchanged"),
        )
        if count
    ]
    lines = [f"{', '.join(parts) or 'Nothing added'}."]
    if report.duplicates:
        were = "was" if report.duplicates == 1 else "were"
        lines.append(
            f"{counted(report.duplicates, 'record')} {were} the same text as another article, "
            "which remembers both places."
        )
    done = report.added + report.updated
    if done:
        written = f"{counted(report.passages, 'passage')} written in {duration(report.seconds)}"
        if report.seconds >= 1:
            written += f", {rate(done / report.seconds)} articles a second"
        lines.insert(1, f"{written}.")
    return lines
