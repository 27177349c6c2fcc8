"""The Tantivy index: words, values and dates. Derived; made anew from SQLite when lost."""

from __future__ import annotations

import atexit
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import tantivy
from tantivy import DocAddress, Order, Query, Searcher

from byline.engines.base import Facet, FacetCount, FacetWanted, Timeline, TimelineBin
from byline.engines.embedded import schema as names
from byline.engines.embedded.compile import Compiler
from byline.query.tree import ValueField
from byline.records import Article

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from byline.engines.embedded.sets import Sets
    from byline.engines.embedded.weighing import Weighing

FOLDER = f"words-{names.VERSION}"

#: Searches of one commit after which :class:`Sets` pay for being made.
ASKED_BEFORE_SETS = 3
#: Tantivy refuses aggregations with more buckets in all.
_MOST_BUCKETS = 60_000
_HEAP = 128_000_000

#: Under this a tally counts the articles without any value. No value is so.
MISSING = "\0"
#: Column → value → in how many articles.
Tally: TypeAlias = dict[str, "Counter[str]"]


def open_index(folder: Path) -> tantivy.Index:
    """The index below the archive's ``folder``; raises ValueError where there is none."""
    path = folder / FOLDER
    try:
        return _opened(path)
    except ValueError as error:
        if "Lockfile" not in str(error):
            raise
    # Imported here: hardly any search comes to it.
    import shutil
    import tempfile

    # Tantivy wants to write a lock even to read; where it may not, it does so beside links.
    links = Path(tempfile.mkdtemp(prefix="byline-words-"))
    atexit.register(shutil.rmtree, links, ignore_errors=True)
    for file in path.resolve().iterdir():
        if not file.name.endswith(".lock"):
            (links / file.name).symlink_to(file)
    return _opened(links)


