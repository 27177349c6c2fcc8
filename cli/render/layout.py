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


#: A column of words is not made narrower than this.
_LEAST_COLUMN = 12


def table(
    screen: Screen,
    header: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    *,
    right: frozenset[int] = frozenset(),
    widest: int = 60,
) -> None:
    """Columns two blanks apart, within the screen; those in ``right`` are set flush right.

    Words longer than their column go on below it. Where the columns cannot stand beside each
    other at all, each row is a sentence.
    """
    cells = [tuple(one_line(cell) for cell in row) for row in rows]
    widths = [
        min(widest, max(cell_len(row[column]) for row in (header, *cells)))
        for column in range(len(header))
    ]
    words = [column for column in range(len(header)) if column not in right]
    for _ in range(sum(widths) + 2 * (len(widths) - 1) - screen.width):
        column = max(words, key=widths.__getitem__)
        if widths[column] <= _LEAST_COLUMN:
            _sentences(screen, header, cells)
            return
        widths[column] -= 1
    for number, row in enumerate((header, *cells)):
        style = FAINT if not number else Style.null()
        parts = [
            _column(screen, cell, width, right=column in right, widest=widest)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for line in range(max(map(len, parts))):
            shown = (
                part[line] if line < len(part) else " " * width
                for part, width in zip(parts, widths, strict=True)
            )
            write(screen, Text("  ".join(shown), style))


def _column(screen: Screen, cell: str, width: int, *, right: bool, widest: int) -> list[str]:
    """A cell's lines, each as wide as its column."""
    cut = fitted(cell, min(widest, cell_len(cell)), screen.glyphs.ellipsis)
    lines = [line.plain.rstrip() for line in Text(cut).wrap(screen.console, width)] or [""]
    if right:
        return [" " * (width - cell_len(line)) + line for line in lines]
    return [set_cell_size(line, width) for line in lines]


def _sentences(screen: Screen, header: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> None:
    for row in cells:
        named = (f"{name} {cell}".strip() for name, cell in zip(header, row, strict=True) if cell)
        show(screen, ", ".join(" ".join(part.split()) for part in named), indent="  ", first="")
