"""Query nodes into the server's queries. Pure: needs no server.

What adds nothing to a score stands in filter context or under a constant score of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias, assert_never

from byline.analysis import Form, fold, terms
from byline.engines.base import Matching
from byline.engines.bm25 import Leaf
from byline.engines.elastic.documents import stems
from byline.engines.elastic.layout import ALL, exact, folded, stemmed
from byline.query.tree import (
    DEFAULT_FIELDS,
    PROSE_FIELDS,
    And,
    DateRange,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    TextField,
    TextNode,
    Value,
    Word,
    scores,
)

Body: TypeAlias = dict[str, Any]

NOTHING: Body = {"match_none": {}}
EVERYTHING: Body = {"match_all": {"boost": 0}}
#: Characters that mean something in the server's regular expressions.
_SPECIAL = frozenset('.?+*|{}[]()"\\#@&<>~^$-')

#: Gives another query, of which the leaf adds to the score otherwise.
Weigh: TypeAlias = Callable[[Leaf, Body], Body]


def as_it_is(leaf: Leaf, query: Body) -> Body:
    del leaf
    return query


def matching(wanted: Matching, weigh: Weigh = as_it_is) -> Body:
    """Matches the articles of ``wanted`` and scores them as the words leg does.

    Args:
        weigh: changes each query that adds to a score; asked in the same order each time.
    """
    must: list[Body] = []
    silent: list[Body] = []
    if wanted.condition is not None:
        (must if scores(wanted.condition) else silent).append(node(wanted.condition, weigh))
    if wanted.words:
        must.append(_any([_or_silent(word, weigh) for word in wanted.words]))
    if not must and not silent:
        return EVERYTHING
    boosts = [_or_silent(word, weigh) for word in wanted.boosts]
    if not boosts and not silent and len(must) == 1:
        return must[0]
    parts = {"must": must, "filter": silent, "should": boosts}
    return {"bool": {name: part for name, part in parts.items() if part}}


def node(node: Node, weigh: Weigh = as_it_is) -> Body:
    """Scores as the words leg does where ``scores`` says so; else for filter context."""
    match node:
        case Word():
            return _word(node, weigh)
        case Phrase():
            return _phrase(node, weigh)
        case Prefix():
            return _prefix(node, weigh)
        case Fuzzy():
            return _fuzzy(node, weigh)
        case Value():
            return {"term": {folded(node.field): fold(node.value)}}
        case DateRange():
            return _dates(node)
        case Everything():
            return EVERYTHING
        case Not():
            return {"bool": {"must_not": [compiled(node.child)]}}
        case And():
            must = [compiled(child, weigh) for child in node.children if scores(child)]
            silent = [compiled(child) for child in node.children if not scores(child)]
            parts = {"must": must, "filter": silent}
            return {"bool": {name: part for name, part in parts.items() if part}}
        case Or():
            return _any([_or_silent(child, weigh) for child in node.children])
        case _:
            assert_never(node)


#: The same under a name that no parameter hides.
compiled = node


def _or_silent(child: Node, weigh: Weigh) -> Body:
    return compiled(child, weigh) if scores(child) else silent(compiled(child))


def leaf(leaf: Leaf) -> Body:
    """Scored by BM25 over the whole index."""
    if leaf.text is None or leaf.indexed != exact(leaf.text):
        return {"term": {leaf.indexed: leaf.words[0]}}
    return {"match_phrase": {leaf.indexed: " ".join(leaf.words)}}


def boosted(query: Body, boost: float) -> Body:
    return {"bool": {"must": [query], "boost": boost}}


def silent(query: Body) -> Body:
    """Matches the same and scores nothing."""
    return constant(query, 0)


def constant(query: Body, score: float) -> Body:
    return {"constant_score": {"filter": query, "boost": score}}


def _word(node: Word, weigh: Weigh) -> Body:
    field = node.field
    if field is None or field in PROSE_FIELDS:
        return _all([_stem(field, stem, weigh) for stem in _stems(node.text)])
    return _all([{"term": {exact(field): word}} for word in terms(node.text, Form.EXACT)])


def _stem(field: TextField | None, stem: str, weigh: Weigh) -> Body:
    if field is not TextField.BODY:
        name = ALL if field is None else stemmed(field)
        return weigh(Leaf(name, field, (stem,)), {"term": {name: stem}})
    # It scores as the article does: the embedded engine has no stems of the body alone.
    anywhere = weigh(Leaf(ALL, None, (stem,)), {"term": {ALL: stem}})
    return {"bool": {"must": [anywhere], "filter": [{"term": {stemmed(field): stem}}]}}


@lru_cache(maxsize=4096)
def _stems(text: str) -> tuple[str, ...]:
    """Of a word that both legs and the page's counts ask for."""
    return tuple(stems(text))


