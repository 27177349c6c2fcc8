"""``byline check``."""

from __future__ import annotations

from typing import Annotated

import typer

from byline.engines.base import Severity
from cli.archives import open_archive
from cli.options import ArchiveOption, JsonOption

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
    from cli.progress import counting

    with open_archive(archive) as opened:
        with opened.engine.reader() as reader, counting("Checking") as progress:
            findings = list(reader.check(progress))
        if against is not None:
            from byline.copying import findings_against

            with open_archive(against) as other, counting("Comparing") as progress:
                findings += findings_against(opened.engine, other.engine, progress)
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
