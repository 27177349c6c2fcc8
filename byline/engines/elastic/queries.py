"""Query nodes into the server's queries. Pure: needs no server.

What adds nothing to a score stands in filter context or under a constant score of 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias, assert_never

from byline.analysis import Form, fold, terms
from byline.engines.base import Matching
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


def matching(wanted: Matching) -> Body:
    """Matches the articles of ``wanted`` and scores them as the words leg does."""
    must: list[Body] = []
    silent: list[Body] = []
    if wanted.condition is not None:
        (must if scores(wanted.condition) else silent).append(node(wanted.condition))
    if wanted.words:
        must.append(_any([_or_silent(word) for word in wanted.words]))
    if not must and not silent:
        return EVERYTHING
    boosts = [_or_silent(word) for word in wanted.boosts]
    if not boosts and not silent and len(must) == 1:
        return must[0]
    parts = {"must": must, "filter": silent, "should": boosts}
    return {"bool": {name: part for name, part in parts.items() if part}}


def node(node: Node) -> Body:
    """Scores as the words leg does where ``scores`` says so; else for filter context."""
    match node:
        case Word():
            return _word(node)
        case Phrase():
            return _phrase(node)
        case Prefix():
            return _prefix(node)
        case Fuzzy():
            return _fuzzy(node)
        case Value():
            return {"term": {folded(node.field): fold(node.value)}}
        case DateRange():
            return _dates(node)
        case Everything():
            return EVERYTHING
        case Not():
            return {"bool": {"must_not": [compiled(node.child)]}}
        case And():
            must = [compiled(child) for child in node.children if scores(child)]
            silent = [compiled(child) for child in node.children if not scores(child)]
            parts = {"must": must, "filter": silent}
            return {"bool": {name: part for name, part in parts.items() if part}}
        case Or():
            return _any([_or_silent(child) for child in node.children])
        case _:
            assert_never(node)


#: The same under a name that no parameter hides.
compiled = node


def _or_silent(child: Node) -> Body:
    return compiled(child) if scores(child) else silent(compiled(child))


def silent(query: Body) -> Body:
    """Matches the same and scores nothing."""
    return constant(query, 0)


def constant(query: Body, score: float) -> Body:
    return {"constant_score": {"filter": query, "boost": score}}


def _word(node: Word) -> Body:
    field = node.field
    if field is None or field in PROSE_FIELDS:
        name = ALL if field is None else stemmed(field)
        return _all([{"term": {name: stem}} for stem in _stems(node.text)])
    return _all([{"term": {exact(field): word}} for word in terms(node.text, Form.EXACT)])


@lru_cache(maxsize=4096)
def _stems(text: str) -> tuple[str, ...]:
    """Of a word that both legs and the page's counts ask for."""
    return tuple(stems(text))


def _phrase(node: Phrase) -> Body:
    if not terms(node.text, Form.EXACT):
        return NOTHING
    return _any([{"match_phrase": {exact(field): node.text}} for field in _fields(node)])


def _prefix(node: Prefix) -> Body:
    (*_, text) = terms(node.text, Form.EXACT) or [""]
    if not text:
        return NOTHING
    return _constant(node, _any([{"prefix": {exact(field): text}} for field in _fields(node)]))


def _fuzzy(node: Fuzzy) -> Body:
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
    return _constant(node, _any(queries))


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


def _constant(node: Prefix | Fuzzy, query: Body) -> Body:
    return constant(query, 1) if _is_prose(node) else query


def _all(queries: list[Body]) -> Body:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"must": queries}}


def _any(queries: list[Body]) -> Body:
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}
