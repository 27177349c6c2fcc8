"""``byline check``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from byline.engines.base import Finding, Severity
from byline.errors import ArchiveDamaged
from cli.archives import open_archive
from cli.options import ArchiveOption, JsonOption

if TYPE_CHECKING:
    from byline.archive import Archive

EXAMPLES = """\
Examples:

\b
  byline check
  byline check --json
  byline check --against elasticsearch://localhost:9200/columns

The exit status is 1 where something is damaged.
"""


def run(
    archive: ArchiveOption = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="OTHER",
            help="Another archive, such as a copy: say whether both hold the same, byte for byte.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Verify the archive: every article, passage and vector, and that its indexes fit them."""
    findings: list[Finding] = []
    try:
        with open_archive(archive) as opened:
            findings += _findings(opened, against)
    except ArchiveDamaged as error:
        findings.append(_as_finding(error))
    damaged = [finding for finding in findings if finding.severity is Severity.DAMAGE]
    if json:
        from byline.wire import check_document
        from cli.render.programs import print_json

        print_json(check_document(findings))
    else:
        from rich.text import Text

        from byline.wording.numbers import counted
        from cli.render.layout import FAINT, WARNING, show
        from cli.terminal import screen

        page = screen()
        for finding in findings:
            bad = finding.severity is Severity.DAMAGE
            sign = Text("damaged  " if bad else "sound    ", WARNING if bad else FAINT)
            show(page, sign + Text(finding.message), indent=" " * 9, first="")
            if finding.remedy:
                show(page, finding.remedy, indent=" " * 9)
        show(page, f"{counted(len(damaged), 'thing')} damaged." if damaged else "All is sound.")
    if damaged:
        raise typer.Exit(1)


def _findings(opened: Archive, against: str | None) -> Iterator[Finding]:
    from cli.progress import counting

    with opened.engine.reader() as reader, counting("Checking") as progress:
        yield from reader.check(progress)
    if against is not None:
        from byline.copying import findings_against

        with open_archive(against) as other, counting("Comparing") as progress:
            yield from findings_against(opened.engine, other.engine, progress)


def _as_finding(error: ArchiveDamaged) -> Finding:
    """What keeps the rest from being looked at is what was looked for."""
    from byline.engines.soundness import REINDEX

    unsaid = error.remedy == ArchiveDamaged.default_remedy
    return Finding("archive", Severity.DAMAGE, error.message, REINDEX if unsaid else error.remedy)
