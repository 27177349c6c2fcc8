"""The conformance suite: every engine passes it unchanged, only the fixture differs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from byline.engines.base import Engine, Matching
from byline.testing.archives import MODEL, random_archive
from byline.testing.changing import WhatChanges
from byline.testing.engines import MakeEngine, fill
from byline.testing.finding import WhatIsFound
from byline.testing.keeping import WhatIsKept
from byline.testing.oracle import Oracle
from byline.testing.weighing import PART, WhatIsWeighed


class EngineConformance(WhatIsFound, WhatIsWeighed, WhatIsKept, WhatChanges):
    """Override :meth:`make_engine`."""

    @pytest.fixture(scope="class")
    @classmethod
    def make_engine(cls) -> Iterator[MakeEngine]:
        """Gives a function that makes an empty archive for a model (or for none)."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def filled(cls, make_engine: MakeEngine) -> Iterator[tuple[Engine, Oracle]]:
        """An archive that has been written to, replaced in and deleted from."""
        articles = random_archive(1, 90)
        old = random_archive(2, 100)
        engine = make_engine(MODEL)
        fill(engine, old[:50])
        with engine.writer() as writer:
            writer.put(old[50:])
            writer.commit()
            writer.put(articles[:40])
            writer.delete([stored.article.id for stored in old[90:]])
            writer.commit()
            writer.put(articles[40:])
            writer.commit()
        yield engine, Oracle(articles)
        engine.close()

    @pytest.fixture(scope="class")
    @classmethod
    def added_to(cls, make_engine: MakeEngine) -> Iterator[tuple[Engine, Oracle]]:
        """One to which three commits added: engines may count the words of what was replaced."""
        articles = random_archive(1, 90)
        engine = make_engine(MODEL)
        for start in range(0, 90, 30):
            fill(engine, articles[start : start + 30])
        yield engine, Oracle(articles)
        engine.close()

    @pytest.fixture(scope="class")
    @classmethod
    def parted(cls, make_engine: MakeEngine) -> Iterator[Engine]:
        """Which never held any but those of the articles of ``filled`` that satisfy ``PART``."""
        engine = make_engine(MODEL)
        fill(engine, Oracle(random_archive(1, 90)).matching(Matching(PART)))
        yield engine
        engine.close()
