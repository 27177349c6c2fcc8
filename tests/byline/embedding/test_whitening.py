"""Whitening: what all texts differ in counts for less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.embedding.whitening import sentences, whitened, whitening


def _texts(seed: int, dimension: int = 12) -> np.ndarray:
    """Texts that differ along the first axis ten times as much as along the others."""
    texts = np.random.default_rng(seed).normal(size=(400, dimension)).astype(np.float32)
    texts[:, 0] *= 10
    return texts


@given(st.integers(0, 999))
def test_a_text_alike_in_what_tells_apart_comes_before_one_alike_in_what_does_not(seed):
    matrix = whitening(_texts(seed))
    rng = np.random.default_rng(seed)
    query, along, across = (rng.normal(size=12).astype(np.float32) for _ in range(3))
    # The first axis alone makes `along` the nearer of the two; in all else `across` is.
    query[0] = along[0] = 5.0
    across[0] = 0.0
    across[1:] = query[1:]
    along[1:] = -query[1:]
    plain = [float(query @ text / np.linalg.norm(text)) for text in (along, across)]
    (turned,) = whitened(query[None, :], matrix)
    by_whitened = [float(turned @ text / np.linalg.norm(text)) for text in (along, across)]
    assert by_whitened[1] - by_whitened[0] > (plain[1] - plain[0]) / float(np.linalg.norm(query))


def test_where_all_directions_are_alike_nothing_changes():
    rng = np.random.default_rng(1)
    even = np.concatenate([np.eye(8), -np.eye(8)]).astype(np.float32)
    queries = rng.normal(size=(5, 8)).astype(np.float32)
    lengths = np.linalg.norm(queries, axis=1, keepdims=True)
    assert np.allclose(whitened(queries, whitening(even)), queries / lengths, atol=1e-6)


def test_a_query_of_which_a_model_makes_nothing_stays_nothing():
    assert not whitened(np.zeros((1, 12), np.float32), whitening(_texts(0))).any()


@pytest.mark.parametrize("texts", [3, 40])
def test_fewer_texts_than_dimensions_will_do(texts):
    rng = np.random.default_rng(2)
    matrix = whitening(rng.normal(size=(texts, 64)).astype(np.float32))
    found = whitened(rng.normal(size=(9, 64)).astype(np.float32), matrix)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_there_are_more_sentences_than_dimensions_and_each_is_there_once():
    assert len(sentences()) == len(set(sentences())) > 384
    assert all(sentence == sentence.strip() != "" for sentence in sentences())
