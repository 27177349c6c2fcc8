"""``byline evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from byline.errors import UsageError
from cli.options import ArchiveOption, JsonOption, refuse_beside

EXAMPLES = """\
Examples:

\b
  byline evaluate scifact/                      corpus.jsonl, queries.jsonl, qrels/test.tsv
  byline evaluate scifact/ --split dev --explain
  byline evaluate scifact/ --run scifact.run    also scifact.semantic.run and so on
  byline evaluate --archive DIR --topics topics.txt --qrels qrels.txt
  byline evaluate --archive DIR --topics queries.txt --qrels mine.txt --judge

A folder in BEIR's layout is indexed as any archive is, into the cache folder unless --archive
names another place; stopped and run again, it goes on. Queries can be BEIR's, TREC topics, or
a line each. Figures of a mode are compared with keyword search's by a paired randomisation test.
"""

_JUDGE = "To judge"


def run(
    folder: Annotated[
        str | None,
        typer.Argument(metavar="FOLDER", help="A judged set in BEIR's layout."),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which of the folder's qrels; test, unless said."),
    ] = None,
    topics: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Queries for an archive that is there already."),
    ] = None,
    qrels: Annotated[
        str | None, typer.Option(metavar="FILE", help="Their judgments, in TREC's form.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Embedding model to index the folder with."),
    ] = None,
    archive: ArchiveOption = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show the queries that each mode wins and loses."),
    ] = False,
    run: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write each mode's ranking in TREC's form."),
    ] = None,
    judge: Annotated[
        bool,
        typer.Option(
            "--judge",
            help="Judge what the modes find, one article after the other; into --qrels.",
            rich_help_panel=_JUDGE,
        ),
    ] = False,
    pool: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=1000,
            help="How many articles of each mode are to be judged (10).",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure how good the ranking is, over queries with judgments."""
    _check(folder, split, topics, qrels, model, judge=judge)
    if judge:
        refuse_beside(
            "--judge",
            {"--json": json, "--run": run, "--explain": explain},
            "It measures nothing: judge first, then evaluate by the judgments without --judge.",
        )
        from byline.evaluation.judging import POOL_DEPTH
        from cli.judging import judge_in_terminal

        judge_in_terminal(archive, Path(str(topics)), Path(str(qrels)), pool or POOL_DEPTH)
        return
    if pool is not None:
        raise UsageError("--pool is for judging.", remedy="Say --judge too, or leave it out.")
    from cli.evaluation import check_run_files, evaluate_archive, evaluate_folder

    if run is not None:
        check_run_files(Path(run))
    done = (
        evaluate_folder(Path(folder), split, archive, model)
        if folder is not None
        else evaluate_archive(archive, Path(str(topics)), Path(str(qrels)))
    )
    if run is not None:
        done.write_runs(Path(run))
    if json:
        from byline.evaluation.document import evaluation_document
        from cli.render.programs import print_json

        print_json(evaluation_document(done.evaluation, done.model))
        return
    from cli.render.evaluation import evaluation_for_people
    from cli.terminal import screen

    evaluation_for_people(screen(), done.evaluation, done.model, explain=explain)


def _check(
    folder: str | None,
    split: str | None,
    topics: str | None,
    qrels: str | None,
    model: str | None,
    *,
    judge: bool,
) -> None:
    """Raises UsageError where what was given does not go together."""
    if judge and (folder is not None or topics is None or qrels is None):
        raise UsageError(
            "To judge takes an archive, a file of queries and a file for the judgments.",
            remedy="Say --archive DIR --topics queries.txt --qrels mine.txt --judge.",
        )
    if folder is not None and (topics or qrels):
        raise UsageError(
            "A folder has queries and judgments of its own.",
            remedy="Leave out --topics and --qrels, or the folder.",
        )
    if folder is None and (topics is None or qrels is None):
        raise UsageError(
            "There is nothing to evaluate by.",
            remedy="Name a folder with a judged set, or give --topics and --qrels.",
        )
    if folder is None and (split or model):
        name = "--split" if split else "--model"
        raise UsageError(f"{name} is for a folder with a judged set.", remedy=f"Leave out {name}.")
