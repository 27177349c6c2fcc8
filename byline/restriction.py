"""An engine of which only what satisfies a condition is there.

:class:`RestrictedEngine` wraps another and adds the condition to whatever is asked of it, so that
an :class:`~byline.archive.Archive` over it can be handed to code that knows of no restriction.
What else a reader tells (values, words, counts, sources, fingerprints) is of those articles alone.

Words are weighed by those articles too (``Matching.weighed_by``), so that neither scores nor their
order depend on others. What remains of the whole archive is its version, which grows with every
commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from byline.analysis import fold
from byline.engines.base import (
    ByKeys,
    Candidates,
    Capabilities,
    Collected,
    Collection,
    Engine,
    Facet,
    FacetWanted,
    Finding,
    Key,
    LedgerEntry,
    Listed,
    Matching,
    Order,
    Reader,
    ResultSet,
    Retrieval,
    Stats,
    ValueSummary,
    Writer,
)
from byline.errors import BadQuery, NotAllowed
from byline.query import parse
from byline.query.evaluate import satisfies, values
from byline.query.tree import And, Node, Phrase, TextField, Value, ValueField, silenced
from byline.records import Manifest, ModelIdentity, StoredArticle

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Values of a field that are told at most; the engines count as many.
_MOST_VALUES = 65_000
#: Words that begin alike, of which some may be of other articles alone.
_MOST_WORDS = 2_000
_CHUNK = 500


def read_filter(text: str) -> Node:
    """A filter in the query language, such as ``publication:"The Courier"``.

    Raises:
        BadQuery: it cannot be read to the letter, or has free words, which demand nothing.
    """
    query = parse(text, strict=True)
    if query.condition is None or query.words or query.boosts:
        raise BadQuery(
            f"The filter {text!r} has words that are no condition.",
            end=len(text),
            remedy='Write conditions alone: publication:"The Courier", topic:housing, after:2020.',
        )
    return query.condition


class RestrictedEngine:
    """``engine``, as far as ``condition`` reaches."""

    def __init__(self, engine: Engine, condition: Node) -> None:
        self._engine = engine
        self._condition = condition
        self._counted: tuple[int, _Counts] | None = None
        self._lock = threading.Lock()

    @property
    def capabilities(self) -> Capabilities:
        return self._engine.capabilities

    @property
    def address(self) -> str:
        return self._engine.address

    @contextmanager
    def reader(self) -> Iterator[RestrictedReader]:
        with self._engine.reader() as reader:
            yield RestrictedReader(reader, self._condition, self._counts)

    @contextmanager
    def writer(self) -> Iterator[RestrictedWriter]:
        with self._engine.writer() as writer:
            yield RestrictedWriter(self._engine, writer, self._condition)

    def replace_model(
        self,
        model: ModelIdentity | None,
        articles: Callable[[Iterator[StoredArticle]], Iterator[StoredArticle]],
    ) -> int:
        del model, articles
        raise _of_the_whole()

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        del progress
        raise _of_the_whole()

    def close(self) -> None:
        """Nothing: the engine below is not this one's."""

    def _counts(self, reader: RestrictedReader) -> _Counts:
        """What only a walk tells, which is kept until the archive changes."""
        with self._lock:
            if self._counted is None or self._counted[0] != reader.version:
                sources: set[str] = set()
                passages = 0
                for stored in reader.scan():
                    passages += len(stored.passages)
                    sources.update(origin.source for origin in stored.article.origins)
                self._counted = reader.version, _Counts(passages, len(sources))
            return self._counted[1]


@dataclass(frozen=True, slots=True)
class _Counts:
    passages: int
    sources: int


