"""The client reads answers as they are, and what is no JSON is its own error."""

from __future__ import annotations

import pytest

from byline.engines.elastic.serializers import serializers


def test_the_client_reads_answers_with_it() -> None:
    from elastic_transport import SerializationError
    from elasticsearch import Elasticsearch

    with Elasticsearch("http://127.0.0.1:1", serializers=serializers()) as client:
        known = client.transport.serializers
        for mimetype in ("application/json", "application/vnd.elasticsearch+json"):
            assert known.loads(b'{"found":true}', mimetype) == {"found": True}
            assert type(known.get_serializer(mimetype)).__name__ == "FastSerializer"
            with pytest.raises(SerializationError):
                known.loads(b"<html>", mimetype)
