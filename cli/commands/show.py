"""``byline show``."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.archives import open_archive
from cli.options import ArchiveOption, JsonOption
from cli.terminal import complain_of

EXAMPLES = """\
Examples:

\b
  byline show federalist-10
  byline show federalist-10 --highlight 'faction*' | less
"""


def run(
    id: Annotated[
        str, typer.Argument(metavar="ID", help="The article's id, as `byline search` shows it.")
    ],
    highlight: Annotated[
        str | None,
        typer.Option(metavar="QUERY", help="Mark the words of this query in the text."),
    ] = None,
    archive: ArchiveOption = None,
    json: JsonOption = False,
) -> None:
    """Read an article: its text, what is known of it, and where it came from."""
    from byline.query import parse
    from byline.query.tree import TextField

    with open_archive(archive) as opened:
        stored = opened.article(id)
    article = stored.article
    body_marks, title_marks = [], []
    if highlight:
        from byline.highlight import Highlighter

        query = parse(highlight)
        complain_of(query.notes)
        highlighter = Highlighter(query)
        body_marks = list(highlighter.word_spans(article.body, TextField.BODY))
        title_marks = list(highlighter.word_spans(article.title, TextField.TITLE))
    if json:
        from byline.wire import article_document
        from cli.render.programs import print_json

        print_json(article_document(stored, body_marks))
        return
    from cli.render.article import article_for_people
    from cli.terminal import screen

    article_for_people(screen(), article, body_marks, title_marks)
