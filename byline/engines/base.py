"""The engine protocol: how an archive is stored and searched, whoever stores it.

Nothing above this module asks which engine it has. Where engines differ in what they can do,
they say so in :class:`Capabilities`.

An engine gives out *readers* and *writers*. A reader sees the archive as it was at one commit,
for as long as it is held; a writer's batch becomes visible as a whole. What an article is and
which articles a query node matches is defined in :mod:`byline.records` and
:mod:`byline.query.tree`; :mod:`byline.testing` holds the conformance suite that checks it.

Scores of the words leg: BM25 (k1 = 1.2, b = 0.75) of a word without a field over the
article's title, summary, body and authors taken as one text, whose length may be kept in one byte
(exact below 40 words, then to an eighth), and the same of a word in the body; of a word in the
title or the summary over that field; a phrase by its field's exact form. A prefix or a fuzzy word
adds a constant 1. Conditions on other fields, values, dates and negations add nothing.

The meaning leg: cosine of the query's vector with each passage's; an article scores as its
best passage. Conditions are applied before neighbours are chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from byline.query.tree import Node, TextNode, ValueField
from byline.records import Manifest, ModelIdentity, StoredArticle

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: How an engine names an article within one reader. Opaque, hashable, sortable; ties in score
#: are broken by it, so that an order is the same each time. Not to be kept past its reader.
Key: TypeAlias = int | str

#: Articles of each leg that a search considers.
DEFAULT_DEPTH = 1000


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Where engines differ.

    Attributes:
        name: ``embedded`` or ``elasticsearch``.
        exact_neighbours: whether the meaning leg looks at every passage, under any filter.
        instant_visibility: whether a batch can be searched as soon as it is committed.
        served: whether a server stores it (then it has an address and can be unavailable).
        whole_commits: whether a commit whose process dies under way is there as a whole or not
            at all. Where not, a part of it may be there, and be found; the same batch
            committed again completes it.
    """

    name: str
    exact_neighbours: bool
    instant_visibility: bool
    served: bool
    whole_commits: bool = True


@dataclass(frozen=True, slots=True)
class Matching:
    """The articles that satisfy ``condition`` and, if there are ``words``, at least one.

    ``boosts`` change the score alone. With neither condition nor words: every article.

    ``weighed_by``: the articles by which BM25 weighs words (how many there are, how many of them
    have a word, how long they are on average), to which all that match belong; ``None``: the whole
    archive. Nothing else of the archive has any part in scores and order then.
    """

    condition: Node | None = None
    words: tuple[TextNode, ...] = ()
    boosts: tuple[TextNode, ...] = ()
    weighed_by: Node | None = None


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What to retrieve for one query, both legs in one go.

    Attributes:
        matching: the words leg; the meaning leg keeps to ``matching.condition``.
        want_words: whether the words leg's ranking is wanted (its total always is).
        vector: float32 ``[dimension]``, unit length, or what makes it, which the engine may call
            in another thread while it looks for words; ``None`` for no meaning leg.
        floor: cosine under which a neighbour is left out.
        depth: articles wanted of each leg.
        facets, timeline: what :meth:`Reader.collect` will be asked to count in ``matching`` next.
            An engine may begin with it while it waits for the meaning leg.
    """

    matching: Matching
    want_words: bool = True
    vector: npt.NDArray[np.float32] | Callable[[], npt.NDArray[np.float32]] | None = None
    floor: float = -1.0
    depth: int = DEFAULT_DEPTH
    facets: tuple[FacetWanted, ...] = ()
    timeline: Period | None = None

    def encoded(self) -> npt.NDArray[np.float32]:
        """The vector, once it is made; raises what making it raises."""
        if self.vector is None:
            raise ValueError("the meaning leg needs a vector")
        return self.vector() if callable(self.vector) else self.vector


@dataclass(frozen=True, slots=True)
class Candidates:
    """Both legs' rankings: key → score, by falling score, ties by key.

    ``words_total`` counts the whole of ``Retrieval.matching``, exactly. ``in_words``: those of
    ``meaning`` that belong to it.
    """

    words: Mapping[Key, float]
    words_total: int
    meaning: Mapping[Key, float]
    in_words: AbstractSet[Key]


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Exactly the articles of one answer: ``matching`` (if not ``None``) and ``keys`` beside.

    ``keys`` are taken as they are: the caller has seen to it that they satisfy the conditions.
    """

    matching: Matching | None
    keys: tuple[Key, ...] = ()


class Order(StrEnum):
    """``SCORE``: the words leg's score, falling. By date: undated articles last in both
    directions. Ties by key."""

    SCORE = "score"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class ByKeys:
    """A page of these articles, in this order."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the result set in ``order``, without ``skip`` (whole articles, not a count).

    ``SCORE`` orders the articles of ``matching`` alone.
    """

    order: Order
    offset: int
    limit: int
    skip: tuple[Key, ...] = ()


class Period(StrEnum):
    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class FacetWanted:
    """The ``size`` most frequent values; ties by value."""

    field: ValueField
    size: int = 10


