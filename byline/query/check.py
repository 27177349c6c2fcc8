"""A syntax tree into a query: which parts are conditions, which words are free.

At the top level, words, prefixes and fuzzy words are *free*: they rank, and an article needs
one of them at least. Everything else is a *condition* that each result satisfies: quotations,
``+word``, fields, dates, negations, and whatever ``AND`` or ``OR`` joins. Within a condition,
words side by side are all demanded.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import assert_never

from byline.analysis import STOP_WORDS, Form, placed, terms
from byline.errors import BadDate
from byline.query import dates
from byline.query.syntax import (
    AndPiece,
    At,
    FieldPiece,
    GroupPiece,
    MustPiece,
    NotPiece,
    OrPiece,
    PhrasePiece,
    Piece,
    TextPiece,
    noted,
)
from byline.query.tree import (
    NOTHING,
    PROSE_FIELDS,
    And,
    Everything,
    Fuzzy,
    Node,
    Not,
    Note,
    Or,
    Phrase,
    Prefix,
    Query,
    TextField,
    TextNode,
    Word,
)

_DATE_FIELDS = {
    "date": dates.read_range,
    "after": dates.read_after,
    "since": dates.read_after,
    "before": dates.read_before,
}
_ALIASES = {
    "by": TextField.AUTHOR,
    "authors": TextField.AUTHOR,
    "headline": TextField.TITLE,
    "text": TextField.BODY,
    "source": TextField.PUBLICATION,
    "paper": TextField.PUBLICATION,
    "topics": TextField.TOPIC,
    "tag": TextField.TOPIC,
    "lang": TextField.LANGUAGE,
}
_TEXT_FIELDS = {field.value: field for field in TextField} | _ALIASES

#: Every name that may stand before a colon.
FIELD_NAMES = frozenset(_TEXT_FIELDS) | frozenset(_DATE_FIELDS)

_FUZZY = re.compile(r"(.+)~([0-9]*)$", re.DOTALL)
_WEIGHT = re.compile(r"(.+)\^[0-9.]*$", re.DOTALL)
_RANGE = re.compile(r"[\[{].*\sTO\s.*[\]}]$", re.DOTALL)
#: A star that is not the end of a word: of letters, a star, and something after it.
_INNER_STAR = re.compile(r"\*+[\w~]|[\w]\*+\S*\w")
_QUOTED_STAR = re.compile(r"(?<=\w)\*+|\*+(?=\w)")
_UNKNOWN_FIELD = re.compile(r"([^\W\d]\w*):[^/\s]")


class Checker:
    """Checks one query's tree; collects its notes."""

    def __init__(self, text: str, notes: list[Note]) -> None:
        self._text = text
        self.notes = notes
        self._meaning: list[str] = []

    def query(self, root: GroupPiece) -> Query:
        free: list[TextNode] = []
        conditions: list[Node] = []
        for piece in root.children:
            if self._is_free(piece):
                free.extend(self._free(piece))
            else:
                node = self._condition(piece, None, negated=False)
                if node is not None:
                    conditions.append(node)
        words, boosts = _split_stop_words(free)
        if not words and not conditions and self._text.strip():
            # Whoever asks for something wants no list of everything.
            conditions.append(NOTHING)
        return Query(
            text=self._text,
            condition=_all_of(conditions),
            words=words,
            boosts=boosts,
            meaning=" ".join(self._meaning),
            notes=tuple(sorted(set(self.notes), key=lambda note: (note.start, note.end))),
        )

    def _note(self, code: str, at: At, problem: str, taken: str, hint: str = "") -> None:
        self.notes.append(noted(code, at, problem, taken, hint))

    # Free words.

    def _is_free(self, piece: Piece) -> bool:
        match piece:
            case TextPiece():
                return piece.text != "*"
            case GroupPiece():
                return all(self._is_free(child) for child in piece.children)
            case _:
                return False

    def _free(self, piece: Piece) -> list[TextNode]:
        if isinstance(piece, GroupPiece):
            return [node for child in piece.children for node in self._free(child)]
        assert isinstance(piece, TextPiece)  # noqa: S101 - _is_free lets nothing else through
        nodes = self._words(piece, None)
        if nodes:
            self._mean(piece.text)
        return nodes

    def _mean(self, text: str) -> None:
        """Give ``text`` to the semantic leg, without the marks of this language."""
        bare = _WEIGHT.sub(r"\1", text)
        bare = _FUZZY.sub(r"\1", bare).replace("*", " ").strip()
        if bare.strip():
            self._meaning.append(bare)

    # Conditions.

    def _condition(self, piece: Piece, field: TextField | None, *, negated: bool) -> Node | None:
        match piece:
            case TextPiece(text="*"):
                if field is not None:
                    problem = f"Whether an article has any {field.value} cannot be asked"
                    self._note("any-value", piece.at, problem, "* was taken as every article")
                return Everything()
            case TextPiece():
                nodes = self._words(piece, field)
                self._mean_if_prose(piece.text, field, negated=negated or not nodes)
                return _all_of(nodes)
            case PhrasePiece():
                return self._phrase(piece, field, negated=negated)
            case FieldPiece():
                return self._field(piece, field, negated=negated)
            case MustPiece():
                return self._condition(piece.child, field, negated=negated)
            case NotPiece():
                child = self._condition(piece.child, field, negated=True)
                return None if child is None else Not(child)
            case AndPiece() | GroupPiece():
                return _all_of(self._conditions(piece.children, field, negated=negated))
            case OrPiece():
                return _any_of(self._conditions(piece.children, field, negated=negated))
            case _:
                assert_never(piece)

    def _conditions(
        self, pieces: tuple[Piece, ...], field: TextField | None, *, negated: bool
    ) -> list[Node]:
        nodes = (self._condition(piece, field, negated=negated) for piece in pieces)
        return [node for node in nodes if node is not None]

    def _phrase(self, piece: PhrasePiece, field: TextField | None, *, negated: bool) -> Node | None:
        text = _QUOTED_STAR.sub(" ", piece.text)
        if text != piece.text:
            problem = f"A star has no meaning within the quotation “{piece.text}”"
            self._note("quoted-star", piece.at, problem, "it was left out")
            text = " ".join(text.split())
        if not terms(text, Form.EXACT):
            self._note("no-word", piece.at, f"“{piece.text}” holds no word", "it was left out")
            return None
        self._mean_if_prose(text, field, negated=negated)
        return Phrase(text, field)

    def _mean_if_prose(self, text: str, field: TextField | None, *, negated: bool) -> None:
        if not negated and (field is None or field in PROSE_FIELDS):
            self._mean(text)

    def _field(self, piece: FieldPiece, outer: TextField | None, *, negated: bool) -> Node | None:
        if piece.name in _DATE_FIELDS:
            return self._dates(piece)
        field = _TEXT_FIELDS[piece.name]
        if outer is not None and outer is not field:
            problem = f"{piece.name}: stands inside {outer.value}:"
            self._note("nested-field", piece.at, problem, f"only {piece.name}: was heeded")
        return self._condition(piece.child, field, negated=negated)

    def _dates(self, piece: FieldPiece) -> Node | None:
        child = piece.child
        if isinstance(child, TextPiece | PhrasePiece):
            try:
                return _DATE_FIELDS[piece.name](child.text.strip())
            except BadDate as error:
                at = At(piece.at.start, child.at.end)
                taken = f"{self._text[at.start : at.end]} was left out"
                self._note("bad-date", at, error.message.rstrip("."), taken)
                return None
        problem = f"{piece.name}: takes one date or a range of dates"
        self._note("bad-date", piece.at, problem, "it was left out")
        return None

    # Words.

    def _words(self, piece: TextPiece, field: TextField | None) -> list[TextNode]:
        """The nodes of one written word; ``well-known`` is two."""
        text = piece.text
        if field is None and self._names_unknown_field(piece):
            text = text.replace(":", " ")
        text = self._without_unknown_marks(text, piece.at)
        fuzzy = _FUZZY.match(text)
        if fuzzy:
            return self._fuzzy(fuzzy[1], fuzzy[2], piece, field)
        starred = text.endswith("*")
        found = _as_typed(text.rstrip("*"))
        if not found:
            self._note("no-word", piece.at, f"{text} holds no word", "it was left out")
            return []
        nodes: list[TextNode] = [Word(word, field, typed) for word, typed in found]
        if starred:
            nodes[-1] = Prefix(found[-1][0], field, found[-1][1])
        return nodes

    def _without_unknown_marks(self, text: str, at: At) -> str:
        """``text`` without what other query languages have in it and this one does not."""
        weighed = _WEIGHT.match(text)
        if weighed:
            problem = f"{text} weighs a word, which has no meaning here"
            self._note("unknown-mark", at, problem, f"it was taken as {weighed[1]}")
            text = weighed[1]
        if _RANGE.match(text):
            problem = f"{text} is no range here (dates have one: date:2020..2021)"
            self._note("unknown-mark", at, problem, "it was taken as words")
        elif _INNER_STAR.search(text):
            said = " and ".join(f"“{word}”" for word in terms(text, Form.EXACT))
            problem = f"{text} has a star elsewhere than at its end"
            self._note("inner-star", at, problem, f"it was taken as {said or 'no word'}")
        return text

    def _fuzzy(
        self, text: str, wanted: str, piece: TextPiece, field: TextField | None
    ) -> list[TextNode]:
        found = _as_typed(text)
        if not found:
            self._note("no-word", piece.at, f"{piece.text} holds no word", "it was left out")
            return []
        distance = int(wanted) if wanted in ("1", "2") else 1
        if wanted not in ("", "1", "2"):
            problem = f"{piece.text} allows {wanted} letters, and only 1 or 2 can be"
            self._note("bad-distance", piece.at, problem, "1 was taken")
        return [Fuzzy(word, field, distance, typed) for word, typed in found]

    def _names_unknown_field(self, piece: TextPiece) -> bool:
        named = _UNKNOWN_FIELD.match(piece.text)
        if not named:
            return False
        near = get_close_matches(named[1].lower(), sorted(FIELD_NAMES), n=1)
        hint = f" Did you mean {near[0]}:?" if near else ""
        at = At(piece.at.start, piece.at.start + len(named[1]) + 1)
        self._note(
            "unknown-field", at, f"No field is called {named[1]}", "it was taken as words", hint
        )
        return True


def _as_typed(text: str) -> list[tuple[str, str]]:
    """The words of ``text``, in exact form and as they stand there."""
    return [(word, text[start:end]) for word, start, end in placed(text)]


def _split_stop_words(
    free: list[TextNode],
) -> tuple[tuple[TextNode, ...], tuple[TextNode, ...]]:
    """Words that can make a match, and stop words beside them that only add to the score."""
    nodes = tuple(dict.fromkeys(free))
    boosts = tuple(node for node in nodes if isinstance(node, Word) and node.text in STOP_WORDS)
    words = tuple(node for node in nodes if node not in boosts)
    return (words, boosts) if words else (nodes, ())


def _all_of(nodes: list[Node] | list[TextNode]) -> Node | None:
    if not nodes:
        return None
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _any_of(nodes: list[Node]) -> Node | None:
    if not nodes:
        return None
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))
