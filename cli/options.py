"""Arguments and options that several commands share, and how an archive is opened for them."""

from __future__ import annotations

from typing import Annotated

import typer

PROGRAMS = "For programs"

ArchiveOption = Annotated[
    str | None,
    typer.Option(
        "--archive",
        metavar="DIR",
        help="The archive; else what BYLINE_ARCHIVE or the settings say, or byline-archive here.",
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document.", rich_help_panel=PROGRAMS),
]
