"""Ranking a part of the archive by its own numbers (:mod:`byline.engines.bm25`), over the server.

Three round trips more than a search of the whole: what the words weigh, remembered until the next
commit; the best by the part's idf; and what each word adds to those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

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
from byline.engines.elastic import bodies, queries
from byline.engines.elastic.bodies import WINDOW, Body
from byline.engines.elastic.queries import Weigh
from byline.engines.elastic.searches import Searches, hits_of
from byline.errors import ArchiveDamaged
from byline.query.tree import Node

#: Weights that are remembered of one commit.
_REMEMBERED = 4096


def ranked(searches: Searches, matching: Matching, part: Node, depth: int) -> Ranking[str]:
    """The first ``depth`` of ``matching``, weighed by the articles that satisfy ``part``.

    Raises:
        ArchiveDamaged: the archive's stored form has no lengths of articles.
    """
    if not searches.found.measured:
        raise ArchiveDamaged(
            "The archive was made by an earlier Byline, without what ranking a part of it takes.",
            code="archive-too-old",
            remedy="Run `byline rebuild`, which encodes nothing anew.",
        )
    learnt = Places()
    queries.matching(matching, _only(learnt))
    weights = _weights(
        searches, part, [leaf for leaf in dict.fromkeys(learnt.leaves) if leaf.words]
    )
    ours = {leaf: weight for leaf, weight in weights.items() if weight is not None}

    def boosted(leaf: Leaf, query: Body) -> Body:
        weight = ours.get(leaf)
        return query if weight is None else queries.boosted(query, weight.boost)

    query = queries.matching(matching, boosted)

    def reweighed(ids: Sequence[str]) -> dict[str, float]:
        scores = dict.fromkeys(ids, 0.0)
        asked = [([place], leaf) for place, leaf in enumerate(learnt.leaves) if leaf in ours]
        constants = [place for place, leaf in enumerate(learnt.leaves) if not leaf.words]
        if constants:
            asked.append((constants, Leaf()))
        for start in range(0, len(ids), WINDOW):
            some = ids[start : start + WINDOW]
            sent = [_seen(matching, places, leaf, some) for places, leaf in asked]
            answers = searches.send(sent) if sent else []
            for (_, leaf), answer in zip(asked, answers, strict=True):
                for score, name, length in _sorted_by(answer):
                    scores[name] += ours[leaf].score(score, length) if leaf.words else score
        return scores

    most = max((weight.most for weight in ours.values()), default=1.0)
    return best(depth, lambda limit: _best(searches, query, limit), reweighed, most)


def _best(searches: Searches, query: Body, limit: int) -> Ranking[str]:
    found: Ranking[str] = []
    after: list[Any] | None = None
    while len(found) < limit:
        size = min(WINDOW, limit - len(found))
        (answer,) = searches.send([bodies.by_score(query, size, after)], walking=after is not None)
        hits = hits_of(answer)
        found += [(hit["sort"][1], hit["sort"][0]) for hit in hits]
        if len(hits) < size:
            break
        after = hits[-1]["sort"]
    return found


def _seen(matching: Matching, places: Collection[int], leaf: Leaf, ids: Sequence[str]) -> Body:
    query = queries.matching(matching, _only(Places(places)))
    return bodies.seen(query, leaf, ids)


def _sorted_by(answer: dict[str, Any]) -> Iterator[tuple[float, str, int]]:
    """Score, id and length of each hit whose score the leaf adds to."""
    for hit in hits_of(answer):
        score, name, length = hit["sort"][:3]
        if score:
            yield score, name, length


def _only(places: Places) -> Weigh:
    return lambda leaf, query: query if places.adds(leaf) else queries.silent(query)


def _weights(
    searches: Searches, part: Node, leaves: Collection[Leaf]
) -> dict[Leaf, Reweighing | None]:
    """``None`` for a leaf that no article of the part has."""
    remembered = searches.weights
    known = {leaf: remembered[part, leaf] for leaf in leaves if (part, leaf) in remembered}
    unknown = [leaf for leaf in leaves if leaf not in known]
    if not unknown:
        return known
    own, *whole = searches.send([bodies.part(part, unknown), *map(bodies.explained, unknown)])
    if searches.weights is not remembered:
        # The reader has moved on to a newer commit, where it stays.
        return _weights(searches, part, leaves)
    for place, (leaf, answer) in enumerate(zip(unknown, whole, strict=True)):
        known[leaf] = _reweighing(own["aggregations"], place, leaf, answer)
        if len(remembered) < _REMEMBERED:
            remembered[part, leaf] = known[leaf]
    return known


def _reweighing(
    own: dict[str, Any], place: int, leaf: Leaf, explained: dict[str, Any]
) -> Reweighing | None:
    counted = own["having"]["buckets"]
    having = [counted[f"{place} {word}"]["doc_count"] for word in range(len(leaf.words))]
    hits = hits_of(explained)
    if not hits or not all(having):
        return None
    lengths = own[f"lengths {place}"]
    part = Weight(idf(lengths["count"], having), lengths["avg"])
    return Reweighing(weight_of(hits[0]["_explanation"]), part)
