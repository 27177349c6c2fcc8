"""A query's text into a syntax tree: what was written, and where.

Any text gives a tree. What cannot be read becomes words or is left out, and a note says so.
What the pieces mean is decided in :mod:`byline.query.check`.

Grammar, loosest first; adjacent clauses need no operator::

    sequence = clause*
    clause   = both ("OR" both)*
    both     = unary ("AND" unary)*
    unary    = ("NOT" | "+" | "-") unary | primary
    primary  = field ":" primary | phrase | word | "(" sequence ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias, TypeVar

from byline.query.tree import Note

#: More would be a mistake or an attack; what lies beyond is left out, with a note.
MAX_CHARACTERS = 20_000
MAX_CLAUSES = 1_000
MAX_DEPTH = 40

T = TypeVar("T")

_CLOSING = {'"': '"”“', "“": '”"', "„": '“”"', "«": "»"}
_FIELD = re.compile(r"([^\W\d]\w*):")
_WORD_END = re.compile(r'[\s()"“”„«»]')


@dataclass(frozen=True, slots=True)
class At:
    """Where a piece stands in the query's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A word as written, its marks (``*``, ``~``) included."""

    text: str
    at: At


@dataclass(frozen=True, slots=True)
class PhrasePiece:
    text: str
    at: At


@dataclass(frozen=True, slots=True)
class FieldPiece:
    name: str
    child: Piece
    at: At


@dataclass(frozen=True, slots=True)
class MustPiece:
    child: Piece


@dataclass(frozen=True, slots=True)
class NotPiece:
    child: Piece


@dataclass(frozen=True, slots=True)
class AndPiece:
    children: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class OrPiece:
    children: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class GroupPiece:
    """Clauses side by side, in parentheses or at the top."""

    children: tuple[Piece, ...]


Piece: TypeAlias = (
    TextPiece | PhrasePiece | FieldPiece | MustPiece | NotPiece | AndPiece | OrPiece | GroupPiece
)


class _Kind(Enum):
    WORD = auto()
    PHRASE = auto()
    FIELD = auto()
    OPEN = auto()
    CLOSE = auto()
    PLUS = auto()
    MINUS = auto()
    NOT = auto()
    AND = auto()
    OR = auto()


_OPERATORS = {"AND": _Kind.AND, "OR": _Kind.OR, "NOT": _Kind.NOT}
_PREFIXES = (_Kind.NOT, _Kind.PLUS, _Kind.MINUS)


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: _Kind
    text: str
    at: At


def read(text: str, fields: frozenset[str]) -> tuple[GroupPiece, list[Note]]:
    """The syntax tree and the notes made on the way.

    Args:
        fields: lower-case names that a colon may follow; anything else before a colon is text.
    """
    notes: list[Note] = []
    if len(text) > MAX_CHARACTERS:
        message = f"Only the first {MAX_CHARACTERS:,} characters of the query were read."
        notes.append(Note("too-long", message, MAX_CHARACTERS, len(text)))
        text = text[:MAX_CHARACTERS]
    lexemes = _lexemes(text, fields, notes)
    if len(lexemes) > MAX_CLAUSES:
        at = lexemes[MAX_CLAUSES].at
        message = f"Only the first {MAX_CLAUSES:,} parts of the query were read."
        notes.append(Note("too-long", message, at.start, len(text)))
        lexemes = lexemes[:MAX_CLAUSES]
    parser = _Parser(lexemes, notes)
    return parser.whole(), notes


def _lexemes(text: str, fields: frozenset[str], notes: list[Note]) -> list[_Lexeme]:
    found: list[_Lexeme] = []
    here = 0
    while here < len(text):
        char = text[here]
        if char.isspace():
            here += 1
        elif char in _CLOSING:
            here = _phrase(text, here, found, notes)
        elif char in "”»":
            notes.append(
                Note("stray-quote", "A quotation mark that closes nothing.", here, here + 1)
            )
            here += 1
        elif char in "()":
            kind = _Kind.OPEN if char == "(" else _Kind.CLOSE
            found.append(_Lexeme(kind, char, At(here, here + 1)))
            here += 1
        elif char in "+-" and _begins_clause(text, here):
            here = _sign(text, here, found, notes)
        else:
            here = _word(text, here, fields, found)
    return found


def _begins_clause(text: str, here: int) -> bool:
    return here == 0 or text[here - 1].isspace() or text[here - 1] in "(+-"


def _sign(text: str, here: int, found: list[_Lexeme], notes: list[Note]) -> int:
    at = At(here, here + 1)
    if here + 1 == len(text) or text[here + 1].isspace() or text[here + 1] == ")":
        notes.append(_lone(text[here], at))
    else:
        found.append(_Lexeme(_Kind.PLUS if text[here] == "+" else _Kind.MINUS, text[here], at))
    return here + 1


def _phrase(text: str, here: int, found: list[_Lexeme], notes: list[Note]) -> int:
    closers = _CLOSING[text[here]]
    end = here + 1
    while end < len(text) and text[end] not in closers:
        end += 1
    if end == len(text):
        message = "The quotation that opens here is not closed; its words were taken as words."
        notes.append(Note("unclosed-quote", message, here, len(text)))
        return here + 1
    content = text[here + 1 : end]
    if content.strip():
        found.append(_Lexeme(_Kind.PHRASE, content, At(here, end + 1)))
    else:
        notes.append(Note("empty-phrase", "An empty quotation was left out.", here, end + 1))
    return end + 1


