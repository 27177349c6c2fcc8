"""Ranking a part of the archive by its own numbers (:mod:`byline.engines.bm25`), over Tantivy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Query

from byline.engines.base import Matching
from byline.engines.bm25 import (
    Leaf,
    Places,
    Ranking,
    Reweighing,
    Weight,
    best,
    idf,
    weight_of,
)
from byline.engines.embedded import schema as names
from byline.engines.embedded.compile import Weigh, silent
from byline.query.tree import Node, TextField

if TYPE_CHECKING:
    from byline.engines.embedded.words import WordsSnapshot

#: Leaves and parts of which one commit's numbers are remembered.
_REMEMBERED = 4096


class Weighing:
    """Of one snapshot. Any number of threads may ask."""

    def __init__(self, words: WordsSnapshot) -> None:
        self._words = words
        remember = lru_cache(_REMEMBERED)
        self._reweighing: Callable[[Node, Leaf], Reweighing | None] = remember(self._compare)
        self._in_whole: Callable[[Leaf], Weight | None] = remember(self._ask_whole)
        self._having: Callable[[Node, str, str], int] = remember(self._ask_having)
        self._articles: Callable[[Node], int] = remember(self._ask_articles)
        self._mean: Callable[[Node, TextField | None], float] = remember(self._ask_mean)

    def ranked(self, matching: Matching, part: Node, depth: int) -> Ranking[int]:
        """The first ``depth`` of ``matching``, weighed by the articles that satisfy ``part``."""
        compiler = self._words.compiler
        learnt = Places()
        compiler.weighing(_only(learnt)).matching(matching)
        weights = {leaf: self._reweighing(part, leaf) for leaf in {*learnt.leaves} if leaf.words}
        ours = {leaf: weight for leaf, weight in weights.items() if weight is not None}

        def boosted(leaf: Leaf, query: Query) -> Query:
            weight = ours.get(leaf)
            return query if weight is None else Query.boost_query(query, weight.boost)

        found = compiler.weighing(boosted).matching(matching)

        def reweighed(nums: Sequence[int]) -> dict[int, float]:
            scores = dict.fromkeys(nums, 0.0)
            constants = [place for place, leaf in enumerate(learnt.leaves) if not leaf.words]
            if constants:
                for num, score, _ in self._seen(matching, constants, nums, Leaf()):
                    scores[num] += round(score)
            for place, leaf in enumerate(learnt.leaves):
                if leaf in ours:
                    for num, score, length in self._seen(matching, [place], nums, leaf):
                        scores[num] += ours[leaf].score(score, length)
            return scores

        most = max((weight.most for weight in ours.values()), default=1.0)
        return best(depth, lambda limit: self._words.ranked(found, limit), reweighed, most)

    def _seen(
        self, matching: Matching, places: Sequence[int], nums: Sequence[int], leaf: Leaf
    ) -> list[tuple[int, float, int]]:
        """What the leaves at ``places`` add to the score of those of ``nums`` that have them."""
        compiler = self._words.compiler
        query = compiler.weighing(_only(Places(places))).matching(matching)
        return self._words.seen(compiler.among(query, nums), len(nums), names.length(leaf.text))

    def _compare(self, part: Node, leaf: Leaf) -> Reweighing | None:
        """``None`` where no article of the part has it."""
        whole = self._in_whole(leaf)
        having = [self._having(part, leaf.indexed, word) for word in leaf.words]
        if whole is None or not all(having):
            return None
        own = Weight(idf(self._articles(part), having), self._mean(part, leaf.text))
        return Reweighing(whole, own)

    def _ask_whole(self, leaf: Leaf) -> Weight | None:
        """``None`` where no article has it."""
        query = self._words.compiler.leaf(leaf)
        explained = self._words.explained(query)
        return None if explained is None else weight_of(explained)

    def _ask_having(self, part: Node, index: str, word: str) -> int:
        compiler = self._words.compiler
        held = compiler.leaf(Leaf(index, None, (word,)))
        both = [(Occur.Must, held), (Occur.Must, compiler.node(part))]
        return self._words.count(Query.boolean_query(both))

    def _ask_articles(self, part: Node) -> int:
        return self._words.count(self._words.compiler.node(part))

    def _ask_mean(self, part: Node, text: TextField | None) -> float:
        total = {"total": {"sum": {"field": names.length(text)}}}
        answer: Any = self._words.searcher.aggregate(self._words.compiler.node(part), total)
        return float(answer["total"]["value"]) / self._articles(part)


def _only(places: Places) -> Weigh:
    return lambda leaf, query: query if places.adds(leaf) else silent(query)
