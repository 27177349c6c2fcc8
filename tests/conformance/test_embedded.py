"""The embedded engine passes the suite that every engine passes."""

from __future__ import annotations

from itertools import count

import pytest

from byline.engines.embedded import EmbeddedEngine
from byline.records import ModelIdentity
from byline.testing import EngineConformance


class TestEmbedded(EngineConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make_engine(cls, tmp_path_factory):
        folder = tmp_path_factory.mktemp("archives")
        numbers = count()

        def make(model: ModelIdentity | None) -> EmbeddedEngine:
            return EmbeddedEngine.create(str(folder / str(next(numbers))), model)

        return make
