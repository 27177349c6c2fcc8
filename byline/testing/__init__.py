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

from byline.testing.archives import MODEL, random_archive, random_article
from byline.testing.oracle import Oracle
from byline.testing.suite import EngineConformance

__all__ = ["MODEL", "EngineConformance", "Oracle", "random_archive", "random_article"]
