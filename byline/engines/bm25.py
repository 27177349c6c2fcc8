"""BM25 by the statistics of a part of an archive, worked out from scores by those of the whole.

An index weighs a word by how many of all its articles have it, and by how long all of them are on
average. Whoever sees a part alone must not learn that, so the words leg is ranked again there. What
an engine says of one word in one article tells how often the word stands in it; with the part's own
numbers that is its score (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).

The best of the part are found without looking at all of it: an article's score by the part's
numbers exceeds its score by the part's idf and the whole's average length at most as often as the
averages differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from byline.engines.base import Listed, Matching
from byline.query.tree import Node, TextField

K1, B = 1.2, 0.75
#: Both engines' scores have this factor.
_UNIT = K1 + 1

#: Relative; an engine's scores are of single precision.
_PRECISION = 1e-5
_RANKINGS_KEPT = 2
_LENGTHS_KEPT = 50_000
_WITHOUT_END, _MOST_TIMES = 1 - 1e-7, 10_000_000

#: As :data:`byline.engines.base.Key`, of one engine.
Name = TypeVar("Name", int, str)
#: (key, score), by falling score, ties by key.
Ranking: TypeAlias = list[tuple[Name, float]]


class Leaf(NamedTuple):
    """What adds to the score of an article that has it: a word, or several side by side.

    ``indexed`` is the engine's name of where it stands, ``text`` of what that holds the words:
    a field's, or ``None`` for title, summary, body and authors as one text. Without ``words`` it
    adds the same to each article.
    """

    indexed: str = ""
    text: TextField | None = None
    words: tuple[str, ...] = ()


class Weight(NamedTuple):
    """Of one leaf, in some set of articles. ``mean``: their average length in words."""

    idf: float
    mean: float


def idf(articles: int, having: Iterable[int]) -> float:
    """As Lucene has it; of words side by side the sum of theirs.

    Args:
        having: how many of ``articles`` have each word.
    """
    return sum(math.log(1 + (articles - some + 0.5) / (some + 0.5)) for some in having)


def weight_of(explained: Any) -> Weight:
    """How an engine explains one article's score of a leaf: what it counts, articles that were
    deleted and not yet merged away included, it tells nowhere else.

    Raises:
        ValueError: it is no such explanation.
    """
    found = _said(explained, "idf"), _said(explained, "avgdl")
    if found[0] is None or found[1] is None:
        raise ValueError("a score was explained without its idf or its average length")
    return Weight(found[0], found[1])


def _said(explained: Any, name: str) -> float | None:
    """The first value whose description begins so, wherever it stands."""
    if explained["description"].startswith(name):
        return float(explained["value"])
    below = (_said(detail, name) for detail in explained.get("details", ()))
    return next((value for value in below if value is not None), None)


@dataclass(frozen=True, slots=True)
class Reweighing:
    """From the weight that an index gives a leaf to the one that it has in the part."""

    whole: Weight
    part: Weight
    _norms: dict[int, tuple[float, float]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def boost(self) -> float:
        """By which the engine's scores are by the part's idf."""
        return self.part.idf / self.whole.idf

    @property
    def most(self) -> float:
        """The boosted score times this is not exceeded by :meth:`score`."""
        return max(1.0, self.part.mean / self.whole.mean)

    def score(self, score: float, length: int) -> float:
        """By the part's numbers.

        Args:
            score: the engine's, of an article that has the leaf.
            length: of its text, in words.
        """
        kept = _kept(length)
        norms = self._norms.get(kept)
        if norms is None:
            norms = _norm(kept, self.whole.mean), _norm(kept, self.part.mean)
            self._norms[kept] = norms
        share = score / (self.whole.idf * _UNIT)
        # A share of 1 would be a word said without end; single precision comes to it.
        times = round(norms[0] * share / (1 - share)) if share < _WITHOUT_END else _MOST_TIMES
        times = times or 1
        return self.part.idf * _UNIT * times / (times + norms[1])


def _norm(length: int, mean: float) -> float:
    return K1 * (1 - B + B * length / mean)


@lru_cache(_LENGTHS_KEPT)
def _kept(length: int) -> int:
    """``length`` as both engines keep it in one byte: Lucene's ``SmallFloat``, exact below 40, then
    four significant bits of what exceeds 24."""
    exceeding = max(length - 24, 0)
    shift = max(exceeding.bit_length() - 4, 0)
    return length - exceeding + (exceeding >> shift << shift)


def best(
    depth: int,
    found: Callable[[int], Ranking[Name]],
    reweighed: Callable[[Sequence[Name]], dict[Name, float]],
    most: float,
) -> Ranking[Name]:
    """The first ``depth`` of the part's ranking.

    Args:
        found: so many of the part, by falling boosted score, the best first.
        reweighed: their scores by the part's own numbers.
        most: a boosted score times this is not exceeded by the score that replaces it.
    """
    if depth <= 0:
        return []
    wanted = depth
    scores: dict[Name, float] = {}
    while True:
        boosted = found(wanted)
        scores |= reweighed([key for key, _ in boosted if key not in scores])
        ranking = sorted(scores.items(), key=lambda row: (-row[1], row[0]))
        if len(boosted) < wanted:
            return ranking[:depth]
        if ranking[depth - 1][1] > boosted[-1][1] * most * (1 + _PRECISION):
            return ranking[:depth]
        wanted *= 2


class Places:
    """Tells the leaves of a query apart while it is compiled, by their order.

    A query compiles to the same leaves each time: once to learn them, and again with one of them
    alone adding to the score.

    Args:
        loud: the places of those that add; ``None``: all do.
    """

    def __init__(self, loud: Collection[int] | None = None) -> None:
        self.leaves: list[Leaf] = []
        self._loud = loud

    def adds(self, leaf: Leaf) -> bool:
        self.leaves.append(leaf)
        return self._loud is None or len(self.leaves) - 1 in self._loud


class Rankings(Generic[Name]):
    """What one reader ranks by a part's numbers; the last are kept, so that the next page of a
    result is at hand.

    Args:
        rank: the first so many of what matches, weighed by the articles that satisfy a node.
    """

    def __init__(self, rank: Callable[[Matching, Node, int], Ranking[Name]]) -> None:
        self._rank: Callable[[Matching, Node, int], Ranking[Name]] = rank
        self._known: dict[Matching, tuple[int, Ranking[Name]]] = {}

    def first(self, matching: Matching, depth: int) -> Ranking[Name]:
        """The first ``depth``.

        Raises:
            ValueError: ``matching`` is weighed by the whole archive, which an engine ranks itself.
        """
        if matching.weighed_by is None:
            raise ValueError("nothing says by which part of the archive to rank")
        known, ranking = self._known.pop(matching, (0, []))
        if known < depth:
            known = max(depth, 2 * known)
            ranking = self._rank(matching, matching.weighed_by, known)
        self._known[matching] = known, ranking
        while len(self._known) > _RANKINGS_KEPT:
            self._known.pop(next(iter(self._known)))
        return ranking[:depth]

    def page(self, matching: Matching, page: Listed) -> Ranking[Name]:
        """What ``page`` lists of it."""
        left_out = set(page.skip)
        end = page.offset + page.limit
        ranked = self.first(matching, len(left_out) + end)
        return [row for row in ranked if row[0] not in left_out][page.offset : end]
