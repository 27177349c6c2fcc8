"""``byline authors``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from byline.query.tree import ValueField
from cli.archives import open_archive
from cli.options import ArchiveOption, JsonOption

if TYPE_CHECKING:
    from byline.engines.base import ValueSummary

EXAMPLES = """\
Examples:

\b
  byline authors
  byline authors ches
  byline authors --sort last --limit 20
"""


class AuthorSort(StrEnum):
    NAME = "name"
    COUNT = "count"
    FIRST = "first"
    LAST = "last"


def run(
    beginning: Annotated[
        str | None,
        typer.Argument(metavar="BEGINNING", help="Only those with a name that begins so."),
    ] = None,
    sort: Annotated[
        AuthorSort,
        typer.Option(metavar="ORDER", help="name, count (of articles), first or last (date)."),
    ] = AuthorSort.COUNT,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=0, help="How many; 0: all.")
    ] = 0,
    archive: ArchiveOption = None,
    json: JsonOption = False,
) -> None:
    """List the authors, how much each has written, and from when to when."""
    from byline.filters import matching_values, nearest

    with open_archive(archive) as opened, opened.engine.reader() as reader:
        known = reader.values(ValueField.AUTHOR)
    rows = in_order(matching_values(known, beginning) if beginning else known, sort)
    shown = rows[:limit] if limit else rows
    if json:
        from byline.wire import authors_document
        from cli.render.programs import print_json

        print_json(authors_document(shown))
        return
    from byline.wording.dates import short_iso
    from byline.wording.numbers import counted
    from cli.render.layout import show, table
    from cli.terminal import screen

    page = screen()
    if not rows:
        near = nearest(beginning or "", (row.value for row in known))
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        text = (
            f"No author's name begins with {beginning!r}.{hint}"
            if beginning
            else ("No article in this archive names an author.")
        )
        show(page, text)
        return
    table(
        page,
        ("author", "articles", "first", "last"),
        [(row.value, f"{row.count:,}", short_iso(row.first), short_iso(row.last)) for row in shown],
        right=frozenset({1}),
    )
    if len(shown) < len(rows):
        show(page, f"{counted(len(shown), 'author')} of {len(rows):,}.")


def in_order(rows: list[ValueSummary], sort: AuthorSort) -> list[ValueSummary]:
    """Sorted; undated authors come last in either order by date."""
    match sort:
        case AuthorSort.NAME:
            from byline.analysis import fold

            return sorted(rows, key=lambda row: fold(row.value))
        case AuthorSort.COUNT:
            return sorted(rows, key=lambda row: (-row.count, row.value))
        case AuthorSort.FIRST:
            return sorted(rows, key=lambda row: (row.first is None, row.first or "", row.value))
        case AuthorSort.LAST:
            dated = sorted((row for row in rows if row.last), key=lambda row: row.last or "")
            return [*reversed(dated), *(row for row in rows if not row.last)]
