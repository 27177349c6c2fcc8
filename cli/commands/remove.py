"""``byline remove``."""

from __future__ import annotations

from typing import Annotated

import typer

from byline.errors import ArticleNotFound
from cli.archives import open_archive
from cli.options import ArchiveOption, JsonOption

EXAMPLES = """\
Examples:

\b
  byline remove ledger-2022-07-29
  byline search 'title:"press release"' --limit 1000 --jsonl | jq -r .article.id |
      xargs byline remove

An article that its source still holds comes back when the source is indexed again. What has
vanished from a source is removed by `byline index SOURCE --prune`.
"""


def run(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Ids, as `byline search` shows them.")
    ],
    archive: ArchiveOption = None,
    json: JsonOption = False,
) -> None:
    """Remove articles from the archive. Ids that no article has are named; the rest go."""
    from byline.wording.numbers import counted
    from indexer.pipeline import remove

    with open_archive(archive) as opened:
        removed, unknown = remove(list(dict.fromkeys(ids)), opened.engine)
    if json:
        from byline.wire import remove_document
        from cli.render.programs import print_json

        print_json(remove_document(removed, unknown))
    else:
        typer.echo(f"{counted(removed, 'article')} removed.")
    if unknown:
        named = " or ".join(map(repr, unknown))
        raise ArticleNotFound(f"No article has the id {named}.")
