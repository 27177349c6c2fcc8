"""Where output goes: its width, its encoding, whether it is a terminal.

Rich is imported only where something is laid out for people: a ``--json`` run does without.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from byline.query.tree import Note

#: Longer lines than this tire the eye, however wide the window is.
MEASURE = 100

_PLAIN = {
    "…": "...",
    "–": "-",
    "—": "--",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "·": "-",
    "•": "*",
    "×": "x",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "\u2011": "-",
    "\u2212": "-",
    "\ufffd": "?",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
}


def _plainer(error: UnicodeError) -> tuple[str | bytes, int]:
    """What a terminal's encoding lacks, written with what it has (a codecs error handler)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = []
    for letter in error.object[error.start : error.end]:
        folded = _PLAIN.get(letter)
        if folded is None:
            decomposed = unicodedata.normalize("NFKD", letter)
            folded = decomposed.encode("ascii", "ignore").decode("ascii") or "?"
        letters.append(folded)
    return "".join(letters), error.end


codecs.register_error("byline-plainer", _plainer)


def prepare_streams() -> None:
    """Let nothing that is printed fail for want of a letter in the terminal's encoding, or of
    somewhere to go (``>&-``)."""
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="byline-plainer")


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def speaks_unicode(stream: TextIO) -> bool:
    try:
        "…·█▁“".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What is drawn, in letters that the terminal has. ``eighths`` and ``rises``: from the
    least to a full cell, growing rightwards and upwards."""

    ellipsis: str
    dot: str
    dash: str
    rule: str
    quote: str
    eighths: str
    rises: str
    opening: str
    closing: str


_UNICODE = Glyphs("…", "·", "–", "─", "│", "▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█", "“", "”")
_ASCII = Glyphs("...", "-", "-", "-", "|", "#", "#", '"', '"')


@dataclass(frozen=True, slots=True)
class Screen:
    """A place to print for people.

    Attributes:
        width: columns to fill, the reading measure at most.
    """

    console: Console
    width: int
    glyphs: Glyphs


def screen(stream: TextIO | None = None) -> Screen:
    """The screen behind ``stream`` (standard output).

    Rich's own rules decide on colour: none into a pipe or with ``NO_COLOR``, always with
    ``FORCE_COLOR``; ``COLUMNS`` sets the width.
    """
    from rich.console import Console

    class PlainConsole(Console):
        def on_broken_pipe(self) -> None:
            # Rich would exit with 1; that nobody reads on is the entry point's to judge.
            raise BrokenPipeError

    target = sys.stdout if stream is None else stream
    console = PlainConsole(file=target, highlight=False, markup=False, emoji=False, soft_wrap=True)
    glyphs = _UNICODE if speaks_unicode(target) else _ASCII
    return Screen(console, max(40, min(console.width, MEASURE)), glyphs)


@contextlib.contextmanager
def paged(page: Screen) -> Iterator[None]:
    """What is printed to ``page`` is shown in the user's pager, if there is a terminal to page
    through; else as it is."""
    import pydoc

    with page.console.capture() as captured:
        yield
    # As git does: without it, less would show the codes of colours instead of colours.
    os.environ.setdefault("LESS", "-R")
    sys.stdout.flush()
    pydoc.pager(captured.get())


def complain(text: str) -> None:
    """Print ``text`` to standard error. Nothing is done where nobody can read it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def complain_of(notes: Iterable[Note]) -> None:
    """Notes on how a query was taken, where standard output has no place for them."""
    from byline.wording.excerpt import one_line

    for note in notes:
        complain(f"Note: {one_line(note.message)}")


def bold_red(text: str, stream: TextIO) -> str:
    """``text``, in bold red where ``stream`` is a terminal that shows colour."""
    if is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        return f"\x1b[1;31m{text}\x1b[0m"
    return text
