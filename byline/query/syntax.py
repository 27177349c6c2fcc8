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
from typing import TypeAlias

from byline.query.tree import Note

#: More would be a mistake or an attack; what lies beyond is left out, with a note.
MAX_CHARACTERS = 20_000
MAX_CLAUSES = 1_000
MAX_DEPTH = 40

#: Characters of the query that a note shows.
_SHOWN = 30

_CLOSING = {'"': '"”“', "“": '”"', "„": '“”"', "«": "»"}
_FIELD = re.compile(r"([^\W\d]\w*):")
#: As Lucene writes ranges, and words near each other or weighed.
_RANGE = re.compile(r"[\[{]\s*\S+\s+TO\s+[^\s\]}]+\s*[\]}]")
_AFTER_QUOTATION = re.compile(r"(?:~[0-9]*|\^[0-9.]*|\*)+(?=[\s()]|$)")
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


def noted(code: str, at: At, problem: str, taken: str, hint: str = "") -> Note:
    """A note that ``problem``, so ``taken``; neither ends in a full stop."""
    return Note(code, f"{problem}, so {taken}.{hint}", at.start, at.end, f"{problem}.{hint}")


def read(text: str, fields: frozenset[str]) -> tuple[GroupPiece, list[Note]]:
    """The syntax tree and the notes made on the way.

    Args:
        fields: lower-case names that a colon may follow; anything else before a colon is text.
    """
    notes: list[Note] = []
    if len(text) > MAX_CHARACTERS:
        problem = f"The query has more than {MAX_CHARACTERS:,} characters"
        at = At(MAX_CHARACTERS, len(text))
        notes.append(noted("too-long", at, problem, "only those were read"))
        text = text[:MAX_CHARACTERS]
    whole = not notes
    lexemes = _lexemes(text, fields, notes)
    if len(lexemes) > MAX_CLAUSES:
        at = At(lexemes[MAX_CLAUSES].at.start, len(text))
        problem = f"The query has more than {MAX_CLAUSES:,} parts"
        notes.append(noted("too-long", at, problem, "only those were read"))
        lexemes = lexemes[:MAX_CLAUSES]
        whole = False
    parser = _Parser(text, lexemes, notes, whole=whole)
    return parser.root(), notes


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
            problem = f"The quotation mark {char} at character {here + 1} closes nothing"
            notes.append(noted("stray-quote", At(here, here + 1), problem, "it was left out"))
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
        problem = f"{_from(text, here)} opens a quotation that is not closed"
        taken = "its words were taken as words"
        notes.append(noted("unclosed-quote", At(here, len(text)), problem, taken))
        return here + 1
    content = text[here + 1 : end]
    mark = _AFTER_QUOTATION.match(text, end + 1)
    if content.strip():
        found.append(_Lexeme(_Kind.PHRASE, content, At(here, end + 1)))
        if mark:
            problem = f"{mark[0]} after a quotation has no meaning here"
            at = At(mark.start(), mark.end())
            notes.append(noted("unknown-mark", at, problem, "it was left out"))
            return mark.end()
    else:
        problem = f"The quotation at character {here + 1} is empty"
        notes.append(noted("empty-phrase", At(here, end + 1), problem, "it was left out"))
    return end + 1


def _word(text: str, here: int, fields: frozenset[str], found: list[_Lexeme]) -> int:
    named = _FIELD.match(text, here)
    if named and named[1].lower() in fields:
        found.append(_Lexeme(_Kind.FIELD, named[1].lower(), At(here, named.end())))
        return named.end()
    between = _RANGE.match(text, here)
    if between:
        # One piece, so that it is noted, and left out by date:, as a whole.
        found.append(_Lexeme(_Kind.WORD, between[0], At(here, between.end())))
        return between.end()
    boundary = _WORD_END.search(text, here)
    end = boundary.start() if boundary else len(text)
    word = text[here:end]
    found.append(_Lexeme(_OPERATORS.get(word, _Kind.WORD), word, At(here, end)))
    return end


