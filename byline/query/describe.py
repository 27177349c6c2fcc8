"""A query said back as a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
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
from byline.wording.dates import MONTHS
from byline.wording.numbers import counted

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


#: Of more than so many words or conditions side by side, the rest are counted.
_MOST = 20


def describe(
    query: Query, *, semantic: bool = True, words: bool = True, ranked: bool = True
) -> str:
    """One sentence that says what the query finds.

    Args:
        semantic: whether nearness in meaning is searched.
        words: whether containing the words is enough.
        ranked: whether the best come first; else the articles are in the order of their dates.
    """
    condition = _simplified(query.condition or Everything())
    if condition == NOTHING:
        return "No articles" + (", for nothing in the query could be read." if query.notes else ".")
    conditions = _conditions(condition)
    near = f"close in meaning to “{_cut(query.meaning)}”" if semantic and query.meaning else ""
    containing = _joined(map(_text, query.words), "or", "word") if words or not near else ""
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
    named = containing or (near and not words)
    demanded = ", ".join(conditions)
    sentence = ", ".join(filter(None, [subject, demanded])) if named else f"{subject} {demanded}"
    if ranked and near and not named and conditions:
        return f"{sentence}, those {near} first."
    return f"{sentence.strip()}."


def _simplified(node: Node) -> Node:
    """``node`` without what changes nothing: everything among demands, nothing among choices."""
    match node:
        case Not():
            child = _simplified(node.child)
            return child.child if isinstance(child, Not) else Not(child)
        case And() | Or():
            idle: Node = Everything() if isinstance(node, And) else NOTHING
            ruling: Node = NOTHING if isinstance(node, And) else Everything()
            children = [_simplified(child) for child in node.children]
            if ruling in children:
                return ruling
            kept = tuple(child for child in children if child != idle)
            if len(kept) < 2:
                return kept[0] if kept else idle
            return And(kept) if isinstance(node, And) else Or(kept)
        case _:
            return node


def _conditions(condition: Node) -> list[str]:
    """Each demand as words that can follow “articles”."""
    if condition == Everything():
        return []
    parts = _dates_together(condition.children if isinstance(condition, And) else (condition,))
    said = [_demand(part) for part in parts[:_MOST]]
    if len(parts) > _MOST:
        said.append(f"and {counted(len(parts) - _MOST, 'more condition')}")
    return said


def _dates_together(parts: tuple[Node, ...]) -> list[Node]:
    """``parts`` with one range for several that share some day."""
    ranges = [part for part in parts if isinstance(part, DateRange)]
    first = max((each.first for each in ranges if each.first), default=None)
    last = min((each.last for each in ranges if each.last), default=None)
    if len(ranges) < 2 or (first and last and first > last):
        return list(parts)
    return [*(part for part in parts if not isinstance(part, DateRange)), DateRange(first, last)]


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
        case Not(child=Word() | Phrase() | Prefix() | Fuzzy() as child):
            return f"without {_text(child)}"
        case Not(child=Or() as either) if texts := _texts(either):
            return f"without {_joined(texts, 'or', 'word')}"
        case Not():
            return f"other than those {_demand(node.child)}"
        case And():
            if texts := _texts(node):
                both = "both " if len(texts) == 2 else ""
                return f"with {both}{_joined(texts, 'and', 'word')}"
            return _joined(map(_grouped, node.children), "and", "condition")
        case Or():
            if texts := _texts(node):
                return f"with {_joined(texts, 'or', 'word')}"
            return "either " + _joined(map(_grouped, node.children), "or", "condition")
        case _:
            assert_never(node)


def _texts(node: And | Or) -> list[str]:
    """The words of a node that has nothing else; else none."""
    texts = [
        _text(child) for child in node.children if isinstance(child, Word | Phrase | Prefix | Fuzzy)
    ]
    return texts if len(texts) == len(node.children) else []


def _grouped(node: Node) -> str:
    said = _demand(node)
    return f"({said})" if isinstance(node, And | Or) and not _texts(node) else said


def _text(node: TextNode) -> str:
    match node:
        case Word():
            said = f"“{node.typed or node.text}”"
        case Phrase():
            said = f"the exact phrase “{_cut(node.text)}”"
        case Prefix():
            said = f"a word that begins with “{node.typed or node.text}”"
        case Fuzzy():
            edits = "one letter" if node.distance == 1 else f"{node.distance} letters"
            said = f"a word within {edits} of “{node.typed or node.text}”"
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
    if first.day == 1 and (last.day == 31 or (last + timedelta(days=1)).day == 1):
        months = _month(first), _month(last)
        return months[0] if months[0] == months[1] else f"from {months[0]} to {months[1]}"
    return f"from {_day(first)} to {_day(last)}"


def _day(when: date) -> str:
    return f"{when.day} {_month(when)}"


def _month(when: date) -> str:
    return f"{MONTHS[when.month - 1]} {when.year}"


def _cut(text: str) -> str:
    """``text``, or its first words."""
    words = text.split(maxsplit=_MOST)
    return text if len(words) <= _MOST else " ".join(words[:_MOST]) + " …"


def _joined(parts: Iterable[str], word: str, kind: str) -> str:
    """``a, b and c``, or ``a, b and 3 more words``."""
    said = list(parts)
    if len(said) > _MOST + 1:
        said[_MOST:] = [counted(len(said) - _MOST, f"more {kind}")]
    if len(said) < 2:
        return "".join(said)
    return f"{', '.join(said[:-1])} {word} {said[-1]}"
