"""What a query means: a closed union of frozen nodes.

Engines compile these with ``match`` and :func:`typing.assert_never`; a new kind of node is a
type error in each engine until it is handled.

How a node matches is the same in every engine. Text is cut into Unicode words (UAX #29),
lower-cased, accents folded ("exact" form); stems are Snowball English (Porter2) of those.

==============  =========================================================================
node            an article satisfies it when
==============  =========================================================================
Word            its text has a word with the same stem (title, summary, body, authors; or
                the one field). ``author``, ``publication``, ``topic``, ``section`` and
                ``language`` are compared in exact form, never stemmed
Phrase          its text has the same words, exact form, side by side in one field
Prefix          its text has a word, exact form, that begins so
Fuzzy           its text has a word, exact form, within so many edits (Damerau-Levenshtein)
Value           one of the field's values equals it as a whole, case and accents folded
DateRange       the whole period that its date states lies in the range; undated: no
Everything      always
Not, And, Or    as they say
==============  =========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date
from enum import StrEnum
from typing import TypeAlias, assert_never


class TextField(StrEnum):
    """Fields that can be searched for words. The first three hold prose and are stemmed."""

    TITLE = "title"
    SUMMARY = "summary"
    BODY = "body"
    AUTHOR = "author"
    PUBLICATION = "publication"
    TOPIC = "topic"
    SECTION = "section"
    LANGUAGE = "language"


PROSE_FIELDS = (TextField.TITLE, TextField.SUMMARY, TextField.BODY)
#: Where a word without a field is looked for.
DEFAULT_FIELDS = (TextField.TITLE, TextField.SUMMARY, TextField.BODY, TextField.AUTHOR)


class ValueField(StrEnum):
    """Fields that hold values to filter by and to count (facets)."""

    AUTHOR = "author"
    PUBLICATION = "publication"
    TOPIC = "topic"
    SECTION = "section"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Word:
    """``typed``, of this and others, is how it was written: to say it back, not to compare."""

    text: str
    field: TextField | None = None
    typed: str = _field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    field: TextField | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """``text`` is what stands before the star."""

    text: str
    field: TextField | None = None
    typed: str = _field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    text: str
    field: TextField | None = None
    distance: int = 1
    typed: str = _field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Value:
    field: ValueField
    value: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Inclusive on both sides; ``None`` is open. At least one side is given."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Everything:
    pass


@dataclass(frozen=True, slots=True)
class Not:
    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """Two or more children."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more children."""

    children: tuple[Node, ...]


#: What no article satisfies.
NOTHING = Not(Everything())

TextNode: TypeAlias = Word | Phrase | Prefix | Fuzzy
Node: TypeAlias = TextNode | Value | DateRange | Everything | Not | And | Or


def demands_words(node: Node | None) -> bool:
    """Whether whatever satisfies ``node`` contains some word of it."""
    match node:
        case Word() | Phrase() | Prefix() | Fuzzy():
            return True
        case And():
            return any(map(demands_words, node.children))
        case Or():
            return all(map(demands_words, node.children))
        case None | Value() | DateRange() | Everything() | Not():
            return False
        case _:
            assert_never(node)


def scores(node: Node) -> bool:
    """Whether it adds to the score of an article that satisfies it."""
    match node:
        case Word() | Phrase() | Prefix() | Fuzzy():
            return node.field is None or node.field in PROSE_FIELDS
        case Value() | DateRange() | Everything() | Not():
            return False
        case And() | Or():
            return any(map(scores, node.children))
        case _:
            assert_never(node)


def silenced(node: Node) -> Node:
    """What the same articles satisfy, and what adds nothing to their scores."""
    return Not(Not(node)) if scores(node) else node


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the query that its writer should know.

    ``code`` is stable; ``start`` and ``end`` point into the query's text. ``message`` says what is
    wrong and how it was taken; ``problem`` the former alone, for who refuses such a query.
    """

    code: str
    message: str
    start: int
    end: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read and checked.

    The articles that "contain the words" are those that satisfy ``condition`` and, where there
    are ``words``, at least one of them. ``boosts`` only add to the score.

    Attributes:
        text: as typed.
        condition: what every result satisfies, in every mode; ``None``: nothing is demanded.
        words: free words; an article contains the words when it has at least one of these.
        boosts: free words that say too little to be a match by themselves (stop words beside
            others); they count towards the score alone.
        meaning: what the semantic leg is given: the words without operators; ``""`` where
            there is nothing to embed.
        notes: what was taken otherwise than it was written.
    """

    text: str
    condition: Node | None = None
    words: tuple[TextNode, ...] = ()
    boosts: tuple[TextNode, ...] = ()
    meaning: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def only_conditions(self) -> bool:
        """Whether nothing in it can rank an article: it lists, newest first."""
        return not self.words and not self.meaning
