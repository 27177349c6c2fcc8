"""Arguments and options that several commands share, and how an archive is opened for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from byline.errors import UsageError

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


def refuse_beside(option: str, given: Mapping[str, object], remedy: str) -> None:
    """What ``option`` leaves no place for is refused, not passed over.

    Args:
        given: options by name, with what was said of each.

    Raises:
        UsageError: one of them was given.
    """
    for name, value in given.items():
        if value:
            raise UsageError(f"{option} and {name} do not go together.", remedy=remedy)
