"""``byline index``."""

from __future__ import annotations

from typing import Annotated

import typer

from byline.errors import UsageError
from byline.settings import Settings
from cli.options import ArchiveOption, JsonOption
from indexer.sources import Format

EXAMPLES = """\
Examples:

\b
  byline index columns/
  byline index 'posts/**/*.md' archive.jsonl.gz export.csv
  byline index export.csv --field body=article_text --field authors=writer
  cat posts.jsonl | byline index - --format jsonl
  byline index columns/ --prune

A source is a file, a folder (with all below it), a pattern, or - for standard input; of text,
JSON Lines, JSON, CSV, TSV or Markdown, also as .gz, .bz2, .xz or .zst. Indexing the same source
again changes only what has changed. What cannot be read is named and the rest goes on; Ctrl-C
keeps what was done so far, and the same command again goes on from there.
"""


def run(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help="Files, folders, patterns, or - (standard input)."),
    ],
    archive: ArchiveOption = None,
    format: Annotated[
        Format | None,
        typer.Option(
            metavar="FORMAT",
            help="Read every source as text, jsonl, json, csv, tsv or markdown, whatever its name.",
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OURS=THEIRS",
            help="Where records keep something: body=article_text; may be given again.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Embedding model of a new archive: a folder or a hub name; none: words only.",
        ),
    ] = None,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove what has vanished from these sources."),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 if anything was rejected, not only if all was."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Take articles into the archive, making it if there is none."""
    mapping = fields(field or [])
    settings = Settings.load()
    from cli.indexing import index_with_progress

    report = index_with_progress(
        sources,
        archive or str(settings.archive),
        settings=settings,
        model=model,
        format=format,
        fields=mapping,
        prune=prune,
    )
    if json:
        from byline.wire import index_document
        from cli.render.programs import print_json

        print_json(index_document(report))
    else:
        from cli.render.report import report_for_people
        from cli.terminal import screen

        report_for_people(screen(), report)
    if report.interrupted:
        stopped = KeyboardInterrupt()
        stopped.add_note("What was done is kept; the same command again goes on from there.")
        raise stopped
    read = report.added + report.updated + report.unchanged + report.duplicates
    if report.rejected and (strict or not read):
        raise typer.Exit(1)


def fields(given: list[str]) -> dict[str, str]:
    """``body=article_text`` → ``{"body": "article_text"}``."""
    mapping = {}
    for text in given:
        ours, equals, theirs = text.partition("=")
        if not (ours.strip() and equals and theirs.strip()):
            raise UsageError(
                f"--field {text!r} does not say which field is which.",
                remedy="Write it as --field body=article_text.",
            )
        mapping[ours.strip()] = theirs.strip()
    return mapping
