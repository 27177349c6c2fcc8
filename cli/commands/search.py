"""``byline search``."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Annotated

import typer

from byline.engines.base import FacetWanted, Period
from byline.errors import BadQuery, UsageError
from byline.query.tree import ValueField
from byline.request import Mode, Sort
from byline.wording.excerpt import clean
from cli.archives import open_archive, without_secrets
from cli.completion import completes
from cli.options import PROGRAMS, ArchiveOption, JsonOption, refuse_beside

EXAMPLES = """\
Examples:

\b
  byline search rent control
  byline search '"rent control" -landlords'     a phrase keeps quotes of its own
  byline search -- -trump +iran                 two dashes before a leading minus
  byline search taxes --author Chesterton --before 1910 --sort oldest
  byline search 'author:Hamilton date:1788'     what satisfies this, newest first
  byline search climate --facet author --facet topic --timeline year
  byline search climate --limit 1000 --csv > climate.csv

A query: words; "exact phrases"; +must, -not; AND, OR, NOT, (brackets); title: author: body:
summary: publication: topic: section: language: before a word or a phrase; date:2022-07,
after:2020, before:2021-06-30; begin* with a star; nearly~ with a tilde; * for everything.

CSV cells that a spreadsheet would take for a formula (they begin with = + - @ or a tab) are
given a leading apostrophe.
"""

_FIND, _SHOW = "What to find", "What to show"


def run(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="What to look for; may be left out under filters."),
    ] = None,
    mode: Annotated[
        Mode | None,
        typer.Option(
            metavar="MODE",
            help="keyword, semantic (by meaning), or hybrid: both. Hybrid, unless set otherwise.",
            rich_help_panel=_FIND,
        ),
    ] = None,
    author: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only by this author; given again: or by that one; so too below.",
            autocompletion=completes(ValueField.AUTHOR),
            rich_help_panel=_FIND,
        ),
    ] = None,
    publication: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only from this publication.",
            autocompletion=completes(ValueField.PUBLICATION),
            rich_help_panel=_FIND,
        ),
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only on this topic.",
            autocompletion=completes(ValueField.TOPIC),
            rich_help_panel=_FIND,
        ),
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only from this section.",
            autocompletion=completes(ValueField.SECTION),
            rich_help_panel=_FIND,
        ),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            help="Only in this language, such as en.",
            autocompletion=completes(ValueField.LANGUAGE),
            rich_help_panel=_FIND,
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Only from then on: 2022, 2022-07 or 2022-07-29.",
            rich_help_panel=_FIND,
        ),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only from before then.", rich_help_panel=_FIND),
    ] = None,
    strict_query: Annotated[
        bool,
        typer.Option(
            "--strict-query",
            help="Refuse a query that cannot be read to the letter.",
            rich_help_panel=_FIND,
        ),
    ] = False,
    sort: Annotated[
        Sort,
        typer.Option(
            metavar="ORDER", help="relevance, newest or oldest first.", rich_help_panel=_SHOW
        ),
    ] = Sort.RELEVANCE,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-n",
            metavar="N",
            min=0,
            help="How many articles (10, unless set otherwise); 0 only counts.",
            rich_help_panel=_SHOW,
        ),
    ] = None,
    offset: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="How many to skip.", rich_help_panel=_SHOW),
    ] = 0,
    passages: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="How many passages of each, at most (2, unless set otherwise).",
            rich_help_panel=_SHOW,
        ),
    ] = None,
    facet: Annotated[
        list[ValueField] | None,
        typer.Option(
            metavar="FIELD",
            help="Count what was found by author, publication, topic, section or language; may "
            "be given again.",
            rich_help_panel=_SHOW,
        ),
    ] = None,
    timeline: Annotated[
        Period | None,
        typer.Option(
            metavar="PERIOD",
            help="Count what was found by year, month or day.",
            rich_help_panel=_SHOW,
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show why each is ranked where it is.", rich_help_panel=_SHOW
        ),
    ] = False,
    archive: ArchiveOption = None,
    json: JsonOption = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Print one JSON object a hit.", rich_help_panel=PROGRAMS),
    ] = False,
    csv: Annotated[
        bool,
        typer.Option("--csv", help="Print one CSV row a hit.", rich_help_panel=PROGRAMS),
    ] = False,
) -> None:
    """Search the archive by words, by meaning, or both."""
    if json + jsonl + csv > 1:
        raise UsageError("Only one of --json, --jsonl and --csv can be printed.", remedy="Choose.")
    if jsonl or csv:
        refuse_beside(
            "--csv" if csv else "--jsonl",
            {"--facet": facet, "--timeline": timeline},
            "It prints hits and no counts; --json prints both.",
        )
    text = whole_text(query or ())
    filters = {
        ValueField.AUTHOR: author or [],
        ValueField.PUBLICATION: publication or [],
        ValueField.TOPIC: topic or [],
        ValueField.SECTION: section or [],
        ValueField.LANGUAGE: language or [],
    }
    if not text and not (any(filters.values()) or after or before or facet or timeline):
        raise UsageError(
            "There is nothing to look for.",
            remedy="Say it in words, such as `byline search rent control`, or `*` for everything.",
        )
    from byline.filters import narrowed
    from byline.search import search

    with open_archive(archive) as opened, opened.engine.reader() as reader:
        try:
            request = opened.request(text, strict=strict_query)
        except BadQuery as error:
            error.add_note(pointer(text, error.start, error.end))
            raise
        request = replace(
            request,
            query=narrowed(request.query, reader, filters, after, before, named="--{}".format),
            mode=mode or (request.mode if reader.manifest.model else Mode.KEYWORD),
            sort=sort,
            limit=request.limit if limit is None else limit,
            offset=offset,
            passages=request.passages if passages is None else passages,
            facets=tuple(FacetWanted(field) for field in dict.fromkeys(facet or ())),
            timeline=timeline,
        )
        if jsonl or csv:
            from cli.render.programs import print_hits_csv, print_hits_jsonl

            (print_hits_csv if csv else print_hits_jsonl)(
                lambda part: search(reader, part, opened.embedder), request
            )
            return
        answer = search(reader, request, opened.embedder)
        if json:
            from byline.spelling import suggest
            from byline.wire import search_document
            from cli.render.programs import print_json

            offers = suggest(reader, request.query) if offset == 0 else ()
            print_json(search_document(answer, offers))
            return
        from cli.advice import advice
        from cli.render.answer import answer_for_people
        from cli.terminal import screen

        answer_for_people(
            screen(),
            answer,
            offset=offset,
            limit=request.limit,
            period=timeline,
            explain=explain,
            advice=advice(reader, request, answer),
            archive=without_secrets(archive) if archive else None,
        )


def pointer(text: str, start: int, end: int) -> str:
    """The query, with marks under the place where it cannot be read."""
    from rich.cells import cell_len

    flat = "".join(" " if letter.isspace() else letter for letter in clean(normalized(text)))
    marks = "^" * max(1, cell_len(flat[start:end]))
    return f"  {flat}\n  {' ' * cell_len(flat[:start])}{marks}"


def normalized(text: str) -> str:
    """As the parser counts: its offsets point into the composed text."""
    return unicodedata.normalize("NFC", text)


def whole_text(words: list[str] | tuple[str, ...]) -> str:
    """The query as one text; bytes that are no text become signs of it."""
    joined = " ".join(words).strip()
    return joined.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
