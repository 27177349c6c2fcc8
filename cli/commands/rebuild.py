"""``byline rebuild``."""

from __future__ import annotations

import typer

from cli.archives import open_archive
from cli.options import ArchiveOption

EXAMPLES = """\
Examples:

\b
  byline rebuild
  byline rebuild --archive ~/columns

Nothing is encoded anew: for another model there is `byline reembed`.
"""


def run(archive: ArchiveOption = None) -> None:
    """Make the search indexes anew from the stored articles, without encoding anything."""
    from byline.wording.numbers import counted
    from cli.progress import counting

    with open_archive(archive) as opened:
        with counting("Rebuilding") as progress:
            opened.engine.rebuild(progress)
        with opened.engine.reader() as reader:
            articles = reader.stats().articles
    typer.echo(f"The indexes were made anew for {counted(articles, 'article')}.")
