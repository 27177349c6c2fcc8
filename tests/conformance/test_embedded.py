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


class TestEmbeddedThatIsSearchedAgainAndAgain(TestEmbedded):
    """Then it remembers which articles contain what, from the first search here."""

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def at_once(cls):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("byline.engines.embedded.words.ASKED_BEFORE_SETS", 0)
            yield