class RestrictedReader:
    """Articles that do not satisfy the condition are not there.

    Keys are taken only if this reader gave them out: whoever calls has no others, and one that
    was guessed must not show an article.
    """

    def __init__(
        self,
        reader: Reader,
        condition: Node,
        counts: Callable[[RestrictedReader], _Counts],
    ) -> None:
        self._reader = reader
        self._condition = condition
        self._counts = counts
        self._given: set[Key] = set()

    @property
    def manifest(self) -> Manifest:
        return self._reader.manifest

    @property
    def version(self) -> int:
        return self._reader.version

    def retrieve(self, wanted: Retrieval) -> Candidates:
        found = self._reader.retrieve(replace(wanted, matching=self._within(wanted.matching)))
        self._given.update(found.words, found.meaning)
        return found

    def _refuse_others(self, keys: Iterable[Key]) -> None:
        if not self._given.issuperset(keys):
            raise ValueError("a restricted reader was asked for keys that it did not give out")

    def collect(self, wanted: Collection) -> Collected:
        results = wanted.results
        named = set(results.keys)
        if isinstance(wanted.page, ByKeys):
            named.update(wanted.page.keys)
        self._refuse_others(named)
        if results.matching is not None:
            results = replace(results, matching=self._within(results.matching))
        found = self._reader.collect(replace(wanted, results=results))
        self._given.update(article.key for article in found.articles)
        return found

    def vectors(self, keys: Sequence[Key]) -> dict[Key, npt.NDArray[np.float16]]:
        self._refuse_others(keys)
        return self._reader.vectors(keys)

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredArticle]:
        found = self._reader.fetch(ids)
        return {name: stored for name, stored in found.items() if self._has(stored)}

    def scan(self, matching: Matching | None = None) -> Iterator[StoredArticle]:
        return self._reader.scan(self._within(matching or Matching()))

    def values(self, field: ValueField, prefix: str = "", limit: int = 0) -> list[ValueSummary]:
        rows = self._facet(field).values
        start = fold(prefix)
        chosen = [row for row in rows if fold(row.value).startswith(start)]
        return [
            ValueSummary(row.value, row.count, *self._ends(field, row.value))
            for row in (chosen[:limit] if limit else chosen)
        ]

    def terms(self, prefix: str, limit: int = 20) -> list[tuple[str, int]]:
        asked = limit * 4
        while True:
            offered = self._reader.terms(prefix, asked)
            counted = [(word, self._articles_with(word)) for word, _ in offered]
            found = sorted((row for row in counted if row[1]), key=lambda row: (-row[1], row[0]))
            if len(offered) < asked or asked >= _MOST_WORDS:
                return found[:limit]
            # No word has more articles here than in the whole archive, so none that was not
            # offered comes before these: what is chosen does not depend on what others wrote.
            if len(found) >= limit and found[limit - 1][1] > offered[-1][1]:
                return found[:limit]
            asked *= 4

    def ledger(self, source: str) -> Iterator[LedgerEntry]:
        entries = self._reader.ledger(source)
        while chunk := list(islice(entries, _CHUNK)):
            there = self.fetch(list(dict.fromkeys(entry.article_id for entry in chunk)))
            yield from (entry for entry in chunk if entry.article_id in there)

    def fingerprints(self, fingerprints: Sequence[str]) -> dict[str, str]:
        found = self._reader.fingerprints(fingerprints)
        there = self.fetch(list(found.values()))
        return {print_: name for print_, name in found.items() if name in there}

    def stats(self) -> Stats:
        counts = self._counts(self)
        first, last = self._ends(None, "")
        return Stats(
            articles=self._count(Matching()),
            passages=counts.passages,
            authors=self._facet(ValueField.AUTHOR).distinct,
            publications=self._facet(ValueField.PUBLICATION).distinct,
            sources=counts.sources,
            first=first,
            last=last,
            bytes={},
        )

    def check(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Finding]:
        del progress
        raise _of_the_whole()

    def _within(self, matching: Matching) -> Matching:
        # What the filter itself demands ranks nothing.
        demanded = silenced(self._condition)
        condition = _both(demanded, matching.condition)
        return replace(
            matching, condition=condition, weighed_by=_both(demanded, matching.weighed_by)
        )

    def _has(self, stored: StoredArticle) -> bool:
        return satisfies(self._condition, stored.article)

    def _count(self, matching: Matching) -> int:
        return self._reader.collect(Collection(ResultSet(self._within(matching)))).total

    def _articles_with(self, word: str) -> int:
        """As :meth:`byline.engines.base.Reader.terms` counts: in bodies or in titles."""
        return max(
            self._count(Matching(Phrase(word, field)))
            for field in (TextField.BODY, TextField.TITLE)
        )

    def _facet(self, field: ValueField) -> Facet:
        wanted = Collection(
            ResultSet(self._within(Matching())), facets=(FacetWanted(field, _MOST_VALUES),)
        )
        return self._reader.collect(wanted).facets[field]

    def _ends(self, field: ValueField | None, value: str) -> tuple[str | None, str | None]:
        """The earliest and the latest date of the articles with this very value."""
        return (
            self._end(Order.OLDEST, field, value),
            self._end(Order.NEWEST, field, value),
        )

    def _end(self, order: Order, field: ValueField | None, value: str) -> str | None:
        matching = Matching(Value(field, value)) if field else Matching()
        results = ResultSet(self._within(matching))
        offset = 0
        while True:
            # A value is matched with case and accents folded, and counted as it is spelled.
            page = Listed(order, offset, 1 if offset == 0 else _CHUNK)
            articles = self._reader.collect(Collection(results, page)).articles
            for found in articles:
                article = found.stored.article
                if field is None or value in values(article, field):
                    return article.date.isoformat() if article.date else None
            if len(articles) < page.limit:
                return None
            offset += page.limit


class RestrictedWriter:
    """Refuses what does not satisfy the condition, and what would replace such an article."""

    def __init__(self, engine: Engine, writer: Writer, condition: Node) -> None:
        self._engine = engine
        self._writer = writer
        self._condition = condition

    def put(self, articles: Iterable[StoredArticle]) -> None:
        given = list(articles)
        with self._engine.reader() as reader:
            before = reader.fetch([stored.article.id for stored in given])
        for stored in given:
            replaced = before.get(stored.article.id)
            if not self._has(stored) or (replaced is not None and not self._has(replaced)):
                raise NotAllowed(f"The article {stored.article.id!r} may not be written here.")
        self._writer.put(given)

    def delete(self, ids: Iterable[str]) -> int:
        wanted = list(ids)
        with self._engine.reader() as reader:
            before = reader.fetch(wanted)
        there = {name for name, stored in before.items() if self._has(stored)}
        return self._writer.delete(name for name in wanted if name in there)

    def commit(self) -> int:
        return self._writer.commit()

    def _has(self, stored: StoredArticle) -> bool:
        return satisfies(self._condition, stored.article)


def _both(demanded: Node, more: Node | None) -> Node:
    return demanded if more is None else And((demanded, more))


def _of_the_whole() -> NotAllowed:
    return NotAllowed("This concerns the whole archive, of which only a part may be seen here.")
