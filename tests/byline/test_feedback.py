"""Meaning asked once more: what that moves, and what it leaves where it was."""

from __future__ import annotations

import numpy as np
import pytest

from byline.feedback import asked_again
from byline.joining import in_order

DIMENSION = 8


def towards(**axes: float) -> np.ndarray:
    """float16 ``[1, dimension]``: a passage that points so far along each axis."""
    vector = np.zeros(DIMENSION, np.float32)
    for name, length in axes.items():
        vector[int(name[1:])] = length
    return (vector / np.linalg.norm(vector)).astype(np.float16)[None, :]


QUERY = towards(a0=1)[0].astype(np.float32)


def again(vectors, first: str):
    """Keys in the order of the second question, where ``first`` ranked first by all."""
    cosines = {key: float((held.astype(np.float32) @ QUERY).max()) for key, held in vectors.items()}
    meaning = dict(sorted(cosines.items(), key=lambda pair: (-pair[1], pair[0])))
    scores = np.array([cosine / 2 + (key == first) for key, cosine in meaning.items()])
    asked = []

    def vectors_of(keys):
        asked.extend(keys)
        return {key: vectors[key] for key in keys if len(vectors[key])}

    found = asked_again(QUERY, meaning, scores, vectors_of)
    assert len(found) == len(meaning)
    keys = list(meaning)
    return [keys[place] for place in in_order(found)], asked


def test_what_is_like_the_first_rises_and_the_first_is_told_by_all_that_ranks():
    vectors = {
        "rivers": towards(a0=1, a1=1),
        "rivers too": towards(a0=0.95, a1=1),
        "roads": towards(a0=1, a2=1),
        "roads too": towards(a0=0.96, a2=1),
    }
    order, _ = again(vectors, first="rivers")
    assert order == ["rivers", "rivers too", "roads", "roads too"]
    order, _ = again(vectors, first="roads")
    assert order == ["roads", "roads too", "rivers", "rivers too"]


def test_of_an_article_only_what_is_nearest_to_the_query_is_asked_along():
    vectors = {
        "long": np.concatenate([towards(a0=1, a1=1), towards(a5=1), towards(a5=1)]),
        "like it": towards(a0=0.9, a1=1),
        "like its other parts": towards(a0=0.92, a5=1),
    }
    order, _ = again(vectors, first="long")
    assert order == ["long", "like it", "like its other parts"]


def test_the_far_keep_their_order_below_the_near():
    many = {f"n{n:03}": towards(a0=1, a3=0.5 + n / 100) for n in range(150)}
    # The last of all is what the first is like, and not looked at anew.
    many["n149"] = towards(a0=1, a3=0.5 + 1.49, a6=0.1)
    order, asked = again(many, first="n000")
    assert set(order[:100]) == {f"n{n:03}" for n in range(100)}
    assert order[100:] == [f"n{n:03}" for n in range(100, 150)]
    assert len(asked) == len(set(asked)) == 100


def test_what_ranks_first_by_words_is_asked_along_from_afar():
    many = {f"n{n:03}": towards(a0=1, a3=0.5 + n / 1000) for n in range(120)}
    many["far"] = towards(a0=1, a4=3)
    many["like the far"] = towards(a0=1, a4=0.55)
    before, _ = again(many, first="n000")
    after, asked = again(many, first="far")
    assert after.index("like the far") < before.index("like the far")
    assert after[-1] == "far"
    assert "far" in asked


@pytest.mark.parametrize("held", [0, 1])
def test_without_vectors_the_order_stays(held):
    vectors = {key: np.zeros((0, DIMENSION), np.float16) for key in ("a", "b")}
    if held:
        vectors["a"] = towards(a0=1)
    meaning, scores = {"a": 0.9, "b": 0.8}, np.array([1.0, 0.5])

    def vectors_of(keys):
        return {key: vectors[key] for key in keys if len(vectors[key])}

    assert in_order(asked_again(QUERY, meaning, scores, vectors_of)).tolist() == [0, 1]
    assert len(asked_again(QUERY, {}, np.array([]), vectors_of)) == 0