def _phrase(node: Phrase, weigh: Weigh) -> Body:
    words = tuple(terms(node.text, Form.EXACT))
    if not words:
        return NOTHING
    weigh = weigh if _is_prose(node) else as_it_is
    return _any(
        [
            weigh(Leaf(exact(field), field, words), {"match_phrase": {exact(field): node.text}})
            for field in _fields(node)
        ]
    )


def _prefix(node: Prefix, weigh: Weigh) -> Body:
    (*_, text) = terms(node.text, Form.EXACT) or [""]
    if not text:
        return NOTHING
    begins = [{"prefix": {exact(field): text}} for field in _fields(node)]
    return _constant(node, _any(begins), weigh)


def _fuzzy(node: Fuzzy, weigh: Weigh) -> Body:
    (*_, text) = terms(node.text, Form.EXACT) or [""]
    if not text:
        return NOTHING
    queries: list[Body] = []
    for field in _fields(node):
        fuzziness = {
            "value": text,
            "fuzziness": node.distance,
            "transpositions": True,
            # Every word within the distance, not the 50 most frequent.
            "rewrite": "constant_score",
        }
        queries.append({"fuzzy": {exact(field): fuzziness}})
        pattern = "|".join(_short_neighbours(text, node.distance))
        if pattern:
            queries.append({"regexp": {exact(field): {"value": pattern, "flags": "NONE"}}})
    return _constant(node, _any(queries), weigh)


def _short_neighbours(word: str, distance: int) -> list[str]:
    """Patterns of the words within ``distance`` that the server's fuzzy query leaves out.

    Lucene leaves out a word where either it or the one sought is no longer than the edits
    between them.
    """
    if len(word) > 2 * distance:
        return []
    fewest: dict[tuple[str, ...], int] = {}
    for pattern, edits in _edited(word, distance):
        fewest[pattern] = min(edits, fewest.get(pattern, edits))
    found = (p for p, edits in fewest.items() if edits and 0 < min(len(p), len(word)) <= edits)
    return sorted("".join(_escaped(char) for char in pattern) for pattern in found)


def _edited(word: str, budget: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every way to spend up to ``budget`` edits, left to right, each with how many it took.

    ``""`` stands for any character. A letter is deleted, replaced, put in, or changes places
    with the next, and none is edited twice (optimal string alignment, as the server counts).
    """
    if not word:
        yield from (((("",) * edits), edits) for edits in range(budget + 1))
        return
    for rest, used in _edited(word[1:], budget):
        yield (word[0], *rest), used
    if not budget:
        return
    for rest, used in _edited(word[1:], budget - 1):
        yield rest, used + 1
        yield ("", *rest), used + 1
    for rest, used in _edited(word, budget - 1):
        yield ("", *rest), used + 1
    if len(word) > 1:
        for rest, used in _edited(word[2:], budget - 1):
            yield (word[1], word[0], *rest), used + 1


def _escaped(char: str) -> str:
    if not char:
        return "."
    return f"\\{char}" if char in _SPECIAL else char


def _dates(node: DateRange) -> Body:
    """An article without a date has neither field, so no range finds it."""
    bounds: list[Body] = []
    if node.first is not None:
        bounds.append({"range": {"first_day": {"gte": node.first.toordinal()}}})
    if node.last is not None:
        bounds.append({"range": {"last_day": {"lte": node.last.toordinal()}}})
    return {"bool": {"filter": bounds}}


def _fields(node: Phrase | Prefix | Fuzzy) -> tuple[TextField, ...]:
    return DEFAULT_FIELDS if node.field is None else (node.field,)


def _is_prose(node: TextNode) -> bool:
    return node.field is None or node.field in PROSE_FIELDS


def _constant(node: Prefix | Fuzzy, query: Body, weigh: Weigh) -> Body:
    return weigh(Leaf(), constant(query, 1)) if _is_prose(node) else query


def _all(queries: list[Body]) -> Body:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"must": queries}}


def _any(queries: list[Body]) -> Body:
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}
