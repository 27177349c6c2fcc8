"""Making judgments: which results to look at, and keeping what is said of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from byline.evaluation.judged import Qrels, Topics, read_qrels, write_qrels
from byline.evaluation.runs import Run
from byline.request import Mode

#: Articles of each mode that are put into the pool.
POOL_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """One query and one article, to be judged."""

    query: str
    article: str


def pooled(runs: Mapping[Mode, Run], depth: int = POOL_DEPTH) -> dict[str, tuple[str, ...]]:
    """Query → the best of every mode, each article once.

    In an order that tells nothing of who found what and at which rank, and is the same each
    time: whoever judges should not be led by it.
    """
    queries = dict.fromkeys(query for run in runs.values() for query in run)
    pools = {}
    for query in queries:
        found = {name for run in runs.values() for name, _ in run.get(query, [])[:depth]}
        names = sorted(found)
        random.Random(query).shuffle(names)  # noqa: S311 - nothing secret
        pools[query] = tuple(names)
    return pools


class Judgments:
    """A file of judgments that grows; each is on disk before the next is asked for.

    Raises:
        BadJudgments: there is such a file and it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.qrels: Qrels = read_qrels(path) if path.exists() else {}
        self._given: list[Pair] = []

    def judge(self, pair: Pair, relevance: int) -> None:
        self.qrels.setdefault(pair.query, {})[pair.article] = relevance
        self._given.append(pair)
        write_qrels(self._path, self.qrels)

    def take_back(self) -> Pair | None:
        """The last judgment given here; it is to be judged again."""
        if not self._given:
            return None
        pair = self._given.pop()
        del self.qrels[pair.query][pair.article]
        write_qrels(self._path, self.qrels)
        return pair

    def has(self, pair: Pair) -> bool:
        return pair.article in self.qrels.get(pair.query, {})


def to_judge(
    queries: Topics, pools: Mapping[str, Sequence[str]], judgments: Judgments
) -> Iterator[Pair]:
    """Each pair that has no judgment yet, query by query."""
    for query in queries:
        for article in pools.get(query, ()):
            pair = Pair(query, article)
            if not judgments.has(pair):
                yield pair
