"""One search, the same over every engine: retrieve, fuse, page, show.

What an answer's set of articles is, in each mode:

- ``keyword``: those that satisfy the conditions and contain words of the query;
- ``semantic``: those that satisfy the conditions and are near enough in meaning, among the
  best :attr:`SearchRequest.depth`;
- ``hybrid``: both together.

Totals, facets, the timeline and the pages are all of exactly that set. "Near enough" is the
model's own floor (:attr:`QueryEncoder.nearness`); what lies below it still counts
towards the rank of an article that contains the words.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from byline.engines.base import (
    DEFAULT_DEPTH,
    ByKeys,
    Candidates,
    Collected,
    Collection,
    Facet,
    FacetWanted,
    Key,
    Listed,
    Matching,
    Order,
    PageArticle,
    Period,
    Reader,
    ResultSet,
    Retrieval,
    Timeline,
)
from byline.errors import ModelMismatch, NoVectors
from byline.fusion import Fused, Fusion, Joined, fuse, in_order, min_max, renewed
from byline.passages import PassageChooser, ShownPassage
from byline.query.describe import describe
from byline.query.evaluate import values
from byline.query.tree import And, DateRange, Node, Note, Or, Query, Value, ValueField
from byline.records import FLOOR_DEVIATIONS, Article, ModelIdentity, Nearness, Span

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


#: Articles below the words leg's depth whose scores are asked for in one go.
_ASKED_TOGETHER = 100
#: How far above the mean, in times what is expected of the nearest of as many unrelated passages,
#: an article of several passages is clearly near; and the part of the way from the floor to there
#: by which the floor is raised where none is. See docs/passages.md.
_CLEARLY, _RAISED = 1.21, 0.375
_ALL_NEAR = Nearness(-1.0)


class Mode(StrEnum):
    KEYWORD = "keyword"
    SEMANTIC = "semantic"
    HYBRID = "hybrid"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class QueryEncoder(Protocol):
    """What turns a query into a vector; :class:`byline.embedding.Embedder` is one."""

    @property
    def identity(self) -> ModelIdentity: ...

    @property
    def note(self) -> str | None:
        """What whoever searches should know of how the model is run."""
        ...

    @property
    def nearness(self) -> Nearness:
        """From which cosine to a query's vector on a passage is near."""
        ...

    def embed_query(self, text: str) -> npt.NDArray[np.float32]:
        """float32 ``[dimension]``, unit length."""
        ...


#: Scores that articles rank by → what they rank by in meaning when that is asked once more.
_Again: TypeAlias = Callable[[Mapping[Key, float]], dict[Key, float]]
#: The model that an archive names, ready to encode.
EncoderOf: TypeAlias = Callable[[ModelIdentity], QueryEncoder]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to search and how to show it.

    Attributes:
        limit, offset: which articles of the ranking; ``limit`` 0 counts without showing any.
        passages: how many passages of each article, at most.
        depth: articles of each leg that are considered.
        meaning_weight: 0–1, in hybrid mode.
    """

    query: Query
    mode: Mode = Mode.HYBRID
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    offset: int = 0
    passages: int = 2
    facets: tuple[FacetWanted, ...] = ()
    timeline: Period | None = None
    depth: int = DEFAULT_DEPTH
    fusion: Fusion = Fusion.SCALED
    meaning_weight: float = 0.5


class Leg(NamedTuple):
    """An article's place in one leg. ``rank`` is from 1; ``None`` beyond the leg's depth."""

    rank: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found.

    Attributes:
        rank: its place in the whole ranking, from 1.
        score: what it was ranked by; 0 in a listing by date, and in hybrid mode for what lies below
            both legs' depths.
        words, meaning: its place in each leg, ``None`` where the leg does not have it. An article
            that has the words has a score in the words leg, and no rank below its depth.
        shares: in hybrid mode, what each leg contributed to ``score``; meaning when it was asked
            once more (:mod:`byline.feedback`).
        title_highlights: spans of the title that match words.
        passages: the best first.
    """

    rank: int
    score: float
    words: Leg | None
    meaning: Leg | None
    shares: Fused | None
    article: Article
    title_highlights: tuple[Span, ...]
    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """``articles`` is the sum of the other two."""

    articles: int
    by_words: int
    by_meaning_only: int


