"""The text of Markdown that holds no HTML, straight from its parser's events."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyromark.event import Event

_APART = "\n\n"
#: Before each a paragraph begins, and after each one ends.
_BLOCKS = frozenset(
    "Paragraph Heading BlockQuote CodeBlock List Rule Table TableHead TableCell".split()
)
#: Nothing between their beginning and end is text: a picture's description is not seen.
_HIDDEN = "Image"


def shown(events: Iterable[Event]) -> str:
    """What a reader of the page sees, white space as it comes; as
    :func:`indexer.sources.html_text.from_html` has it of the page that is made of the same."""
    page = _Page()
    for event in events:
        if isinstance(event, str):
            if event == "Rule":
                page.begin(event, None)
            else:
                page.say("\n" if event == "HardBreak" else " ")
            continue
        ((kind, what),) = event.items()
        if kind in ("Text", "Code"):
            page.say(str(what))
        elif kind == "Start":
            page.begin(*_named(what))
        elif kind == "End":
            page.end(_named(what)[0])
        elif kind == "FootnoteReference":
            page.number_of(str(what))
    return page.whole()


def _named(what: Any) -> tuple[str, Any]:
    """An element and what is known of it."""
    if isinstance(what, str):
        return what, None
    ((name, known),) = what.items()
    return name, known


class _Page:
    def __init__(self) -> None:
        self._parts = [_APART]
        self._lists: list[int | None] = []
        self._hidden = 0
        # Footnotes are numbered as they are first met, and stand at the page's end.
        self._numbers: dict[str, int] = {}
        self._notes: list[tuple[int, list[str]]] = []
        self._around: list[list[str]] = []
        self._item_begins = False

    def say(self, text: str) -> None:
        if not self._hidden:
            self._parts.append(text)
            self._item_begins = False

    def number_of(self, note: str) -> int:
        return self._numbers.setdefault(note, len(self._numbers) + 1)

    def begin(self, name: str, known: Any) -> None:
        if name == _HIDDEN:
            self._hidden += 1
        elif name == "Item":
            self._begin_item()
            return
        elif name in _BLOCKS:
            # The first paragraph of an item stands beside the item's number.
            if not (name == "Paragraph" and self._item_begins):
                self._part()
            if name == "List":
                self._lists.append(known)
        elif name == "TableRow":
            self._begin_line()
        elif name == "FootnoteDefinition":
            self._around.append(self._parts)
            self._parts = [_APART]
            self._notes.append((self.number_of(str(known)), self._parts))
        self._item_begins = False

    def end(self, name: str) -> None:
        if name == _HIDDEN:
            self._hidden -= 1
        elif name in _BLOCKS:
            self._part()
            if name == "List":
                self._lists.pop()
        elif name == "FootnoteDefinition":
            self._parts = self._around.pop()

    def whole(self) -> str:
        for place, (_, parts) in enumerate(sorted(self._notes, key=itemgetter(0)), start=1):
            self._parts += [_APART, f"{place}. ", *parts[1:]]
        return "".join(self._parts)

    def _begin_item(self) -> None:
        self._begin_line()
        number = self._lists[-1]
        if number is not None:
            self._parts.append(f"{number}. ")
            self._lists[-1] = number + 1
        self._item_begins = True

    def _begin_line(self) -> None:
        if self._parts[-1] != _APART:
            self._parts.append("\n")

    def _part(self) -> None:
        if self._parts[-1] != _APART:
            self._parts.append(_APART)
