"""For whoever writes an engine: the suite that every engine must pass, and its oracle.

::

    from byline.testing import EngineConformance

    class TestMyEngine(EngineConformance):
        @pytest.fixture(scope="class")
        @classmethod
        def make_engine(cls):
            return lambda model: MyEngine.create(new_address(), model)

Needs pytest and hypothesis, which Byline itself does not.
"""

import pytest

# So that a failure says what was compared, as in the tests' own files.
pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in ("changing", "engines", "finding", "keeping"))
)

from byline.testing.archives import MODEL, random_archive, random_article  # noqa: E402
from byline.testing.oracle import Oracle  # noqa: E402
from byline.testing.suite import EngineConformance  # noqa: E402

__all__ = ["MODEL", "EngineConformance", "Oracle", "random_archive", "random_article"]
