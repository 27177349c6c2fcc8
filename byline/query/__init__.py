"""The query language: text → syntax tree → checked query → a sentence that says it back.

In every mode: words; ``"exact phrases"``; ``+must``, ``-not``, ``NOT``, ``AND``, ``OR``,
parentheses; ``title:``, ``author:``, ``body:``, ``summary:``, ``publication:``, ``topic:``,
``section:``, ``language:``; ``date:2022``, ``date:2022-07..2022-09``, ``after:``, ``before:``;
``word*``, ``colour~``, ``*`` for everything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from byline.errors import BadQuery
from byline.query.check import FIELD_NAMES, Checker
from byline.query.describe import describe
from byline.query.syntax import read
from byline.query.tree import And, DateRange, Node, Or, Query, Value, ValueField

__all__ = ["describe", "parse", "with_filters"]


def parse(text: str, *, strict: bool = False) -> Query:
    """Read a query. Any text gives one; its notes say what was not taken to the letter.

    Args:
        strict: raise for the first note instead.

    Raises:
        BadQuery: ``strict`` and there is something to note; it points at the place.
    """
    composed = unicodedata.normalize("NFC", text)
    root, notes = read(composed, FIELD_NAMES)
    query = Checker(composed, notes).query(root)
    if strict and query.notes:
        note = query.notes[0]
        message = note.problem or note.message
        raise BadQuery(message, start=note.start, end=note.end, code=f"query-{note.code}")
    return query


def with_filters(
    query: Query, values: Iterable[Value] = (), dates: DateRange | None = None
) -> Query:
    """``query`` with further conditions.

    Several values of one field: any of them; values of several fields: one of each.
    """
    by_field: dict[ValueField, list[Value]] = {}
    for value in values:
        by_field.setdefault(value.field, []).append(value)
    conditions: list[Node] = [] if query.condition is None else [query.condition]
    for alternatives in by_field.values():
        unique = tuple(dict.fromkeys(alternatives))
        conditions.append(unique[0] if len(unique) == 1 else Or(unique))
    if dates is not None:
        conditions.append(dates)
    if not conditions:
        return query
    condition = conditions[0] if len(conditions) == 1 else And(tuple(conditions))
    return replace(query, condition=condition)
