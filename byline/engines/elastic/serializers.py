"""How the client reads answers: :mod:`byline.jsontext` instead of the standard library."""

from __future__ import annotations

from typing import Any

from byline.jsontext import from_json


def serializers() -> dict[str, Any]:
    """For the client, by the content types that it asks for."""
    from elasticsearch.serializer import JsonSerializer

    class FastSerializer(JsonSerializer):
        def json_loads(self, data: bytes) -> Any:
            return from_json(data)

    return {FastSerializer.mimetype: FastSerializer()}
