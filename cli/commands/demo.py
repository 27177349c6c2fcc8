"""``byline demo``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from byline.settings import Settings

if TYPE_CHECKING:
    from byline.archive import Archive

EXAMPLES = """\
The columns are invented, and so is their newspaper. The archive is kept, by default in the
user's cache folder, so that a second run takes seconds.
"""

#: What is searched for, in which mode, and what that shows.
SEARCHES = (
    ("keyword", '"last bus"', "By words, here an exact phrase"),
    ("semantic", "being watched by the state", "By meaning: none of these words need be there"),
    ("hybrid", "machines that write the news", "By both, as it is unless you say otherwise"),
)


def run(
    folder: Annotated[
        str | None,
        typer.Argument(metavar="DIR", help="Where to make the archive; the cache if not said."),
    ] = None,
) -> None:
    """Index the sample columns and search them three times, to see what Byline does."""
    from rich.text import Text

    from byline.archive import Archive
    from cli.indexing import index_with_progress
    from cli.render.layout import HEADING, show, write
    from cli.render.report import summary
    from cli.terminal import screen
    from sample import folder as sample_columns

    settings = Settings.load()
    address = folder or str(demo_folder(settings))
    page = screen()
    report = index_with_progress([str(sample_columns())], address, settings=settings, prune=True)
    if report.interrupted:
        raise KeyboardInterrupt
    show(page, " ".join(["The sample archive is ready.", *summary(report)]))
    with Archive.open(address, settings) as archive:
        for mode, query, purpose in SEARCHES:
            if mode != "keyword" and archive.manifest.model is None:
                continue
            write(page, Text())
            show(page, Text(f"{page.glyphs.rule * 2} {purpose}", HEADING))
            write(page, Text(f"$ byline search {shlex.quote(query)} --mode {mode}", HEADING))
            _search(archive, query, mode)
    write(page, Text())
    show(page, Text(f"{page.glyphs.rule * 2} What to type next", HEADING))
    place = _typed(address)
    for line in (
        f"byline search your own words --archive {place}",
        f"byline search rent --facet topic --timeline year --archive {place}",
        f"byline show last-bus-is-a-promise --archive {place}",
        f"byline authors --archive {place}",
        "byline index YOUR-COLUMNS/ && byline search your own words",
        "byline search --help",
    ):
        write(page, Text(f"  {line}"))


def _search(archive: Archive, query: str, mode: str) -> None:
    from dataclasses import replace

    from byline.request import Mode
    from cli.render.answer import answer_for_people
    from cli.terminal import screen

    request = replace(archive.request(query), mode=Mode(mode), limit=3, passages=1)
    answer_for_people(screen(), archive.search(request), offset=0, limit=0, footer=False)


def demo_folder(settings: Settings) -> Path:
    """``byline/demo`` in the user's cache folder, or below the settings' own."""
    if settings.cache:
        return Path(settings.cache) / "demo"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "byline" / "demo"


def _typed(address: str) -> str:
    """As people would type it in a shell."""
    home = str(Path.home())
    if address.startswith(home + os.sep):
        return f"~{shlex.quote(address[len(home) :])}"
    return shlex.quote(address)
