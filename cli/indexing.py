"""Indexing as the command line does it: with a bar, from standard input too."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from byline.errors import UsageError
from cli.progress import reading
from cli.terminal import is_terminal
from indexer.pipeline import index
from indexer.report import Report
from indexer.sources import ReadOptions

if TYPE_CHECKING:
    from byline.settings import Settings
    from indexer.sources import Format


def index_with_progress(
    sources: Sequence[str],
    address: str,
    *,
    settings: Settings,
    model: str | None = None,
    format: Format | None = None,
    fields: Mapping[str, str] | None = None,
    prune: bool = False,
) -> Report:
    """:func:`indexer.pipeline.index`, watched.

    Raises:
        UsageError: standard input is wanted and there is none, or it is a keyboard.
    """
    stdin = None
    if "-" in sources:
        if sys.stdin is None or is_terminal(sys.stdin):
            raise UsageError(
                "Nothing is sent to standard input.",
                remedy="Send something, as in `cat posts.jsonl | byline index -`.",
            )
        stdin = sys.stdin.buffer
    with reading() as watch:
        return index(
            sources,
            address,
            settings=settings,
            model=model,
            options=ReadOptions(format, fields or {}),
            prune=prune,
            stdin=stdin,
            watch=watch,
        )
