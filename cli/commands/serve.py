"""``byline serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import ArchiveOption

EXAMPLES = """\
Examples:

\b
  byline serve
  byline serve --port 9000 --archive columns-archive
  curl 'http://127.0.0.1:8000/api/v1/search?q=rent+control&facet=author'

The API is described at /api/v1/openapi.json.
"""


def run(
    host: Annotated[
        str, typer.Option(metavar="HOST", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=1, max=65535, help="The port to listen on.")
    ] = 8000,
    public_read: Annotated[
        bool,
        typer.Option("--public-read", help="Let anybody who can reach the address read all of it."),
    ] = False,
    archive: ArchiveOption = None,
) -> None:
    """Answer searches over HTTP, for other programs."""
    from api.server import serve
    from cli.archives import open_archive
    from cli.terminal import complain

    with open_archive(archive) as opened_archive:
        complain(f"Serving {opened_archive.engine.address} on http://{host}:{port}/api/v1/")
        serve(opened_archive, host, port, public_read=public_read)