def _word(text: str, here: int, fields: frozenset[str], found: list[_Lexeme]) -> int:
    named = _FIELD.match(text, here)
    if named and named[1].lower() in fields:
        found.append(_Lexeme(_Kind.FIELD, named[1].lower(), At(here, named.end())))
        return named.end()
    boundary = _WORD_END.search(text, here)
    end = boundary.start() if boundary else len(text)
    word = text[here:end]
    found.append(_Lexeme(_OPERATORS.get(word, _Kind.WORD), word, At(here, end)))
    return end


def _lone(operator: str, at: At) -> Note:
    message = f"{operator} stands alone, so it was left out."
    return Note("lone-operator", message, at.start, at.end)


@dataclass(slots=True)
class _Parser:
    """Recursive descent; ``here`` is the next lexeme."""

    lexemes: list[_Lexeme]
    notes: list[Note]
    here: int = 0
    depth: int = 0

    def whole(self) -> GroupPiece:
        pieces: list[Piece] = []
        while self.here < len(self.lexemes):
            pieces.extend(self._sequence())
            if self.here < len(self.lexemes):
                at = self.lexemes[self.here].at
                message = "A bracket that closes nothing was left out."
                self.notes.append(Note("stray-bracket", message, at.start, at.end))
                self.here += 1
        return GroupPiece(tuple(pieces))

    def _peek(self) -> _Lexeme | None:
        return self.lexemes[self.here] if self.here < len(self.lexemes) else None

    def _sequence(self) -> list[Piece]:
        pieces = []
        while (ahead := self._peek()) is not None and ahead.kind is not _Kind.CLOSE:
            piece = self._either()
            if piece is not None:
                pieces.append(piece)
        return pieces

    def _either(self) -> Piece | None:
        return self._chain(_Kind.OR, self._both, OrPiece)

    def _both(self) -> Piece | None:
        return self._chain(_Kind.AND, self._unary, AndPiece)

    def _chain(
        self,
        kind: _Kind,
        part: Callable[[], Piece | None],
        make: Callable[[tuple[Piece, ...]], Piece],
    ) -> Piece | None:
        parts = [part()]
        while (ahead := self._peek()) is not None and ahead.kind is kind:
            self.here += 1
            after = self._peek()
            if (
                parts[-1] is None
                or after is None
                or after.kind in (_Kind.CLOSE, _Kind.AND, _Kind.OR)
            ):
                self.notes.append(_lone(ahead.text, ahead.at))
            else:
                parts.append(part())
        whole = [piece for piece in parts if piece is not None]
        if not whole:
            return None
        return whole[0] if len(whole) == 1 else make(tuple(whole))

    def _unary(self) -> Piece | None:
        ahead = self._peek()
        if ahead is None or ahead.kind in (_Kind.CLOSE, _Kind.AND, _Kind.OR):
            return None
        if ahead.kind not in _PREFIXES:
            return self._primary(ahead)
        self.here += 1
        after = self._peek()
        if after is None or after.kind in (_Kind.CLOSE, _Kind.AND, _Kind.OR):
            self.notes.append(_lone(ahead.text, ahead.at))
            return None
        child = self._deeper(self._unary, ahead.at)
        if child is None:
            return None
        return MustPiece(child) if ahead.kind is _Kind.PLUS else NotPiece(child)

    def _primary(self, ahead: _Lexeme) -> Piece | None:
        self.here += 1
        if ahead.kind is _Kind.PHRASE:
            return PhrasePiece(ahead.text, ahead.at)
        if ahead.kind is _Kind.OPEN:
            return self._group(ahead)
        if ahead.kind is _Kind.FIELD:
            return self._field(ahead)
        return TextPiece(ahead.text, ahead.at)

    def _field(self, ahead: _Lexeme) -> Piece | None:
        after = self._peek()
        kinds = (_Kind.WORD, _Kind.PHRASE, _Kind.OPEN, _Kind.AND, _Kind.OR, _Kind.NOT)
        if after is None or after.kind not in kinds or after.at.start != ahead.at.end:
            message = f"{ahead.text}: has nothing after it, so it was left out."
            self.notes.append(Note("empty-field", message, ahead.at.start, ahead.at.end))
            return None
        child = self._deeper(lambda: self._primary(after), ahead.at)
        return None if child is None else FieldPiece(ahead.text, child, ahead.at)

    def _group(self, opening: _Lexeme) -> Piece | None:
        children = self._deeper(self._sequence, opening.at) or []
        ahead = self._peek()
        if ahead is None:
            message = "The bracket that opens here is not closed; it was left out."
            self.notes.append(Note("unclosed-bracket", message, opening.at.start, opening.at.end))
        else:
            self.here += 1
        return GroupPiece(tuple(children)) if children else None

    def _deeper(self, part: Callable[[], T], at: At) -> T | None:
        """``part()`` one level down; past the limit what stands there is left out."""
        if self.depth == MAX_DEPTH:
            message = f"More than {MAX_DEPTH} levels of brackets; what lies deeper was left out."
            self.notes.append(Note("too-deep", message, at.start, at.end))
            self.here = len(self.lexemes)
            return None
        self.depth += 1
        try:
            return part()
        finally:
            self.depth -= 1
