"""Which articles answer a request, and in which order.

What an answer's set of articles is, in each mode:

- ``keyword``: those that satisfy the conditions and contain words of the query;
- ``semantic``: those that satisfy the conditions and are near enough in meaning, among the
  best :attr:`SearchRequest.depth`;
- ``hybrid``: both together.

"Near enough" is the model's own floor (:attr:`QueryEncoder.nearness`); what lies below it still
counts towards the rank of an article that contains the words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from byline.engines.base import Candidates, Key, Matching, Reader, ResultSet, Retrieval
from byline.errors import ModelMismatch, NoVectors
from byline.fusion import Fused
from byline.query.tree import Note
from byline.records import FLOOR_DEVIATIONS, ModelIdentity, Nearness
from byline.request import EncoderOf, Mode, SearchRequest, Sort

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from byline.joining import Scores

#: How far above the mean, in times what is expected of the nearest of as many unrelated passages,
#: an article of several passages is clearly near; and the part of the way from the floor to there
#: by which the floor is raised where none is. See docs/passages.md.
_CLEARLY, _RAISED = 1.21, 0.375
_ALL_NEAR = Nearness(-1.0)

#: What the meaning leg's articles rank by so far → what they rank by in meaning when that is asked
#: once more; both in the leg's order.
_Again: TypeAlias = "Callable[[Scores], Scores]"


class Leg(NamedTuple):
    """An article's place in one leg. ``rank`` is from 1; ``None`` beyond the leg's depth."""

    rank: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Total:
    """``articles`` is the sum of the other two."""

    articles: int
    by_words: int
    by_meaning_only: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What the legs brought for a request, and what it comes to.

    ``by_words``: whether the words leg ranked.
    """

    notes: tuple[Note, ...]
    matching: Matching
    vector: npt.NDArray[np.float32] | None
    nearness: Nearness
    plan: Plan
    by_words: bool


def planned(reader: Reader, request: SearchRequest, encoder: EncoderOf | None) -> Planned:
    """Ask both legs, and join what they bring.

    Raises:
        NoVectors: semantic mode in an archive without vectors.
        ModelMismatch: ``encoder`` gives another model than the archive's.
    """
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
            facets=() if mode is Mode.SEMANTIC else request.facets,
            timeline=None if mode is Mode.SEMANTIC else request.timeline,
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
    plan = Plan.of(request, mode, nearness, candidates, again, listing=encoding is None)
    return Planned(notes, matching, vector, nearness, plan, by_words)


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
class Plan:
    """The answer's set and the head of its ranking.

    ``head`` holds the articles that the legs ranked; what of the set it lacks (articles that
    contain the words but rank below the depth) follows in the words leg's order. ``shares``: what
    each leg contributed to the score of one of them. ``words`` and ``meaning`` are the legs'
    scores, by falling score.
    """

    mode: Mode
    sort: Sort
    total: Total
    results: ResultSet
    head: tuple[Key, ...]
    shares: Callable[[Key], Fused | None]
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
    ) -> Plan:
        query = request.query
        matching = Matching(query.condition, query.words, query.boosts)
        words, meaning = found.words, found.meaning
        floor = _floor(nearness, meaning)
        near = [key for key, score in meaning.items() if score >= floor]
        sort = request.sort
        if mode is Mode.SEMANTIC and not listing:
            head, shares = _by_meaning(meaning, len(near), again)
            by_words = sum(key in found.in_words for key in near)
            total = Total(len(near), by_words, len(near) - by_words)
            return cls(mode, sort, total, ResultSet(None, head), head, shares, words, meaning)
        if query.only_conditions and sort is Sort.RELEVANCE:
            sort = Sort.NEWEST
        extra = tuple(key for key in near if key not in found.in_words)
        if meaning:
            head, shares = _by_both(request, words, meaning, again)
            left_out = meaning.keys() - near - found.in_words
            head = tuple(key for key in head if key not in left_out)
        else:
            head, shares = tuple(words), partial(_of_words_alone, words)
        total = Total(found.words_total + len(extra), found.words_total, len(extra))
        return cls(mode, sort, total, ResultSet(matching, extra), head, shares, words, meaning)

    def legs(self, keys: set[Key]) -> tuple[dict[Key, Leg], dict[Key, Leg]]:
        """The places of those of ``keys`` that have one, by words and by meaning."""
        words, meaning = (_places(leg, keys) for leg in (self.words, self.meaning))
        return words, meaning


def _of_words_alone(words: Mapping[Key, float], key: Key) -> Fused | None:
    return Fused(words[key], 0.0) if key in words else None


# What follows imports what works with arrays: a search by words alone does without.


def _by_meaning(
    meaning: Mapping[Key, float], near: int, again: _Again | None
) -> tuple[tuple[Key, ...], Callable[[Key], Fused | None]]:
    """The ``near`` nearest in order, and what each ranks by."""
    from byline.joining import Joined, min_max, values

    scores = values(meaning)
    if again is not None:
        # Shares as hybrid search has them.
        scores = again(min_max(scores) / 2)
    places = {key: place for place, key in enumerate(islice(meaning, near))}
    joined = Joined(places, 0 * scores[:near], scores[:near])
    return tuple(joined.ranked()), joined.get


def _by_both(
    request: SearchRequest,
    words: Mapping[Key, float],
    meaning: Mapping[Key, float],
    again: _Again | None,
) -> tuple[tuple[Key, ...], Callable[[Key], Fused | None]]:
    """The articles of both legs in order, and what each ranks by."""
    from byline.joining import fuse, renewed

    method, weight = request.fusion, request.meaning_weight
    joined = fuse(words, meaning, method=method, meaning_weight=weight)
    if again is not None:
        joined = renewed(joined, again(joined.scores[: len(meaning)]), method, weight)
    return tuple(joined.ranked()), joined.get


def _places(leg: Mapping[Key, float], keys: set[Key]) -> dict[Key, Leg]:
    """Of a few of a leg's thousand: each is looked for, rather than all counted."""
    ranked = list(leg)
    return {key: Leg(ranked.index(key) + 1, leg[key]) for key in leg.keys() & keys}


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
