"""``byline stats``."""

from __future__ import annotations

from cli.archives import open_archive
from cli.options import ArchiveOption, JsonOption

EXAMPLES = """\
Examples:

\b
  byline stats
  byline stats --archive ~/columns --json
"""


def run(archive: ArchiveOption = None, json: JsonOption = False) -> None:
    """Say what the archive holds: articles, authors, dates, its model, its size on disk."""
    with open_archive(archive) as opened, opened.engine.reader() as reader:
        stats, manifest, version = reader.stats(), reader.manifest, reader.version
        address = opened.engine.address
    if json:
        from byline.wire import stats_document
        from cli.render.programs import print_json

        print_json(stats_document(stats, manifest, address, version))
        return
    from cli.render.stats import stats_for_people
    from cli.terminal import screen

    stats_for_people(screen(), stats, manifest, address)
