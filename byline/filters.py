"""Filters (an author, a topic, dates) as conditions of a query, as people write them.

The same for the command line's options and for the API's parameters; only how these are named in
sentences differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from byline.analysis import fold
from byline.engines.base import Matching, Reader, Retrieval, ValueSummary
from byline.errors import BadDate, BadQuery
from byline.query import parse, with_filters
from byline.query.tree import (
    And,
    DateRange,
    Node,
    Note,
    Or,
    Phrase,
    Query,
    TextField,
    Value,
    ValueField,
    Word,
)

#: Values offered where the one that was asked for is not there.
_SUGGESTED = 3
_OF_VALUES = {TextField(field) for field in ValueField}


#: How a filter is called in a sentence.
Naming = Callable[[str], str]


def narrowed(
    query: Query,
    reader: Reader,
    values: Mapping[ValueField, Sequence[str]],
    after: str | None,
    before: str | None,
    *,
    named: Naming = str,
) -> Query:
    """``query`` under the filters too: one of the values of each field, within the dates.

    A value that no article has is taken as those that contain its words, if there are any;
    a note says so, or names what is near. What the query itself asks of a field (``author:pel``)
    and no article has gets the same note.

    Args:
        named: the option or parameter from its bare name, such as ``author``.

    Raises:
        BadDate: ``after`` or ``before`` is no date.
    """
    chosen: list[Value] = []
    notes = _unknown(reader, query)
    for field, wanted in values.items():
        for text in wanted:
            if not text.strip():
                # A script's variable that is not set, say.
                message = f"{named(field.value)} is empty, so it was left out."
                notes.append(Note("empty-filter", message, 0, 0))
                continue
            found, note = _resolve(reader, field, text, named)
            chosen += found
            notes += note
    query = with_filters(query, chosen, _between(after, before, named))
    return replace(query, notes=(*query.notes, *notes))


def _resolve(
    reader: Reader, field: ValueField, text: str, named: Naming
) -> tuple[list[Value], list[Note]]:
    exact = Retrieval(Matching(Value(field, text)), want_words=False)
    if reader.retrieve(exact).words_total:
        return [Value(field, text)], []
    known = reader.values(field)
    folded = fold(text)
    words = folded.split()
    containing = [row for row in known if words and _contains(fold(row.value).split(), words)]
    if containing:
        names = [row.value for row in containing]
        shown = ", ".join(names[:_SUGGESTED])
        if len(names) > _SUGGESTED:
            shown += f" and {len(names) - _SUGGESTED} more"
        note = Note("filter-widened", f"{named(field.value)} {text}: taken as {shown}.", 0, 0)
        return [Value(field, name) for name in names], [note]
    return [Value(field, text)], [_unknown_value(field, text, known)]


def _unknown_value(field: ValueField, text: str, known: Iterable[ValueSummary]) -> Note:
    near = nearest(text, (row.value for row in known))
    message = f"No article has the {field} {text!r}."
    if near:
        message += f" Did you mean {' or '.join(near)}?"
    return Note("unknown-value", message, 0, 0)


def _unknown(reader: Reader, query: Query) -> list[Note]:
    """A note for each word or phrase that the query wants in a field of values and that stands in
    no article's."""
    notes = []
    for node in dict.fromkeys(_wanted(query.condition)):
        field = ValueField(node.field) if node.field else None
        alone = Retrieval(Matching(node), want_words=False)
        if field and not reader.retrieve(alone).words_total:
            notes.append(_unknown_value(field, _typed(node), reader.values(field)))
    return notes


def _typed(node: Word | Phrase) -> str:
    return (isinstance(node, Word) and node.typed) or node.text


def _wanted(node: Node | None) -> Iterator[Word | Phrase]:
    match node:
        case And() | Or():
            for child in node.children:
                yield from _wanted(child)
        case Word() | Phrase() if node.field in _OF_VALUES:
            yield node
        case _:
            return


def _contains(words: list[str], wanted: list[str]) -> bool:
    """Whether ``wanted`` stands side by side in ``words``, dots and commas aside."""
    bare = [word.strip(".,;:'\"()") for word in words]
    looked = [word.strip(".,;:'\"()") for word in wanted]
    length = len(looked)
    return any(bare[place : place + length] == looked for place in range(len(bare) - length + 1))


def nearest(text: str, known: Iterable[str], count: int = _SUGGESTED) -> list[str]:
    """Known values most like ``text``, as a whole or in one of their words."""
    by_form: dict[str, str] = {}
    for value in known:
        form = fold(value)
        for key in (form, *form.split()):
            if len(key) > 2:
                by_form.setdefault(key, value)
    near = get_close_matches(fold(text), by_form, n=count * 2, cutoff=0.7)
    return list(dict.fromkeys(by_form[form] for form in near))[:count]


def _between(after: str | None, before: str | None, named: Naming) -> DateRange | None:
    first = _dated("after", after, named).first if after else None
    last = _dated("before", before, named).last if before else None
    if first is not None and last is not None and first > last:
        raise BadDate(
            f"Nothing lies after {after} and before {before}.",
            remedy=f"{named('after')} is from then on, {named('before')} up to then: let the "
            "second be later.",
        )
    return None if first is None and last is None else DateRange(first, last)


def _dated(word: str, text: str, named: Naming) -> DateRange:
    """As the query language reads ``after:`` and ``before:``."""
    try:
        condition = parse(f"{word}:{text.strip()}", strict=True).condition
    except BadQuery as error:
        raise BadDate(f"{named(word)} {text!r} is no date.") from error
    if not isinstance(condition, DateRange):
        raise BadDate(f"{named(word)} {text!r} is no date.")
    return condition


def matching_values(rows: Iterable[ValueSummary], beginning: str) -> list[ValueSummary]:
    """Rows in whose value a word begins with ``beginning``, case and accents folded."""
    folded = fold(beginning)
    return [
        row
        for row in rows
        if fold(row.value).startswith(folded) or f" {folded}" in f" {fold(row.value)}"
    ]