@dataclass(frozen=True, slots=True)
class Answer:
    """``took`` is in seconds, the query's encoding included."""

    query: Query
    mode: Mode
    sort: Sort
    description: str
    notes: tuple[Note, ...]
    total: Total
    hits: tuple[Hit, ...]
    facets: dict[ValueField, Facet]
    timeline: Timeline | None
    took: float
    version: int


def search(reader: Reader, request: SearchRequest, encoder: EncoderOf | None) -> Answer:
    """Answer one request from one reader.

    Args:
        encoder: gives the archive's model, ready to encode. Called only if the query has
            something to embed and the mode wants it.

    Raises:
        NoVectors: semantic mode in an archive without vectors.
        ModelMismatch: ``encoder`` gives another model than the archive's.
    """
    started = time.perf_counter()
    query = request.query
    asked = _ask(reader, request, encoder)
    plan, matching, vector = asked.plan, asked.matching, asked.vector
    chooser = PassageChooser(query, vector, asked.nearness.floor)
    page, hits_from = _page(reader, request, plan, matching, vector)
    legs = plan.legs({found.key for found in hits_from})
    if asked.by_words:
        legs[0].update(_below_depth(reader, plan, matching, hits_from))
    hits = tuple(
        _hit(found, request.offset + place, plan, legs, chooser, request)
        for place, found in enumerate(hits_from, start=1)
    )
    return Answer(
        query=query,
        mode=plan.mode,
        sort=plan.sort,
        description=describe(
            query,
            semantic=vector is not None,
            words=plan.mode is not Mode.SEMANTIC,
            ranked=plan.sort is Sort.RELEVANCE,
        ),
        notes=(*query.notes, *asked.notes),
        total=plan.total,
        hits=hits,
        facets=page.facets,
        timeline=page.timeline,
        took=time.perf_counter() - started,
        version=reader.version,
    )


def ranking(
    reader: Reader, request: SearchRequest, encoder: EncoderOf | None
) -> list[tuple[Key, float]]:
    """The articles that the legs ranked, the best first, with what they are ranked by.

    The beginning of :func:`search`'s ranking by relevance, without looking any article up.
    """
    plan = _ask(reader, request, encoder).plan
    return [(key, plan.fused.scores[key]) for key in plan.head]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the legs brought for a request, and what it comes to.

    ``by_words``: whether the words leg ranked.
    """

    notes: tuple[Note, ...]
    matching: Matching
    vector: npt.NDArray[np.float32] | None
    nearness: Nearness
    plan: _Plan
    by_words: bool


def _ask(reader: Reader, request: SearchRequest, encoder: EncoderOf | None) -> _Asked:
    mode, notes = _mode_in_force(reader, request)
    query = request.query
    encoding = None
    identity = reader.manifest.model
    if mode is not Mode.KEYWORD and query.meaning and encoder is not None and identity is not None:
        encoding = _Encoding(encoder, identity, query.meaning)
    matching = Matching(query.condition, query.words, query.boosts)
    by_words = mode is not Mode.SEMANTIC and not query.only_conditions
    candidates = reader.retrieve(
        Retrieval(
            matching,
            want_words=by_words,
            vector=encoding,
            depth=request.depth,
        )
    )
    vector, nearness = None, _ALL_NEAR
    if encoding is not None:
        vector, nearness, notes = encoding(), encoding.nearness, (*notes, *encoding.notes)
    again = None
    if vector is not None and request.sort is Sort.RELEVANCE and request.limit:
        # Imported here: a search by words alone does without.
        from byline.feedback import asked_again

        again = partial(asked_again, vector, candidates.meaning, vectors_of=reader.vectors)
    plan = _Plan.of(request, mode, nearness, candidates, again, listing=encoding is None)
    return _Asked(notes, matching, vector, nearness, plan, by_words)


class _Encoding:
    """A query's vector, made when it is first asked for."""

    def __init__(self, encoder: EncoderOf, identity: ModelIdentity, text: str) -> None:
        self._encoder = encoder
        self._identity = identity
        self._text = text
        self._vector: npt.NDArray[np.float32] | None = None
        self.nearness = _ALL_NEAR
        self.notes: tuple[Note, ...] = ()

    def __call__(self) -> npt.NDArray[np.float32]:
        """float32 ``[dimension]``.

        Raises:
            ModelMismatch: the encoder gives another model than the archive's.
        """
        if self._vector is None:
            model = self._encoder(self._identity)
            if model.identity.differences(self._identity):
                raise ModelMismatch(f"The archive was searched with {model.identity.name}.")
            self._vector = model.embed_query(self._text)
            self.nearness = model.nearness
            self.notes = (Note("slow-model", model.note, 0, 0),) if model.note else ()
        return self._vector


