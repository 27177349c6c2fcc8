"""Query nodes as the server's queries, without a server."""

from __future__ import annotations

import itertools
import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byline.engines.base import (
    FacetWanted,
    Matching,
    Order,
    Period,
    ResultSet,
    Retrieval,
)
from byline.engines.bm25 import Leaf
from byline.engines.elastic import bodies, layout, queries
from byline.engines.elastic.address import Options
from byline.query import parse, with_filters
from byline.query.tree import DateRange, Fuzzy, TextField, Value, ValueField
from byline.records import Manifest, ModelIdentity

GOLDEN = Path(__file__).with_name("golden")
MODEL = ModelIdentity("small", "0" * 64, 4, "mean", "", "", "sentences-1", 0.3)
MANIFEST = Manifest(layout.SCHEMA, "2026-01-01T00:00:00Z", "0.1.0", MODEL)
VECTOR = np.array([0.5, -0.5, 0.5, -0.5], np.float32)

QUERIES = [
    "iran drones",
    "the drones",
    '"to be or not to be"',
    "+iran drones -title:war",
    "author:coughlin date:2022-07..2022-09",
    "drone* colour~ authors:o'brien~2",
    "iran AND (drones OR missiles) NOT topic:sport",
    "after:2020 *",
    "ab~",
]


def matching(text: str) -> Matching:
    query = parse(text)
    return Matching(query.condition, query.words, query.boosts)


def golden(name: str, found: Any) -> None:
    """Equal to the file; ``WRITE_GOLDEN=1`` in the environment writes it anew."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_queries() -> None:
    golden("queries", {text: queries.matching(matching(text)) for text in QUERIES})


def test_filters() -> None:
    query = with_filters(
        parse("iran"),
        [Value(ValueField.AUTHOR, "Zoë  Coughlin"), Value(ValueField.LANGUAGE, "en")],
        DateRange(date(2022, 1, 1), None),
    )
    golden("filters", queries.matching(Matching(query.condition, query.words)))


def test_ranking_a_part() -> None:
    part = Value(ValueField.PUBLICATION, "The Courier")
    leaf = Leaf("body", TextField.BODY, ("rent", "control"))
    golden(
        "weighing",
        {
            "what the part counts": bodies.part(part, [leaf, Leaf("all", None, ("iran",))]),
            "how the whole weighs a phrase": bodies.explained(leaf),
            "what it adds to two articles": bodies.seen(queries.leaf(leaf), leaf, ["a", "b"]),
            "the best by another weight": bodies.by_score(
                queries.boosted(queries.NOTHING, 1.5), 10
            ),
        },
    )


def test_legs() -> None:
    wanted = Retrieval(matching("iran +drones"), vector=VECTOR, depth=100)
    golden(
        "legs",
        {
            "words": bodies.words_leg(wanted),
            "words, counted alone": bodies.words_leg(Retrieval(wanted.matching, want_words=False)),
            "meaning": bodies.meaning_leg(wanted, oversample=3.0),
            "meaning, unreduced vectors, no words": bodies.meaning_leg(
                Retrieval(Matching(), vector=VECTOR, depth=10_000), oversample=None
            ),
        },
    )


def test_collections() -> None:
    results = ResultSet(matching("iran"), ("near-1", "near-2"))
    facets = (FacetWanted(ValueField.AUTHOR, 5), FacetWanted(ValueField.TOPIC, 0))
    golden(
        "collections",
        {
            "counts": bodies.counts(results, facets, Period.MONTH),
            "nothing": bodies.counts(ResultSet(None), (), None),
            "by score": bodies.listing(results, Order.SCORE, ("seen",)),
            "newest": bodies.listing(results, Order.NEWEST, ()),
            "newest, vectors left out": bodies.listing(
                ResultSet(Matching()), Order.NEWEST, (), vectors=False
            ),
            "page": bodies.page_of(("a", "b")),
            "page, vectors left out": bodies.page_of(("a", "b"), vectors=False),
        },
    )


def test_layout() -> None:
    options = Options(shards=3, replicas="2", vectors="bbq", oversample=4.0)
    golden(
        "layout",
        {
            "settings": layout.settings(options),
            "mapping": layout.mapping(MANIFEST, options),
            "state": layout.STATE_MAPPING,
        },
    )


def test_what_the_manifest_says_is_read_back() -> None:
    assert layout.read_meta(layout.meta(MANIFEST, Options())) == MANIFEST
    assert layout.read_meta({"made_by": "something else"}) is None


def test_conditions_stand_in_the_neighbour_query_itself() -> None:
    """Filtered before neighbours are chosen, not after."""
    wanted = Retrieval(matching("author:coughlin iran"), vector=VECTOR)
    near = bodies.meaning_leg(wanted, oversample=None)["query"]["bool"]["must"][0]
    assert near["nested"]["query"]["knn"]["filter"] == {"term": {"author": "coughlin"}}


def edits(one: str, other: str) -> int:
    """Optimal string alignment: no letter is edited twice."""
    rows = [[i + j if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
        same = one[i - 1] == other[j - 1]
        best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            best = min(best, rows[i - 2][j - 2] + 1)
        rows[i][j] = best
    return rows[-1][-1]


@pytest.mark.parametrize("distance", [1, 2])
def test_short_words_are_found_that_the_servers_fuzzy_query_leaves_out(distance: int) -> None:
    words = ["".join(w) for n in range(1, 5) for w in itertools.product("abc", repeat=n)]
    for word in words[::2]:
        body = queries.node(Fuzzy(word, TextField.TITLE, distance))
        parts = body["constant_score"]["filter"]
        parts = parts["bool"]["should"] if "bool" in parts else [parts]
        patterns = [part["regexp"]["title"]["value"] for part in parts if "regexp" in part]
        for term in words:
            apart = edits(word, term)
            # Lucene's own rule for a fuzzy query.
            by_server = apart <= distance and (not apart or apart < min(len(word), len(term)))
            by_pattern = any(re.fullmatch(pattern, term) for pattern in patterns)
            assert (by_server or by_pattern) == (apart <= distance), (word, term)
