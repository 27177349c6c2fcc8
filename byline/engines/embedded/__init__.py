"""The default engine: an archive in a folder, without a server.

SQLite is the truth (:mod:`.truth`); the Tantivy index (:mod:`.words`) and the vector index
(:mod:`.codes`) are derived from it. A batch is written to SQLite first, then to the vector
index, then to Tantivy, whose commit is the moment at which readers see it: a reader takes the
commit that its Tantivy snapshot names, and reads the rows that were live then.
"""

from byline.engines.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
