"""Lines of styled text: wrapped to a width, indented, without trailing blanks."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from byline.wording.excerpt import MEANING, WORDS, Excerpt, one_line
from cli.terminal import Screen

#: Told apart without colour too: what matched is bold, what is near in meaning underlined.
STYLES = {
    0: Style.null(),
    WORDS: Style(bold=True, color="magenta"),
    MEANING: Style(underline=True),
    WORDS | MEANING: Style(bold=True, color="magenta", underline=True),
}
TITLE = Style(bold=True)
FAINT = Style(dim=True)
BAR = Style(color="cyan")
WARNING = Style(color="yellow", bold=True)
HEADING = Style(bold=True)


def styled(piece: Excerpt, base: Style | None = None) -> Text:
    """An excerpt with its highlights; ``base`` lies under them."""
    text = Text()
    for run, mark in piece.runs():
        style = STYLES[mark]
        if base is not None and mark:
            # A title is bold already: what matched in it is underlined as well.
            style = base + style + Style(underline=True)
        elif base is not None:
            style = base
        text.append(run, style)
    return text


def show(screen: Screen, text: Text | str = "", indent: str = "", first: str | None = None) -> None:
    """Print ``text`` wrapped to the screen, each line after ``indent`` (the first after
    ``first``)."""
    for line in wrapped(screen, text, screen.width - cell_len(indent)):
        start = indent if first is None else first
        first = None
        whole = Text()
        whole.append(start, FAINT if start.strip() else None)
        whole.append_text(line)
        write(screen, whole)


def wrapped(screen: Screen, text: Text | str, width: int) -> list[Text]:
    content = Text(text) if isinstance(text, str) else text
    lines = content.wrap(screen.console, max(20, width))
    for line in lines:
        line.rstrip()
    return list(lines) or [Text()]


def write(screen: Screen, line: Text) -> None:
    """One line as it is, however long."""
    line.rstrip()
    screen.console.print(line, soft_wrap=True, no_wrap=True, overflow="ignore", crop=False)


def fitted(text: str, width: int, ellipsis: str) -> str:
    """``text`` on one line of exactly ``width`` cells, cut if need be."""
    flat = one_line(text)
    if cell_len(flat) > width:
        flat = set_cell_size(flat, max(0, width - len(ellipsis))).rstrip() + ellipsis
    return set_cell_size(flat, width)


def table(
    screen: Screen,
    header: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    *,
    right: frozenset[int] = frozenset(),
    widest: int = 60,
) -> None:
    """Columns two blanks apart; those in ``right`` are set flush right."""
    cells = [tuple(one_line(cell) for cell in row) for row in rows]
    widths = [
        min(widest, max(cell_len(row[column]) for row in (header, *cells)))
        for column in range(len(header))
    ]
    for number, row in enumerate((header, *cells)):
        parts = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            cut = fitted(cell, width, screen.glyphs.ellipsis)
            parts.append(cut.strip().rjust(width) if column in right else cut)
        write(screen, Text("  ".join(parts), FAINT if not number else Style.null()))
