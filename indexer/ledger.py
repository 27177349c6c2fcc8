"""What the archive has of a source, compared with what the run reads of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from byline.engines.base import LedgerEntry
from byline.records import Article, Origin


class SourceLedger:
    """One source: its records as they were indexed before, and those of this run so far.

    A record stays known by its digest when the lines before it grow or shrink. Memory grows with
    the number of the source's records, not with their texts.

    Attributes:
        waiting: records of which it cannot yet be told whether they are new or changed (see
            :mod:`indexer.resolution`).
    """

    def __init__(self, source: str, entries: Iterable[LedgerEntry]) -> None:
        self._at: dict[str, list[LedgerEntry]] = {}
        for entry in entries:
            if entry.source == source:
                self._at.setdefault(entry.record, []).append(entry)
        self._by_digest: dict[str, list[LedgerEntry]] | None = None
        self._seen: dict[str, str] = {}
        self._refused: set[str] = set()
        self._given_up: set[tuple[str, str]] = set()
        self.waiting: list[Article] = []
        self._characters = 0

    def see(self, origin: Origin) -> None:
        """The run has come to this record."""
        self._seen[origin.record] = origin.sha256

    def keep(self, record: str) -> None:
        """A record that was refused: what was made of it before stays as it is."""
        self._refused.add(record)

    def give_up(self, origin: Origin) -> None:
        """No article has this origin any more."""
        self._given_up.add((origin.record, origin.sha256))

    def is_current(self, origin: Origin) -> bool:
        """Whether the record as this run read it is the one that ``origin`` names."""
        return self._seen.get(origin.record) == origin.sha256

    def wait(self, article: Article) -> int:
        """Characters that wait now."""
        self.waiting.append(article)
        self._characters += len(article.body)
        return self._characters

    def waited(self) -> list[Article]:
        """What waited; it does so no more."""
        articles, self.waiting, self._characters = self.waiting, [], 0
        return articles

    def unchanged(self, origin: Origin) -> LedgerEntry | None:
        """What was made of the record before, if it is as it was, where it was."""
        return next((e for e in self.at(origin.record) if e.sha256 == origin.sha256), None)

    def moved(self, origin: Origin) -> Iterator[LedgerEntry]:
        """The same record in other places, where the run has not found it (yet)."""
        if self._by_digest is None:
            self._by_digest = {}
            for entries in self._at.values():
                for entry in entries:
                    self._by_digest.setdefault(entry.sha256, []).append(entry)
        for entry in self._by_digest.get(origin.sha256, ()):
            if self._is_held(entry) and self._seen.get(entry.record) != entry.sha256:
                yield entry

    def at(self, record: str) -> list[LedgerEntry]:
        """What was made of the place before; more than one article after records have moved."""
        return [entry for entry in self._at.get(record, ()) if self._is_held(entry)]

    def _is_held(self, entry: LedgerEntry) -> bool:
        return (entry.record, entry.sha256) not in self._given_up

    def missing(self) -> Iterator[LedgerEntry]:
        """What this run has not found again, at the end of the source: something else stands in
        its place, or nothing."""
        for record, entries in self._at.items():
            if record not in self._refused:
                for entry in entries:
                    if self._is_held(entry) and self._seen.get(record) != entry.sha256:
                        yield entry

    def has_seen(self, record: str) -> bool:
        return record in self._seen