@dataclass(frozen=True, slots=True)
class Collection:
    """What to show of a result set: a page of articles, facets, a timeline.

    Attributes:
        page: ``None`` for no articles.
        vector: where given, each article comes with its passages' cosines to it.
    """

    results: ResultSet
    page: ByKeys | Listed | None = None
    facets: tuple[FacetWanted, ...] = ()
    timeline: Period | None = None
    vector: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class PageArticle:
    """One article of a page.

    ``stored`` may lack its vectors and sentence codes where the page was asked without a vector.
    ``cosines``: one a passage, float32, ``None`` where no vector was given or stored.
    ``score``: the words leg's, on a page listed by score; else ``None``.
    """

    key: Key
    stored: StoredArticle
    cosines: npt.NDArray[np.float32] | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class FacetCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """``distinct`` is how many values there are in all; ``missing``: articles without any.

    ``exact`` is false where an engine had to estimate ``distinct``.
    """

    values: tuple[FacetCount, ...]
    distinct: int
    missing: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class TimelineBin:
    """``start``: ``1908``, ``1908-05`` or ``1908-05-17``. Bins without articles are left out."""

    start: str
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """``undated`` counts the articles that have no date, or one too coarse for the period."""

    bins: tuple[TimelineBin, ...]
    undated: int


@dataclass(frozen=True, slots=True)
class Collected:
    """``total`` is the exact size of the result set."""

    total: int
    articles: tuple[PageArticle, ...]
    facets: dict[ValueField, Facet]
    timeline: Timeline | None


@dataclass(frozen=True, slots=True)
class ValueSummary:
    """One value of a field over the whole archive; dates are ISO 8601, as precise as known."""

    value: str
    count: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One record of a source that was indexed before, and the article it became."""

    source: str
    record: str
    sha256: str
    article_id: str


@dataclass(frozen=True, slots=True)
class Stats:
    """``first``, ``last``: the earliest and latest dates. ``bytes`` by part of the store."""

    articles: int
    passages: int
    authors: int
    publications: int
    sources: int
    first: str | None
    last: str | None
    bytes: dict[str, int]


class Severity(StrEnum):
    OK = "ok"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that :meth:`Reader.check` looked at. ``remedy`` is ``""`` where all is well."""

    code: str
    severity: Severity
    message: str
    remedy: str = ""


class Reader(Protocol):
    """The archive as it was at one commit. Safe for use by one thread at a time."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def version(self) -> int:
        """Grows with each commit."""
        ...

    def retrieve(self, wanted: Retrieval) -> Candidates:
        """Both legs' best articles. Raises NoVectors, EngineUnavailable."""
        ...

    def collect(self, wanted: Collection) -> Collected:
        """A page, the facets and the timeline of one result set."""
        ...

    def vectors(self, keys: Sequence[Key]) -> dict[Key, npt.NDArray[np.float16]]:
        """Of each article float16 ``[passages, dimension]``; without those that have none."""
        ...

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredArticle]:
        """By article id; ids that are not there are left out."""
        ...

    def scan(self, matching: Matching | None = None) -> Iterator[StoredArticle]:
        """Every article, once, by id, in bounded memory."""
        ...

    def values(self, field: ValueField, prefix: str = "", limit: int = 0) -> list[ValueSummary]:
        """The values of a field by falling count, then value; ``limit`` 0 is all of them.

        ``prefix`` is compared with case and accents folded.
        """
        ...

    def terms(self, prefix: str, limit: int = 20) -> list[tuple[str, int]]:
        """Words of the archive (exact form) that begin so, with their article counts,
        by falling count. For completion and spelling."""
        ...

    def ledger(self, source: str) -> Iterator[LedgerEntry]:
        """The records indexed from ``source``, or from below it where it is a folder."""
        ...

    def fingerprints(self, fingerprints: Sequence[str]) -> dict[str, str]:
        """Fingerprint → id of the article that has it, for those that one has."""
        ...

    def stats(self) -> Stats: ...

    def check(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Finding]:
        """Everything against everything: ids, offsets, vectors present and of unit length,
        derived indexes in step with what is stored. ``progress`` gets (done, total)."""
        ...


class Writer(Protocol):
    """The only writer of its archive, for as long as it is open.

    What is put and deleted becomes durable and visible at :meth:`commit`, all of it or, if
    the process dies before that, none; if it dies *while* it commits, as
    ``Capabilities.whole_commits`` says. Leaving the ``with`` block without a commit discards.
    """

    def put(self, articles: Iterable[StoredArticle]) -> None:
        """Add, or replace by id. Raises ModelMismatch where vectors have another shape."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """How many were there."""
        ...

    def commit(self) -> int:
        """The archive's new version. Raises StorageFull, EngineUnavailable."""
        ...


class Engine(Protocol):
    """One archive. Opening it is :func:`byline.engines.open.open_engine`'s work."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def address(self) -> str:
        """What opens it again, without secrets."""
        ...

    def reader(self) -> AbstractContextManager[Reader]:
        """The latest commit. Never waits for a writer."""
        ...

    def writer(self) -> AbstractContextManager[Writer]:
        """Raises ArchiveBusy naming the holder, ArchiveReadOnly."""
        ...

    def replace_model(
        self,
        model: ModelIdentity | None,
        articles: Callable[[Iterator[StoredArticle]], Iterator[StoredArticle]],
    ) -> int:
        """Give every article new passages and vectors, as one change.

        ``articles`` maps the archive's articles to the new ones, lazily. Until the end
        searches see the old ones; killed before it, the archive is as it was.
        """
        ...

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make all that is derived anew from what is stored, without encoding anything."""
        ...

    def close(self) -> None: ...
