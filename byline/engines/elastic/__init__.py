"""An archive on Elasticsearch 9, for when one machine is not enough.

``address`` and ``layout`` say where an archive lies and how; ``queries`` and ``bodies`` make
queries and requests (pure); ``documents`` turns articles into the server's documents and back;
``connection``, ``serializers`` and ``failures`` talk to the server; ``state`` holds
the version and the writer's lease; ``snapshots`` and ``searches`` keep a reader at one point in
time; ``reader``, ``writer`` and ``engine`` are the protocol's; ``rebuilding`` changes indices
without a gap.
"""

from byline.engines.elastic.engine import ElasticEngine

__all__ = ["ElasticEngine"]
