"""The Elasticsearch engine passes the suite that every engine passes."""

from __future__ import annotations

import uuid

import pytest

from byline.engines.elastic import ElasticEngine
from byline.engines.open import create_engine
from byline.records import ModelIdentity
from byline.testing import EngineConformance


class TestElasticsearch(EngineConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make_engine(cls, elasticsearch):
        names: list[str] = []

        def make(model: ModelIdentity | None) -> ElasticEngine:
            names.append(f"byline-test-{uuid.uuid4().hex[:12]}")
            engine = create_engine(elasticsearch.address(names[-1]), model)
            assert isinstance(engine, ElasticEngine)
            return engine

        yield make
        for name in names:
            elasticsearch.remove(name)
