"""One search, the same over every engine: retrieve, fuse, page, show.

Totals, facets, the timeline and the pages are all of exactly one set of articles; which, says
:mod:`byline.plan`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from byline.engines.base import (
    ByKeys,
    Collected,
    Collection,
    Facet,
    Key,
    Listed,
    Matching,
    Order,
    PageArticle,
    Reader,
    ResultSet,
    Retrieval,
    Timeline,
)
from byline.fusion import Fused
from byline.passages import PassageChooser, ShownPassage
from byline.plan import Leg, Plan, Total, planned
from byline.query.describe import describe
from byline.query.evaluate import values
from byline.query.tree import And, DateRange, Node, Note, Or, Query, Value, ValueField
from byline.records import Article, Span
from byline.request import EncoderOf, Mode, SearchRequest, Sort

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


#: Articles below the words leg's depth whose scores are asked for in one go.
_ASKED_TOGETHER = 100


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
    asked = planned(reader, request, encoder)
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
    plan = planned(reader, request, encoder).plan
    return [(key, fused.score) for key in plan.head if (fused := plan.shares(key)) is not None]


def _page(
    reader: Reader,
    request: SearchRequest,
    plan: Plan,
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
    reader: Reader, plan: Plan, matching: Matching, hits: tuple[PageArticle, ...]
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
    plan: Plan,
    legs: tuple[dict[Key, Leg], dict[Key, Leg]],
    chooser: PassageChooser,
    request: SearchRequest,
) -> Hit:
    fused = plan.shares(found.key)
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
