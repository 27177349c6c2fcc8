"""The archive as it was at one commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from byline.analysis import fold
from byline.engines.base import (
    ByKeys,
    Candidates,
    Collected,
    Collection,
    Finding,
    Key,
    LedgerEntry,
    Listed,
    Matching,
    Order,
    PageArticle,
    Retrieval,
    Stats,
    ValueSummary,
)
from byline.engines.bm25 import Rankings
from byline.engines.cosines import cosines
from byline.engines.embedded import schema as names
from byline.engines.embedded import truth
from byline.engines.embedded.failures import guarded, guarded_iterator
from byline.engines.embedded.membership import Membership, membership
from byline.engines.embedded.vector_files import VectorFiles
from byline.engines.embedded.words import WordsSnapshot, as_facet, as_timeline
from byline.errors import NoVectors
from byline.query.tree import Node, TextField, ValueField
from byline.records import Manifest, StoredArticle

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    import numpy as np
    import numpy.typing as npt

    from byline.engines.embedded.scan import Scan


class EmbeddedReader:
    """Reads one SQLite snapshot and the derived indexes that fit it."""

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        manifest: Manifest,
        words: WordsSnapshot,
        vectors: VectorFiles | None,
    ) -> None:
        self.folder = folder
        self._connection = connection
        self._manifest = manifest
        self._words = words
        self._vectors = vectors
        # Not a method of this reader: what refers to itself stays in memory until it is looked for.
        self._rankings = Rankings[int](partial(_weighed, words))
        #: Of the nearest articles that were last retrieved, which are most often asked for.
        self._vectors_read: dict[int, npt.NDArray[np.float16]] = {}

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    @property
    def version(self) -> int:
        return self._words.version

    # Searching.

    @cached_property
    def _members(self) -> Membership:
        """Made by the first question of this kind: to read an article is no search."""
        return membership(self._words)

    @guarded
    def retrieve(self, wanted: Retrieval) -> Candidates:
        # Encoding and scanning let go of the interpreter, so the words leg runs beside them.
        scan = None if wanted.vector is None else self._begun(wanted)
        matching = wanted.matching
        ranked = self._ranked(matching, wanted.depth) if wanted.want_words else []
        total = self._members.total(matching)
        if scan is not None:
            self._members.prepare(matching, _columns(wanted))
        near = [] if scan is None else self._ended(scan, wanted)
        containing = self._members.inside(matching, [num for num, _ in near]) if near else set()
        return Candidates(dict(ranked), total, dict(near), containing)

    def _ranked(self, matching: Matching, depth: int) -> list[tuple[int, float]]:
        if matching.weighed_by is None:
            return self._members.ranked(matching, depth)
        return self._rankings.first(matching, depth)

    def _begun(self, wanted: Retrieval) -> Future[tuple[npt.NDArray[np.float32], Scan]]:
        # Imported here, as below: a search by words alone does without numpy.
        from byline.engines.embedded.neighbours import candidates

        if self._vectors is None:
            raise NoVectors(f"The archive {self.folder} was indexed without vectors.")
        snapshot = self._vectors.snapshot
        places = snapshot.places(wanted.matching.condition, self._words)

        def scan() -> tuple[npt.NDArray[np.float32], Scan]:
            vector = wanted.encoded()
            part = wanted.matching.weighed_by is not None
            return vector, snapshot.scan(vector, places, candidates(wanted.depth), thorough=part)

        return _beside().submit(scan)

    def _ended(
        self, scan: Future[tuple[npt.NDArray[np.float32], Scan]], wanted: Retrieval
    ) -> list[tuple[int, float]]:
        from byline.engines.embedded.neighbours import neighbours

        vector, begun = scan.result()
        near, self._vectors_read = neighbours(self._connection, vector, begun, wanted)
        return near

    @guarded
    def collect(self, wanted: Collection) -> Collected:
        results = wanted.results
        columns = _columns(wanted)
        keys = cast(Sequence[int], results.keys)
        total, counted = self._members.tally(results.matching, keys, columns)
        return Collected(
            total=total,
            articles=self._page(wanted),
            facets={
                facet.field: as_facet(counted[names.spelled(facet.field)], facet)
                for facet in wanted.facets
            },
            timeline=as_timeline(counted[columns[-1]]) if wanted.timeline else None,
        )

    def _page(self, wanted: Collection) -> tuple[PageArticle, ...]:
        match wanted.page:
            case None:
                return ()
            case ByKeys(keys):
                ranked: list[tuple[int, float | None]] = [(cast(int, key), None) for key in keys]
            case Listed() as page:
                ranked = self._listed(wanted, page)
        nums = [num for num, _ in ranked]
        stored = truth.fetch(self._connection, nums, vectors=wanted.vector is not None)
        there = [(num, stored[num], score) for num, score in ranked if num in stored]
        near = cosines([one for _, one, _ in there], wanted.vector)
        return tuple(
            PageArticle(num, one, theirs, score)
            for (num, one, score), theirs in zip(there, near, strict=True)
        )

    def _listed(self, wanted: Collection, page: Listed) -> list[tuple[int, float | None]]:
        words, results = self._words, wanted.results
        skip = cast(Sequence[int], page.skip)
        query = None if results.matching is None else words.compiler.matching(results.matching)
        if page.order is Order.SCORE:
            if results.matching is None or query is None:
                return []
            if results.matching.weighed_by is not None:
                return list(self._rankings.page(results.matching, page))
            rest = words.compiler.but(query, skip)
            return [(num, score) for num, score in words.ranked(rest, page.limit, page.offset)]
        whole = words.compiler.either(query, cast(Sequence[int], results.keys))
        rest = words.compiler.but(whole, skip)
        newest = page.order is Order.NEWEST
        nums = words.ordered(rest, page.limit, page.offset, newest=newest)
        return [(num, None) for num in nums]

    # Reading.

    @guarded
    def vectors(self, keys: Sequence[Key]) -> dict[Key, npt.NDArray[np.float16]]:
        # Imported here, as above.
        from byline.engines.embedded.neighbours import vectors_of

        model = self._manifest.model
        if model is None:
            return {}
        nums, read = cast(Sequence[int], keys), self._vectors_read
        others = [num for num in nums if num not in read]
        found: dict[Key, npt.NDArray[np.float16]] = {n: read[n] for n in nums if n in read}
        found.update(vectors_of(self._connection, others, model.dimension).items())
        return found

    @guarded
    def fetch(self, ids: Sequence[str]) -> dict[str, StoredArticle]:
        nums = truth.nums_of(self._connection, "id", ids, self.version)
        stored = truth.fetch(self._connection, list(nums.values()))
        return {article_id: stored[num] for article_id, num in nums.items()}

    @guarded_iterator
    def scan(self, matching: Matching | None = None) -> Iterator[StoredArticle]:
        wanted = None
        if matching is not None:
            wanted = set(self._words.nums(self._words.compiler.matching(matching)).tolist())
        for chunk in truth.scan_nums(self._connection, self.version):
            nums = chunk if wanted is None else [num for num in chunk if num in wanted]
            stored = truth.fetch(self._connection, nums)
            yield from (stored[num] for num in nums)

    @guarded
    def values(self, field: ValueField, prefix: str = "", limit: int = 0) -> list[ValueSummary]:
        counts = sorted(self._words.counts(field), key=lambda row: (-row[1], row[0]))
        start = fold(prefix)
        if start:
            counts = [row for row in counts if fold(row[0]).startswith(start)]
        chosen = counts[:limit] if limit else counts
        return [self._summary(field, value, count) for value, count in chosen]

    def _summary(self, field: ValueField, value: str, count: int) -> ValueSummary:
        words = self._words
        query = words.compiler.spelled(field, value)
        ends = [
            words.ordered(words.compiler.dated(query), 1, 0, newest=newest)
            for newest in (False, True)
        ]
        dates = [self._date(nums[0]) if nums else None for nums in ends]
        return ValueSummary(value, count, dates[0], dates[1])

    def _date(self, num: int) -> str | None:
        row = self._connection.execute(
            "SELECT json_extract(meta, '$.date') FROM articles WHERE num = ?", (num,)
        ).fetchone()
        return None if row is None else row[0]

    @guarded
    def terms(self, prefix: str, limit: int = 20) -> list[tuple[str, int]]:
        start = fold(prefix)
        if not start:
            return []
        counts: dict[str, int] = {}
        for text_field in (TextField.BODY, TextField.TITLE):
            for term, count in self._words.prefixed(names.exact(text_field), start, limit * 10):
                counts[term] = max(counts.get(term, 0), count)
        ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        return ranked[:limit]

    @guarded_iterator
    def ledger(self, source: str) -> Iterator[LedgerEntry]:
        return truth.ledger(self._connection, source, self.version)

    @guarded
    def fingerprints(self, fingerprints: Sequence[str]) -> dict[str, str]:
        nums = truth.nums_of(self._connection, "fingerprint", fingerprints, self.version)
        ids = truth.ids_of(self._connection, list(nums.values()))
        return {fingerprint: ids[num] for fingerprint, num in nums.items()}

    @guarded
    def stats(self) -> Stats:
        condition = truth.live(self._connection, self.version)
        one = self._connection.execute
        articles, passages = one(
            f"SELECT count(*), coalesce(sum(passages), 0) FROM articles WHERE {condition}"  # noqa: S608
        ).fetchone()
        (sources,) = one(
            "SELECT count(DISTINCT source) FROM origins JOIN articles USING (num) "  # noqa: S608
            f"WHERE {condition}"
        ).fetchone()
        dated = self._words.compiler.dated(self._words.compiler.everything())
        ends = [self._words.ordered(dated, 1, 0, newest=newest) for newest in (False, True)]
        first, last = (self._date(nums[0]) if nums else None for nums in ends)
        return Stats(
            articles=articles,
            passages=passages,
            authors=len(self._words.counts(ValueField.AUTHOR)),
            publications=len(self._words.counts(ValueField.PUBLICATION)),
            sources=sources,
            first=first,
            last=last,
            bytes=_sizes(self.folder),
        )

    @guarded_iterator
    def check(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Finding]:
        from byline.engines.embedded.checking import check

        codes = None if self._vectors is None else self._vectors.snapshot
        return check(self.folder, self._connection, self._manifest, self._words, codes, progress)


def _weighed(
    words: WordsSnapshot, matching: Matching, part: Node, depth: int
) -> list[tuple[int, float]]:
    # Asked for here: only whoever sees a part of the archive has words weighed anew.
    return words.weighing.ranked(matching, part, depth)


def _columns(wanted: Retrieval | Collection) -> list[str]:
    """Of the facets and, last, of the timeline."""
    columns = [names.spelled(facet.field) for facet in wanted.facets]
    return columns + ([names.PERIODS[wanted.timeline.value]] if wanted.timeline else [])


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes on disk by part: the SQLite file (with its log), words, vectors."""
    sizes = {"text and vectors": 0, "words index": 0, "vector index": 0}
    for path in folder.rglob("*"):
        if path.is_file():
            part = path.relative_to(folder).parts[0]
            name = {"words": "words index", "vectors": "vector index"}.get(
                part.split("-")[0], "text and vectors"
            )
            sizes[name] += path.stat().st_size
    return sizes


@cache
def _beside() -> ThreadPoolExecutor:
    """The threads in which queries are encoded; those of a scan are its own."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(thread_name_prefix="byline-meaning")
