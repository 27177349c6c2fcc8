"""How good the ranking is, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from byline.evaluation.comparison import (
    BASELINE,
    ROUNDS,
    Evaluation,
    ModeFigures,
    QueryDifference,
    differences,
)
from byline.evaluation.measures import MAIN, MEASURES
from byline.records import ModelIdentity
from byline.wording.numbers import counted
from cli.render.layout import FAINT, HEADING, show, table, write
from cli.terminal import Screen

#: Differences as unlikely as this by chance are marked.
_SIGNIFICANT = 0.05
#: Queries shown of each mode's wins, and of its losses.
_SHOWN = 10


def evaluation_for_people(
    screen: Screen, evaluation: Evaluation, model: ModelIdentity | None, *, explain: bool
) -> None:
    judged = evaluation.judged
    write(screen, Text(judged.name, HEADING))
    said = f"{counted(len(judged.queries), 'query', 'queries')}, by {model.name}" if model else ""
    show(screen, said or f"{counted(len(judged.queries), 'query', 'queries')}, by words alone")
    if evaluation.missing:
        missing = counted(evaluation.missing, "relevant document")
        show(screen, f"Not in the archive: {missing}, taken as not found.")
    write(screen, Text())
    table(
        screen,
        ("", *MEASURES, "better", "worse", "same"),
        [_row(row) for row in evaluation.modes],
        right=frozenset(range(1, 4 + len(MEASURES))),
    )
    if any(row.against for row in evaluation.modes):
        write(screen, Text())
        show(
            screen,
            Text(
                f"better, worse, same: queries against {BASELINE.value} search, by {MAIN}. "
                f"* differs from it with p < {_SIGNIFICANT} (paired randomisation test, "
                f"two-sided, {ROUNDS:,} rounds).",
                FAINT,
            ),
        )
    if explain:
        for row in evaluation.modes:
            if row.against:
                _explain(screen, row, differences(evaluation, row.mode))


def _row(row: ModeFigures) -> tuple[str, ...]:
    cells = []
    for measure in MEASURES:
        against = row.against.get(measure)
        mark = "*" if against is not None and against.p < _SIGNIFICANT else " "
        cells.append(f"{row.mean(measure):.4f}{mark}")
    against = row.against.get(MAIN)
    counts = (against.better, against.worse, against.same) if against else ("", "", "")
    return (row.mode.value, *cells, *map(str, counts))


def _explain(screen: Screen, row: ModeFigures, found: Sequence[QueryDifference]) -> None:
    against = row.against[MAIN]
    write(screen, Text())
    write(screen, Text(f"{row.mode.value} against {BASELINE.value}", HEADING))
    write(screen, Text())
    for measure, compared in row.against.items():
        show(
            screen,
            f"{measure}: {compared.difference:+.4f} (p = {compared.p:.4f}); "
            f"{compared.better} better, {compared.worse} worse, {compared.same} same",
        )
    losses = [one for one in found if one.difference < 0]
    wins = [one for one in reversed(found) if one.difference > 0]
    for name, rows, total in (("wins", wins, against.better), ("losses", losses, against.worse)):
        if rows:
            write(screen, Text())
            of = f", {_SHOWN} of {total}" if total > _SHOWN else ""
            write(screen, Text(f"greatest {name} by {MAIN}{of}"))
            table(
                screen,
                (BASELINE.value, row.mode.value, "id", "query"),
                [
                    (f"{one.baseline:.3f}", f"{one.figure:.3f}", one.query, one.text)
                    for one in rows[:_SHOWN]
                ],
                right=frozenset({0, 1}),
                widest=max(20, screen.width - 40),
            )
