"""The scan of the vector index finds what exact arithmetic over the same codes finds."""

from __future__ import annotations

import numpy as np
import pytest

from byline.engines.embedded import codes

ARTICLES, PASSAGES, DIMENSION = 8_000, 3, 16


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """More rows than one thread is given."""
    folder = tmp_path_factory.mktemp("archive")
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((ARTICLES, PASSAGES, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    writer = codes.start_generation(folder, 1, DIMENSION, "key")
    writer.append((2 * n, vectors[n].astype(np.float16)) for n in range(ARTICLES))
    return codes.CodesSnapshot(folder), vectors


@pytest.mark.parametrize("chosen", [range(ARTICLES), range(0, ARTICLES, 2), [0, 17, 7_999], []])
def test_every_chosen_article_gets_the_score_of_its_best_passage(snapshot, chosen):
    archive, vectors = snapshot
    query = vectors[17, 1]
    places = np.array(chosen, np.intp)
    scan = archive.scan(query, places)
    assert scan.nums.tolist() == [2 * n for n in chosen]
    exact = (vectors @ query).max(axis=1)[places] if len(places) else np.zeros(0)
    np.testing.assert_allclose(scan.scores(), exact, atol=0.03)
