"""What an indexing run did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter

from indexer.sources import Noted, Rejected


@dataclass(frozen=True, slots=True)
class Copy:
    """A record with the text of the article ``article_id``, which remembers it."""

    source: str
    record: str
    article_id: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every record that was read is in exactly one of ``added``, ``updated``, ``unchanged``,
    ``duplicates`` and ``rejected``.

    Attributes:
        duplicates: records with the text of another article, which remembers them; ``copies``
            names each.
        removed: articles that no source holds any more.
        notes: records that were kept though something about them was not as it should be.
        unused_fields: names of fields that nothing was made of, with their counts.
        passages: how many were written.
        unpruned: sources that nothing was removed from, since they were not read to the end.
        interrupted: whether the run was stopped; running it again continues.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    copies: tuple[Copy, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Noted, ...] = ()
    unused_fields: dict[str, int] = field(default_factory=dict)
    passages: int = 0
    seconds: float = 0.0
    unpruned: tuple[str, ...] = ()
    interrupted: bool = False


class Tally:
    """A report in the making. Counts of a batch count only once it is committed."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self._committed: Counter[str] = Counter()
        self._batch: Counter[str] = Counter()
        self._copies: list[Copy] = []
        self._batch_copies: list[Copy] = []
        self.rejected: list[Rejected] = []
        self.notes: list[Noted] = []
        self.unused: Counter[str] = Counter()
        self.unpruned: list[str] = []

    def count(self, what: str, number: int = 1) -> None:
        self._batch[what] += number

    def copy(self, copy: Copy) -> None:
        self._batch_copies.append(copy)

    def commit(self) -> None:
        self._committed.update(self._batch)
        self._batch.clear()
        self._copies += self._batch_copies
        self._batch_copies.clear()

    def committed(self, what: str) -> int:
        return self._committed[what]

    def report(self, *, interrupted: bool = False) -> Report:
        counts = self._committed
        return Report(
            added=counts["added"],
            updated=counts["updated"],
            unchanged=counts["unchanged"],
            removed=counts["removed"],
            duplicates=len(self._copies),
            copies=tuple(self._copies),
            rejected=tuple(self.rejected),
            notes=tuple(self.notes),
            unused_fields=dict(self.unused.most_common()),
            passages=counts["passages"],
            seconds=perf_counter() - self._started,
            unpruned=tuple(self.unpruned),
            interrupted=interrupted,
        )
