"""Filling an engine and asking it, as the conformance suite does again and again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from byline.engines.base import Collection, Engine, Listed, Order, Reader, ResultSet
from byline.records import ModelIdentity, StoredArticle
from byline.testing.archives import DIMENSION

MakeEngine = Callable[[ModelIdentity | None], Engine]

QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
WHOLE = Listed(Order.NEWEST, 0, 1000)


def unit(seed: int) -> npt.NDArray[np.float32]:
    raw = np.random.default_rng(seed).standard_normal(DIMENSION)
    return (raw / np.linalg.norm(raw)).astype(np.float32)


VECTORS = st.integers(0, 2**32 - 1).map(unit)


def ids(reader: Reader, results: ResultSet, page: Listed = WHOLE) -> list[str]:
    found = reader.collect(Collection(results, page))
    return [shown.stored.article.id for shown in found.articles]


def fill(engine: Engine, articles: list[StoredArticle]) -> None:
    with engine.writer() as writer:
        writer.put(articles)
        writer.commit()


def same(found: StoredArticle, wanted: StoredArticle) -> None:
    assert found.article == wanted.article
    assert found.fingerprint == wanted.fingerprint
    assert found.passages == wanted.passages
    assert found.sentences == wanted.sentences
    for a, b in (
        (found.vectors, wanted.vectors),
        (found.sentence_codes, wanted.sentence_codes),
    ):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)
