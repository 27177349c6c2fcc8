"""Many changes in one request, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from byline.client.failures import refusal
from byline.client.records import Document, Result, sent
from byline.errors import BylineError
from byline.records import Article


@dataclass(frozen=True, slots=True)
class Put:
    """Add an article, or replace it.

    Attributes:
        if_match: the ``etag`` of the version that is to be replaced, and no other.
        only_new: refuse to replace one.
    """

    article: Article
    if_match: str | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an article."""

    article_id: str
    if_match: str | None = None


Change: TypeAlias = Put | Delete


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        etag: of the article as it is now, ``None`` where there is none.
        passages: how many it was cut into.
        error: why it was refused; it is not raised.
    """

    id: str
    result: Result
    etag: str | None
    passages: int | None
    error: BylineError | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of several changes.

    Attributes:
        outcomes: one for each change, in its order.
        version: the archive's, after them.
        searchable: whether a search finds them so already.
    """

    outcomes: tuple[Outcome, ...]
    version: int
    searchable: bool

    @property
    def refused(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if one.error is not None)


def items(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes as the API takes them."""
    return [_item(change) for change in changes]


def _item(change: Change) -> dict[str, Any]:
    match change:
        case Put():
            item = {
                "action": "put",
                "id": change.article.id,
                "article": sent(change.article),
                "if_none_match": "*" if change.only_new else None,
            }
        case Delete():
            item = {"action": "delete", "id": change.article_id}
        case _:
            assert_never(change)
    return {**item, "if_match": change.if_match}


def batch(document: Document) -> Batch:
    outcomes = tuple(_outcome(row) for row in document["items"])
    return Batch(outcomes, document["version"], document["searchable"])


def _outcome(row: Document) -> Outcome:
    told = row["problem"]
    error = None if told is None else refusal(row["status"], told)
    return Outcome(row["id"], Result(row["result"]), row["etag"], row["passages"], error)
