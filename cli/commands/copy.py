"""``byline copy``."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import JsonOption

EXAMPLES = """\
Examples:

\b
  byline copy byline-archive elasticsearch://localhost:9200/columns
  byline copy elasticsearch://localhost:9200/columns ~/columns-backup
  byline check --archive byline-archive --against elasticsearch://localhost:9200/columns

Vectors are copied, never encoded anew. Stopped, it goes on when it is run again.
"""


def run(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The archive to copy.")],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="Where to: a new archive, or an earlier copy.")
    ],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove from TO what FROM does not have.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy an archive into another, on a server or in a folder, in either direction."""
    from byline.copying import copy, open_or_create
    from cli.archives import open_archive
    from cli.progress import counting

    with open_archive(source) as opened:
        other = open_or_create(target, opened.engine, opened.settings)
        try:
            with counting("Copying") as progress:
                done = copy(opened.engine, other, prune=prune, progress=progress)
        finally:
            other.close()
    if json:
        from byline.wire import copy_document
        from cli.render.programs import print_json

        print_json(copy_document(done))
        return
    counts = [(done.added, "added"), (done.updated, "updated"), (done.removed, "removed")]
    said = [f"{count:,} {what}" for count, what in counts if count]
    said.append(f"{done.unchanged:,} already there")
    typer.echo(f"{other.address}: {', '.join(said)}.")
    if done.beyond:
        typer.echo(
            f"It also has {done.beyond:,} that {opened.engine.address} lacks; --prune removes them."
        )