def _lone(operator: str, at: At) -> Note:
    return noted("lone-operator", at, f"{operator} stands alone", "it was left out")


def _from(text: str, here: int) -> str:
    """What the query says from ``here`` on, in short and in quotation marks."""
    shown = " ".join(text[here : here + _SHOWN].split())
    return f"“{shown}{'…' if here + _SHOWN < len(text) else ''}”"


def _up_to(text: str, end: int) -> str:
    shown = " ".join(text[max(0, end - _SHOWN) : end].split())
    return f"“{'…' if end > _SHOWN else ''}{shown}”"


@dataclass(slots=True)
class _Parser:
    """Recursive descent; ``here`` is the next lexeme.

    Attributes:
        whole: whether the query was read to its end, so that what is not closed was not.
    """

    text: str
    lexemes: list[_Lexeme]
    notes: list[Note]
    whole: bool
    here: int = 0
    depth: int = 0
    too_deep: bool = False

    def root(self) -> GroupPiece:
        pieces: list[Piece] = []
        while self.here < len(self.lexemes):
            pieces.extend(self._sequence())
            if self.here < len(self.lexemes):
                at = self.lexemes[self.here].at
                problem = f"{_up_to(self.text, at.end)} ends in a bracket that closes nothing"
                self.notes.append(noted("stray-bracket", at, problem, "it was left out"))
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
        """Signs before one thing, any number of them: two negations take each other away."""
        first = self._peek()
        negations, ahead = 0, first
        while ahead is not None and ahead.kind in _PREFIXES:
            negations += ahead.kind is not _Kind.PLUS
            last = ahead
            self.here += 1
            ahead = self._peek()
        if ahead is None or ahead.kind in (_Kind.CLOSE, _Kind.AND, _Kind.OR):
            if ahead is not first:
                self.notes.append(_lone(last.text, last.at))
            return None
        child = self._primary(ahead)
        if child is None or ahead is first:
            return child
        return NotPiece(child) if negations % 2 else MustPiece(child)

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
            problem = f"{ahead.text}: has nothing after it"
            self.notes.append(noted("empty-field", ahead.at, problem, "it was left out"))
            return None
        child = self._primary(after)
        return None if child is None else FieldPiece(ahead.text, child, ahead.at)

    def _group(self, opening: _Lexeme) -> Piece | None:
        self.depth += 1
        if self.depth == MAX_DEPTH:
            self._flatten()
        children = self._sequence()
        self.depth -= 1
        if self._peek() is not None:
            self.here += 1
        elif self.whole and not self.depth:
            # Those within it are not closed either, which needs no saying.
            problem = f"{_from(self.text, opening.at.start)} opens a bracket that is not closed"
            taken = "the bracket was left out"
            self.notes.append(noted("unclosed-bracket", opening.at, problem, taken))
        return GroupPiece(tuple(children)) if children else None

    def _flatten(self) -> None:
        """Take the brackets out of the group that begins here; what stands in them stays.

        A field before a bracket goes with it.
        """
        kept: list[_Lexeme] = []
        inner, here = 0, self.here
        for here in range(self.here, len(self.lexemes)):
            lexeme = self.lexemes[here]
            if lexeme.kind is _Kind.CLOSE and not inner:
                break
            if lexeme.kind is _Kind.CLOSE:
                inner -= 1
            elif lexeme.kind is _Kind.OPEN:
                inner += 1
                if kept and kept[-1].kind is _Kind.FIELD and kept[-1].at.end == lexeme.at.start:
                    kept.pop()
                if not self.too_deep:
                    self.too_deep = True
                    problem = f"There are more than {MAX_DEPTH} levels of brackets"
                    taken = "deeper ones were left out, with the fields before them"
                    self.notes.append(noted("too-deep", lexeme.at, problem, taken))
            else:
                kept.append(lexeme)
        else:
            here = len(self.lexemes)
        self.lexemes[self.here : here] = kept
