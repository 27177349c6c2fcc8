"""Query nodes into Tantivy queries. Pure: needs a schema, no index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeAlias, assert_never

from tantivy import FieldType, Occur, Query, Schema

from byline.analysis import Form, fold, terms
from byline.engines.base import Matching
from byline.engines.bm25 import Leaf
from byline.engines.embedded import schema as names
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
    ValueField,
    Word,
)

#: Characters that mean something in Tantivy's regular expressions.
_SPECIAL = frozenset(r".+*?()|[]{}^$\&~#-")

Weigh: TypeAlias = Callable[[Leaf, Query], Query]


class Compiler:
    """Compiles for one schema.

    Args:
        weigh: changes each query that adds to a score; asked in the same order each time.
    """

    def __init__(self, schema: Schema, weigh: Weigh | None = None) -> None:
        self._schema = schema
        self._weigh = weigh

    def weighing(self, weigh: Weigh) -> Compiler:
        return Compiler(self._schema, weigh)

    def matching(self, wanted: Matching) -> Query:
        """Matches the articles of ``wanted`` and scores them as the words leg does."""
        parts: list[tuple[Occur, Query]] = []
        if wanted.condition is not None:
            parts.append((Occur.Must, self.node(wanted.condition)))
        if wanted.words:
            words = [(Occur.Should, self.node(word)) for word in wanted.words]
            parts.append((Occur.Must, Query.boolean_query(words)))
        if not parts:
            return self.everything()
        parts += [(Occur.Should, self.node(word)) for word in wanted.boosts]
        return Query.boolean_query(parts)

    def among(self, query: Query, nums: Sequence[int]) -> Query:
        """``query`` and one of these articles; scored as ``query`` scores."""
        chosen = Query.term_set_query(self._schema, names.NUM, list(nums))
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, silent(chosen))])

    def but(self, query: Query, nums: Sequence[int]) -> Query:
        """``query`` and none of these articles."""
        if not nums:
            return query
        left_out = Query.term_set_query(self._schema, names.NUM, list(nums))
        return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, left_out)])

    def not_matching(self, query: Query) -> Query:
        """Every article but those that ``query`` matches."""
        return Query.boolean_query([(Occur.Must, self.everything()), (Occur.MustNot, query)])

    def either(self, query: Query | None, nums: Sequence[int]) -> Query:
        """``query``, or one of these articles."""
        parts = [] if query is None else [(Occur.Should, query)]
        if nums:
            chosen = Query.term_set_query(self._schema, names.NUM, list(nums))
            parts.append((Occur.Should, silent(chosen)))
        return Query.boolean_query(parts) if parts else Query.empty_query()

    def leaf(self, leaf: Leaf) -> Query:
        """Scored by BM25 over the whole index."""
        if len(leaf.words) == 1:
            return self._term(leaf.indexed, leaf.words[0])
        return Query.phrase_query(self._schema, leaf.indexed, list(leaf.words))

    def everything(self) -> Query:
        return silent(Query.term_query(self._schema, names.KIND, "article"))

    def spelled(self, field: ValueField, value: str) -> Query:
        """Articles that have this value, as it is written."""
        return self.written(names.spelled(field), value)

    def written(self, column: str, value: str) -> Query:
        """The same of a column of values or of periods."""
        return silent(Query.term_query(self._schema, column, value))

    def dated(self, query: Query) -> Query:
        """``query`` and a date."""
        return _all([query, silent(Query.exists_query(names.FIRST_DAY))])

    def node(self, node: Node) -> Query:
        match node:
            case Word():
                return self._word(node)
            case Phrase():
                return self._phrase(node)
            case Prefix():
                return self._prefix(node)
            case Fuzzy():
                return self._fuzzy(node)
            case Value():
                name = names.folded(node.field)
                return silent(Query.term_query(self._schema, name, fold(node.value)))
            case DateRange():
                return self._dates(node)
            case Everything():
                return self.everything()
            case Not():
                return self.not_matching(Compiler(self._schema).node(node.child))
            case And():
                return _all([self.node(child) for child in node.children])
            case Or():
                return _any([self.node(child) for child in node.children])
            case _:
                assert_never(node)

    def _word(self, node: Word) -> Query:
        field = node.field
        if field is None or field in PROSE_FIELDS:
            return _all([self._stem(field, stem) for stem in terms(node.text, Form.STEMMED)])
        words = terms(node.text, Form.EXACT)
        return silent(_all([self._term(names.exact(field), word) for word in words]))

    def _stem(self, field: TextField | None, stem: str) -> Query:
        if field is not TextField.BODY:
            name = names.ALL if field is None else names.stemmed(field)
            return self._weighed(Leaf(name, field, (stem,)))
        # The body alone is in no stemmed field; it scores as the article does.
        anywhere = self._weighed(Leaf(names.ALL, None, (stem,)))
        elsewhere = self._term(names.BEYOND_BODY, stem)
        return Query.boolean_query([(Occur.Must, anywhere), (Occur.MustNot, elsewhere)])

    def _phrase(self, node: Phrase) -> Query:
        words = terms(node.text, Form.EXACT)
        if not words:
            return Query.empty_query()
        leaves = [Leaf(names.exact(field), field, tuple(words)) for field in _fields(node)]
        if _is_prose(node):
            return _any([self._weighed(leaf) for leaf in leaves])
        return silent(_any([self.leaf(leaf) for leaf in leaves]))

    def _weighed(self, leaf: Leaf) -> Query:
        query = self.leaf(leaf)
        return query if self._weigh is None else self._weigh(leaf, query)

    def _prefix(self, node: Prefix) -> Query:
        (*_, text) = terms(node.text, Form.EXACT) or [""]
        if not text:
            return Query.empty_query()
        pattern = "".join(f"\\{char}" if char in _SPECIAL else char for char in text) + ".*"
        queries = [
            Query.regex_query(self._schema, names.exact(field), pattern) for field in _fields(node)
        ]
        return self._constant(node, _any(queries))

    def _fuzzy(self, node: Fuzzy) -> Query:
        (*_, text) = terms(node.text, Form.EXACT) or [""]
        if not text:
            return Query.empty_query()
        queries = [
            Query.fuzzy_term_query(self._schema, names.exact(field), text, distance=node.distance)
            for field in _fields(node)
        ]
        return self._constant(node, _any(queries))

    def _dates(self, node: DateRange) -> Query:
        return silent(
            _all(
                [
                    self._between(names.FIRST_DAY, node.first, None),
                    self._between(names.LAST_DAY, None, node.last),
                ]
            )
        )

    def _between(self, name: str, first: date | None, last: date | None) -> Query:
        """Open on a side that is ``None``; a document without the field never matches."""
        return Query.range_query(
            self._schema,
            name,
            FieldType.Integer,
            lower_bound=first.toordinal() if first else 0,
            upper_bound=last.toordinal() if last else date.max.toordinal(),
        )

    def _constant(self, node: Prefix | Fuzzy, query: Query) -> Query:
        if not _is_prose(node):
            return silent(query)
        query = Query.const_score_query(query, 1.0)
        return query if self._weigh is None else self._weigh(Leaf(), query)

    def _term(self, name: str, text: str) -> Query:
        return Query.term_query(self._schema, name, text, index_option="freq")


def _fields(node: Phrase | Prefix | Fuzzy) -> tuple[TextField, ...]:
    return DEFAULT_FIELDS if node.field is None else (node.field,)


def _is_prose(node: TextNode) -> bool:
    return node.field is None or node.field in PROSE_FIELDS


def silent(query: Query) -> Query:
    """Matches the same and scores nothing."""
    return Query.const_score_query(query, 0.0)


def _all(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    if not queries:
        return Query.empty_query()
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
