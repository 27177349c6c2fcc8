"""What a search box offers while somebody types: authors, topics and titles.

Any word of a name, a topic or a title may begin with what was typed; case and accents are
folded. What is offered is what the reader can see, so a reader that is limited to some
articles offers nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from byline.analysis import Form, terms
from byline.engines.base import (
    Collection,
    FacetWanted,
    Listed,
    Matching,
    Order,
    Reader,
    ResultSet,
)
from byline.query.tree import And, Node, Phrase, Prefix, TextField, ValueField

#: Titles that are looked through for each one that is offered.
_TITLES_READ = 2
_VALUES_READ = 50


class CompletionKind(StrEnum):
    AUTHOR = "author"
    TOPIC = "topic"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that what was typed may become.

    Attributes:
        text: the author, the topic or the title, as it is written.
        articles: how many have it (1 for a title).
        article_id: a title's article.
    """

    kind: CompletionKind
    text: str
    articles: int
    article_id: str | None = None


def complete(reader: Reader, prefix: str, limit: int = 8) -> tuple[Completion, ...]:
    """Up to ``limit`` completions: authors and topics by how much they wrote or hold, then
    titles, the newest first; of each kind, those that begin so before those that hold a word
    that does. Each kind has room for some where there are any.

    Returns:
        nothing where ``prefix`` holds no word.
    """
    typed = terms(prefix, Form.EXACT)
    if not typed or limit <= 0:
        return ()
    authors = _values(reader, ValueField.AUTHOR, CompletionKind.AUTHOR, typed)
    topics = _values(reader, ValueField.TOPIC, CompletionKind.TOPIC, typed)
    titles = _titles(reader, typed, limit)
    return _shared_out((authors, topics, titles), limit)


def _begins(field: TextField, typed: list[str]) -> Node:
    """The whole words as a phrase, the last as the beginning of one."""
    last = Prefix(typed[-1], field)
    return last if len(typed) == 1 else And((Phrase(" ".join(typed[:-1]), field), last))


def _place(text: str, typed: list[str]) -> int | None:
    """At which word of ``text`` that which was typed stands, if it does."""
    words = terms(text, Form.EXACT)
    *whole, last = typed
    for place in range(len(words) - len(whole)):
        end = place + len(whole)
        if words[place:end] == whole and words[end].startswith(last):
            return place
    return None


def _values(
    reader: Reader, field: ValueField, kind: CompletionKind, typed: list[str]
) -> list[Completion]:
    condition = _begins(TextField(field.value), typed)
    wanted = Collection(ResultSet(Matching(condition)), facets=(FacetWanted(field, _VALUES_READ),))
    rows = reader.collect(wanted).facets[field].values
    return _best_first(
        (Completion(kind, row.value, row.count) for row in rows),
        typed,
    )


def _titles(reader: Reader, typed: list[str], limit: int) -> list[Completion]:
    condition = _begins(TextField.TITLE, typed)
    page = Listed(Order.NEWEST, 0, limit * _TITLES_READ)
    found = reader.collect(Collection(ResultSet(Matching(condition)), page)).articles
    return _best_first(
        (
            Completion(CompletionKind.TITLE, one.stored.article.title, 1, one.stored.article.id)
            for one in found
        ),
        typed,
    )


def _best_first(offered: Iterable[Completion], typed: list[str]) -> list[Completion]:
    placed = [(_place(one.text, typed), one) for one in offered]
    fitting = [(place, one) for place, one in placed if place is not None]
    return [one for _, one in sorted(fitting, key=lambda pair: pair[0] > 0)]


def _shared_out(kinds: tuple[list[Completion], ...], limit: int) -> tuple[Completion, ...]:
    """Room for each kind in turn until all is taken; grouped by kind."""
    room = [0] * len(kinds)
    while sum(room) < limit and any(taken < len(of) for taken, of in zip(room, kinds, strict=True)):
        for place, of in enumerate(kinds):
            if room[place] < len(of) and sum(room) < limit:
                room[place] += 1
    return tuple(one for taken, of in zip(room, kinds, strict=True) for one in of[:taken])
