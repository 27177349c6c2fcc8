"""A query said back as a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from byline.query.tree import (
    NOTHING,
    And,
    DateRange,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    TextField,
    TextNode,
    Value,
    ValueField,
    Word,
)

_IN_FIELD = {
    TextField.TITLE: "in the title",
    TextField.SUMMARY: "in the summary",
    TextField.BODY: "in the body",
    TextField.AUTHOR: "in an author’s name",
    TextField.PUBLICATION: "in the publication’s name",
    TextField.TOPIC: "in a topic",
    TextField.SECTION: "in the section",
    TextField.LANGUAGE: "in the language",
}
_VALUE = {
    ValueField.AUTHOR: "by {}",
    ValueField.PUBLICATION: "published in {}",
    ValueField.TOPIC: "on the topic {}",
    ValueField.SECTION: "in the section {}",
    ValueField.LANGUAGE: "in the language {}",
}


def describe(query: Query, *, semantic: bool = True, words: bool = True) -> str:
    """One sentence that says what the query finds.

    Args:
        semantic: whether nearness in meaning is searched.
        words: whether containing the words is enough.
    """
    if _demands_nothing_that_is(query.condition):
        return "No articles" + (", for nothing in the query could be read." if query.notes else ".")
    conditions = _conditions(query.condition)
    near = f"close in meaning to “{query.meaning}”" if semantic and query.meaning else ""
    containing = _either([_text(node) for node in query.words]) if words or not near else ""
    if containing and near:
        subject = f"Articles that contain {containing} or are {near}"
    elif containing:
        subject = f"Articles that contain {containing}"
    elif near and not words:
        subject = f"Articles {near}"
    elif not conditions:
        subject = "All articles"
    else:
        subject = "Articles"
    demanded = ", ".join(conditions)
    named = containing or (near and not words)
    sentence = ", ".join(filter(None, [subject, demanded])) if named else f"{subject} {demanded}"
    if near and not named and conditions:
        return f"{sentence}, those {near} first."
    return f"{sentence.strip()}."


def _conditions(condition: Node | None) -> list[str]:
    """Each demand as words that can follow “articles”."""
    if condition is None or isinstance(condition, Everything):
        return []
    parts = condition.children if isinstance(condition, And) else (condition,)
    return [_demand(part) for part in parts if not isinstance(part, Everything)]


def _demands_nothing_that_is(condition: Node | None) -> bool:
    return condition == NOTHING or (isinstance(condition, And) and NOTHING in condition.children)


def _demand(node: Node) -> str:
    match node:
        case Word() | Phrase() | Prefix() | Fuzzy():
            return f"with {_text(node)}"
        case Value():
            return _VALUE[node.field].format(node.value)
        case DateRange():
            return f"dated {_range(node)}"
        case Everything():
            return "of any kind"
        case Not(child=Not() as inner):
            return _demand(inner.child)
        case Not(child=Word() | Phrase() | Prefix() | Fuzzy() as child):
            return f"without {_text(child)}"
        case Not():
            return f"but not {_grouped(node.child)}"
        case And():
            return _joined([_grouped(child) for child in node.children], "and")
        case Or():
            return "either " + _joined([_grouped(child) for child in node.children], "or")
        case _:
            assert_never(node)


def _grouped(node: Node) -> str:
    said = _demand(node)
    return f"({said})" if isinstance(node, And | Or) else said


def _text(node: TextNode) -> str:
    match node:
        case Word():
            said = f"“{node.text}”"
        case Phrase():
            said = f"the exact phrase “{node.text}”"
        case Prefix():
            said = f"a word that begins with “{node.text}”"
        case Fuzzy():
            edits = "one letter" if node.distance == 1 else f"{node.distance} letters"
            said = f"a word within {edits} of “{node.text}”"
        case _:
            assert_never(node)
    return said if node.field is None else f"{said} {_IN_FIELD[node.field]}"


def _range(node: DateRange) -> str:
    first, last = node.first, node.last
    if first is None:
        return f"up to {_day(last)}" if last else "at any time"
    if last is None:
        return f"from {_day(first)} on"
    if first == last:
        return _day(first)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"from {first.year} to {last.year}"
    return f"from {_day(first)} to {_day(last)}"


def _day(when: date) -> str:
    return f"{when.day} {when:%B} {when.year}"


def _either(parts: Iterable[str]) -> str:
    return _joined(list(parts), "or")


def _joined(parts: list[str], word: str) -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
