"""``byline serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import ArchiveOption

EXAMPLES = """\
Examples:

\b
  byline serve                                  for this machine: http://127.0.0.1:8000/
  byline serve --port 9000 --archive columns-archive
  byline serve --host 0.0.0.0 --public-read     for whoever reaches this machine
  byline keys create --name site                then --host 0.0.0.0 serves those with a key
  curl 'http://127.0.0.1:8000/api/v1/search?q=rent+control&facet=author'

People open the address in a browser; programs find the API described at /api/v1/docs. Each
request leaves a line of JSON on standard error. Settings that begin with api_ say what is
allowed; docs/serving.md has the rest.
"""


def run(
    host: Annotated[
        str, typer.Option(metavar="HOST", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="The port; 0: any that is free.")
    ] = 8000,
    workers: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=64, help="Processes that answer."),
    ] = 1,
    public_read: Annotated[
        bool,
        typer.Option("--public-read", help="Let anybody who reaches the address read all of it."),
    ] = False,
    allow_write: Annotated[
        bool,
        typer.Option(
            "--allow-write",
            help="Let programs on this machine write without a key, till one is made.",
        ),
    ] = False,
    archive: ArchiveOption = None,
) -> None:
    """Answer searches over HTTP: a page for people, an API for programs."""
    from api.server import Serving, serve
    from cli.archives import open_archive

    with open_archive(archive) as opened:
        serve(opened, Serving(archive, host, port, workers, public_read, allow_write))
