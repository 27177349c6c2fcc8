"""Values from the archive for the shell to complete."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable

import typer

from byline.query.tree import ValueField

_MOST = 200
#: Bash puts a completion on the line as it is; the other shells quote it.
_SPECIAL = re.compile(r"([^\w@%+=:,./\-])")


def completes(field: ValueField) -> Callable[[typer.Context, str], list[tuple[str, str]]]:
    """A completer of ``field``'s values, with their counts. Silent where there is no archive:
    a shell has nowhere to show an error."""

    def complete(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from byline.archive import Archive
        from byline.errors import BylineError
        from byline.wording.numbers import counted

        with contextlib.suppress(BylineError, OSError):
            with (
                Archive.open(context.params.get("archive")) as archive,
                archive.engine.reader() as reader,
            ):
                rows = reader.values(field, prefix=incomplete, limit=_MOST)
            return [(_typed(row.value), counted(row.count, "article")) for row in rows]
        return []

    return complete


def _typed(value: str) -> str:
    bash = os.environ.get("_BYLINE_COMPLETE", "").endswith("bash")
    return _SPECIAL.sub(r"\\\1", value) if bash else value
