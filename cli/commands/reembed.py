"""``byline reembed``."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.archives import open_archive
from cli.options import ArchiveOption

EXAMPLES = """\
Examples:

\b
  byline reembed
  byline reembed --model BAAI/bge-small-en-v1.5
  byline reembed --model none

Until it is done, searches go on with the old vectors; stopped before, nothing has changed.
"""


def run(
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A folder, a hub name, or none; if not said, the archive's own.",
        ),
    ] = None,
    archive: ArchiveOption = None,
) -> None:
    """Cut and encode every article anew, with another model or the same."""
    from cli.progress import counting
    from indexer.pipeline import reembed

    with open_archive(archive) as opened:
        with opened.engine.reader() as reader:
            own = reader.manifest.model
        # Without vectors there is none of its own.
        chosen = model or (own.name if own else str(opened.settings.model))
        with counting("Encoding") as progress:
            done = reembed(opened.engine, chosen, opened.settings, progress)
    articles = "article" if done == 1 else "articles"
    if chosen == "none":
        typer.echo(f"The vectors of {done:,} {articles} were dropped; words alone are searched.")
    else:
        typer.echo(f"{done:,} {articles} were encoded with {chosen}.")