def _opened(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    names.register_analyzers(index)
    index.config_reader("manual")
    return index


def create_index(path: Path) -> tantivy.Index:
    """A new, empty index in the folder ``path``."""
    path.mkdir()
    index = tantivy.Index(names.build_schema(), path=str(path))
    names.register_analyzers(index)
    return index


class WordsWriter:
    """Adds and deletes; all of it becomes visible at :meth:`commit`.

    Which commit the index has seen stands with the last article of a commit. A document of its own
    would count as an article in BM25's lengths and frequencies, as all that were ever deleted do
    until their segments are merged; only a commit that adds nothing leaves one.
    """

    def __init__(self, index: tantivy.Index) -> None:
        # Each thread leaves a segment at each commit, and a search asks every segment.
        self._writer = index.writer(_HEAP, 1)
        self._schema = index.schema
        self._last: tuple[int, tantivy.Document] | None = None

    def add(self, num: int, article: Article) -> None:
        """Tantivy works on it at once, on a thread of its own."""
        if self._last is not None:
            self._pass_on(self._last[1])
        self._last = num, names.document(num, article)

    def _pass_on(self, document: tantivy.Document) -> None:
        try:
            self._writer.add_document(document)
        except ValueError:
            # Tantivy says here only that its thread has ended; when it commits, it says of what.
            self._writer.commit()
            raise

    def delete(self, nums: Iterable[int]) -> None:
        """Also of what was added since the last commit."""
        gone = list(nums)
        if self._last is not None and self._last[0] in gone:
            self._last = None
        # By query: tantivy-py's deletion by term takes every number as signed, and finds none.
        if gone:
            query = Query.term_set_query(self._schema, names.NUM, gone)
            self._writer.delete_documents_by_query(query)

    def commit(self, version: int) -> None:
        self._writer.delete_documents_by_term(names.KIND, "state")
        last = self._last[1] if self._last else names.state_document()
        last.add_unsigned(names.STATE_VERSION, version)
        self._pass_on(last)
        self._last = None
        self._writer.commit()

    def clear(self) -> None:
        """Removes files of a commit that failed: Tantivy would not write them a second time."""
        self._writer.garbage_collect_files()

    def close(self) -> None:
        """Drops what was not committed; waits for segments to be merged."""
        self._last = None
        self._writer.rollback()
        self._writer.wait_merging_threads()


class WordsSnapshot:
    """The index as one commit left it."""

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self.searcher: Searcher = index.searcher()
        self.compiler = Compiler(index.schema)
        self.version = self._version()
        self._wholes: Tally = {}
        self._asked = 0
        self._sets: Sets | None = None

    @cached_property
    def weighing(self) -> Weighing:
        # Imported here: only whoever sees a part of the archive needs it.
        from byline.engines.embedded.weighing import Weighing

        return Weighing(self)

    def sets(self) -> Sets | None:
        """What serves a search better, once some searches have been made of this commit."""
        self._asked += 1
        if self._sets is None and self._asked > ASKED_BEFORE_SETS:
            # Asking for each of very many names would take long.
            columns = [*map(names.spelled, ValueField), *names.PERIODS.values()]
            if sum(len(self._whole(name)) for name in columns) <= _MOST_BUCKETS:
                from byline.engines.embedded.sets import Sets

                self._sets = Sets(self)
        return self._sets

    def _version(self) -> int:
        latest = {"latest": {"max": {"field": names.STATE_VERSION}}}
        answer: Any = self.searcher.aggregate(Query.all_query(), latest)
        value = answer["latest"]["value"]
        return int(value) if value is not None else -1

    def count(self, query: Query) -> int:
        return int(self.searcher.search(query, 1, count=True).count)  # type: ignore[attr-defined]

    def ranked(self, query: Query, limit: int, offset: int = 0) -> list[tuple[int, float]]:
        """(number, score) by falling score."""
        if limit <= 0:
            return []
        return self._scored(self.searcher.search(query, limit, count=False, offset=offset).hits)

    def seen(self, query: Query, limit: int, length: str) -> list[tuple[int, float, int]]:
        """Number, score (none is 0) and the column ``length`` of up to ``limit`` articles."""
        if limit <= 0:
            return []
        hits = self.searcher.search(query, limit, count=False).hits
        addresses = [address for _, address in hits]
        lengths = cast(list[int], self.searcher.fast_field_values(length, addresses))
        return [
            (num, score, words)
            for num, (score, _), words in zip(self._nums(addresses), hits, lengths, strict=True)
            if score
        ]

    def explained(self, query: Query) -> Any:
        """How some article comes to its score; ``None`` where none matches."""
        hits = self.searcher.search(query, 1, count=False).hits
        return json.loads(query.explain(self.searcher, hits[0][1]).to_json()) if hits else None

    def counted_and_ranked(self, query: Query, limit: int) -> tuple[int, list[tuple[int, float]]]:
        """What :meth:`count` and :meth:`ranked` say, in one pass over what matches."""
        found = self.searcher.search(query, max(limit, 1), count=True)
        return int(found.count), self._scored(found.hits[:limit])  # type: ignore[attr-defined]

    def _scored(self, hits: list[Any]) -> list[tuple[int, float]]:
        nums = self._nums([address for _, address in hits])
        return [(num, score) for num, (score, _) in zip(nums, hits, strict=True)]

    def ordered(self, query: Query, limit: int, offset: int, *, newest: bool) -> list[int]:
        """Numbers by date."""
        if limit <= 0:
            return []
        hits = self.searcher.search(
            query,
            limit,
            count=False,
            offset=offset,
            order_by_field=names.NEWEST if newest else names.OLDEST,
            order=Order.Desc if newest else Order.Asc,
        ).hits
        return self._nums([address for _, address in hits])

    def nums(self, query: Query, most: int | None = None) -> npt.NDArray[np.int64]:
        """int64: every article that matches, in no order.

        Args:
            most: no more than so many match, where that is known without counting.
        """
        # Imported here: a single search by words does without.
        import numpy as np

        return np.array(self._matching(query, most), np.int64)

    def _matching(self, query: Query, most: int | None = None) -> list[int]:
        limit = self.count(query) if most is None else most
        if not limit:
            return []
        hits = self.searcher.search(query, limit, count=False).hits
        return self._nums([address for _, address in hits])

    def digests(self) -> dict[int, int]:
        """Every article's number, and the digest of what was indexed of it."""
        limit = max(self.searcher.num_docs, 1)
        hits = self.searcher.search(self.compiler.everything(), limit, count=False).hits
        addresses = [address for _, address in hits]
        found = self.searcher.fast_field_values(names.DIGEST, addresses)
        return dict(zip(self._nums(addresses), map(int, found), strict=True))  # type: ignore[arg-type]

    def values_of(self, column: str) -> list[str]:
        """Every value of a column over the whole archive."""
        return [value for value in self._whole(column) if value != MISSING]

    def among(self, query: Query, nums: Sequence[int]) -> set[int]:
        """Those of ``nums`` that match."""
        if not nums:
            return set()
        return set(self._matching(self.compiler.among(query, nums), len(nums)))

    def _nums(self, addresses: list[DocAddress]) -> list[int]:
        values = self.searcher.fast_field_values(names.NUM, addresses)
        return [int(value) for value in values if value is not None]

    def tally(self, query: Query, total: int, columns: Sequence[str]) -> Tally:
        """How often each value of ``columns`` stands in what matches.

        Args:
            total: how many articles ``query`` matches. Of more than half of the archive, those
                that do not match are counted, and taken from the whole.
        """
        if not columns:
            return {}
        if 2 * total <= self.searcher.num_docs:
            return self._tally_all(query, columns)
        rest = self._tally_all(self.compiler.not_matching(query), columns)
        return {name: self._whole(name) - rest[name] for name in columns}

    def _tally_all(self, query: Query, columns: Sequence[str]) -> Tally:
        """In one request, unless that could be more buckets than Tantivy allows."""
        if sum(len(self._whole(name)) for name in columns) <= _MOST_BUCKETS:
            return self._tally(query, columns)
        return {name: self._tally(query, [name])[name] for name in columns}

    @staticmethod
    def nothing(columns: Sequence[str]) -> Tally:
        return {name: Counter() for name in columns}

    def _whole(self, column: str) -> Counter[str]:
        if column not in self._wholes:
            self._wholes |= self._tally(self.compiler.everything(), [column])
        return self._wholes[column]

    def counts(self, field: ValueField) -> list[tuple[str, int]]:
        """Every value of a field over the whole archive."""
        whole = self._whole(names.spelled(field))
        return [(value, whole[value]) for value in self.values_of(names.spelled(field))]

    def prefixed(self, name: str, prefix: str, limit: int) -> Sequence[tuple[str, int]]:
        return self.searcher.terms_with_prefix(name, prefix, limit=limit)

    def tally_of(self, nums: Sequence[int], columns: Sequence[str]) -> Tally:
        """The same of these articles, which are all there; few enough for one pass."""
        return self._tally(self.compiler.either(None, nums), columns) if columns else {}

    def _tally(self, query: Query, columns: Sequence[str]) -> Tally:
        wanted: dict[str, Any] = {
            name: {
                "terms": {
                    "field": name,
                    "size": _MOST_BUCKETS,
                    "segment_size": _MOST_BUCKETS,
                    "missing": MISSING,
                }
            }
            for name in columns
        }
        answer: Any = self.searcher.aggregate(query, wanted)
        return {
            name: Counter({row["key"]: row["doc_count"] for row in answer[name]["buckets"]})
            for name in columns
        }


def as_facet(counted: Counter[str], wanted: FacetWanted) -> Facet:
    missing = counted[MISSING]
    rows = nsmallest(
        wanted.size,
        ((-count, value) for value, count in counted.items() if value != MISSING),
    )
    distinct = len(counted) - (MISSING in counted)
    return Facet(tuple(FacetCount(value, -count) for count, value in rows), distinct, missing)


def as_timeline(counted: Counter[str]) -> Timeline:
    rows = sorted(row for row in counted.items() if row[0] != MISSING)
    return Timeline(tuple(TimelineBin(start, count) for start, count in rows), counted[MISSING])