def _mode_in_force(reader: Reader, request: SearchRequest) -> tuple[Mode, tuple[Note, ...]]:
    """The mode, and a note where it had to be another than was asked."""
    if request.mode is Mode.KEYWORD or reader.manifest.model is not None:
        return request.mode, ()
    if request.mode is Mode.SEMANTIC:
        raise NoVectors("This archive was indexed without vectors.")
    note = Note("no-vectors", "This archive has no vectors, so only words were searched.", 0, 0)
    return Mode.KEYWORD, (note,)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The answer's set and the head of its ranking.

    ``head`` holds the articles that the legs ranked; what of the set it lacks (articles that
    contain the words but rank below the depth) follows in the words leg's order. ``words`` and
    ``meaning`` are the legs' scores, by falling score.
    """

    mode: Mode
    sort: Sort
    total: Total
    results: ResultSet
    head: tuple[Key, ...]
    fused: Joined
    words: Mapping[Key, float]
    meaning: Mapping[Key, float]

    @classmethod
    def of(
        cls,
        request: SearchRequest,
        mode: Mode,
        nearness: Nearness,
        found: Candidates,
        again: _Again | None,
        *,
        listing: bool,
    ) -> _Plan:
        """``again``: makes of what articles rank by so far what they rank by in meaning, in the
        end."""
        query = request.query
        matching = Matching(query.condition, query.words, query.boosts)
        words, meaning = found.words, found.meaning
        floor = _floor(nearness, meaning)
        near = {key: score for key, score in meaning.items() if score >= floor}
        sort = request.sort
        if mode is Mode.SEMANTIC and not listing:
            if again is not None:
                ranked = again({key: share / 2 for key, share in min_max(meaning).items()})
                near = {key: score for key, score in ranked.items() if key in near}
            fused = Joined({}, near)
            by_words = sum(key in found.in_words for key in near)
            total = Total(len(near), by_words, len(near) - by_words)
            head = tuple(fused.scores)
            return cls(mode, sort, total, ResultSet(None, head), head, fused, words, meaning)
        if query.only_conditions and sort is Sort.RELEVANCE:
            sort = Sort.NEWEST
        extra = tuple(key for key in near if key not in found.in_words)
        fused = (
            fuse(
                words,
                meaning,
                method=request.fusion,
                meaning_weight=request.meaning_weight,
            )
            if meaning
            else Joined(words, {})
        )
        if again is not None and meaning:
            fused = renewed(fused, again(fused.scores), request.fusion)
        left_out = meaning.keys() - near.keys() - found.in_words
        head = tuple(key for key in in_order(fused.scores) if key not in left_out)
        total = Total(found.words_total + len(extra), found.words_total, len(extra))
        return cls(mode, sort, total, ResultSet(matching, extra), head, fused, words, meaning)

    def legs(self, keys: set[Key]) -> tuple[dict[Key, Leg], dict[Key, Leg]]:
        """The places of those of ``keys`` that have one, by words and by meaning."""
        words, meaning = (
            {
                key: Leg(rank, score)
                for rank, (key, score) in enumerate(leg.items(), 1)
                if key in keys
            }
            for leg in (self.words, self.meaning)
        )
        return words, meaning


def _floor(nearness: Nearness, meaning: Mapping[Key, float]) -> float:
    """The cosine under which an article is not near enough to be shown.

    Where not even the nearest is clearly near, the query may mean nothing: less is shown then.
    """
    floor, spread = nearness.floor, nearness.spread
    # The greatest of n values of a normal distribution lies so many deviations above its mean.
    expected = math.sqrt(2 * math.log(max(len(meaning), 2)))
    clearly = max(0.0, _CLEARLY * expected - FLOOR_DEVIATIONS) * spread
    if max(meaning.values(), default=1.0) < floor + clearly:
        return floor + _RAISED * clearly
    return floor


def _page(
    reader: Reader,
    request: SearchRequest,
    plan: _Plan,
    matching: Matching,
    vector: npt.NDArray[np.float32] | None,
) -> tuple[Collected, tuple[PageArticle, ...]]:
    """The page's articles, with facets and timeline of the whole set.

    One call of the engine, or two where the page begins in the head and ends below it.
    """
    wanted = Collection(
        plan.results, facets=request.facets, timeline=request.timeline, vector=vector
    )
    start, end = request.offset, request.offset + request.limit
    if plan.sort is not Sort.RELEVANCE:
        order = Order.NEWEST if plan.sort is Sort.NEWEST else Order.OLDEST
        page = reader.collect(replace(wanted, page=Listed(order, start, request.limit)))
        return page, page.articles
    from_head = plan.head[start:end]
    below = max(0, start - len(plan.head)), request.limit - len(from_head)
    rest = None
    if below[1] and end > len(plan.head) and plan.total.articles > len(plan.head):
        rest = Listed(Order.SCORE, below[0], below[1], skip=plan.head)
    if rest is None:
        page = reader.collect(replace(wanted, page=ByKeys(from_head)))
        return page, page.articles
    page = reader.collect(replace(wanted, page=rest))
    if not from_head:
        return page, page.articles
    head = reader.collect(Collection(ResultSet(matching), ByKeys(from_head), vector=vector))
    return page, (*head.articles, *page.articles)


def _below_depth(
    reader: Reader, plan: _Plan, matching: Matching, hits: tuple[PageArticle, ...]
) -> dict[Key, Leg]:
    """Those of ``hits`` that have the words and lie below the words leg's depth, with their score.

    Asks the engine only where a page has such articles and was not listed by score. Their dates
    and values, which add nothing to a score, narrow the question to little more than them.
    """
    near_alone = set(plan.results.keys)
    below = [hit for hit in hits if hit.key not in plan.words and hit.key not in near_alone]
    scores = {hit.key: hit.score for hit in below if hit.score is not None}
    abouts = [_about(hit.stored.article) for hit in below if hit.score is None]
    narrowing = [about for about in dict.fromkeys(abouts) if about is not None]
    for start in range(0, len(narrowing), _ASKED_TOGETHER):
        some = tuple(narrowing[start : start + _ASKED_TOGETHER])
        only = some[0] if len(some) == 1 else Or(some)
        condition = only if matching.condition is None else And((matching.condition, only))
        found = reader.retrieve(Retrieval(replace(matching, condition=condition)))
        scores |= {hit.key: found.words[hit.key] for hit in below if hit.key in found.words}
    return {key: Leg(None, score) for key, score in scores.items()}


def _about(article: Article) -> Node | None:
    """What few other articles satisfy; ``None`` of one without any date or value."""
    demands: list[Node] = []
    if article.date is not None:
        demands.append(DateRange(article.date.first_day, article.date.last_day))
    for field in (ValueField.AUTHOR, ValueField.PUBLICATION, ValueField.SECTION):
        demands += [Value(field, value) for value in values(article, field)[:1]]
    if len(demands) < 2:
        return demands[0] if demands else None
    return And(tuple(demands))


def _hit(
    found: PageArticle,
    rank: int,
    plan: _Plan,
    legs: tuple[dict[Key, Leg], dict[Key, Leg]],
    chooser: PassageChooser,
    request: SearchRequest,
) -> Hit:
    fused = plan.fused.get(found.key)
    words, meaning = (leg.get(found.key) for leg in legs)
    score = fused.score if fused is not None else 0.0
    if fused is None and words is not None and not plan.meaning:
        score = words.score
    article = found.stored.article
    return Hit(
        rank=rank,
        score=score if plan.sort is Sort.RELEVANCE else 0.0,
        words=words,
        meaning=meaning,
        shares=fused if plan.mode is Mode.HYBRID else None,
        article=article,
        title_highlights=chooser.title_highlights(article.title),
        passages=chooser.choose(found, request.passages),
    )
