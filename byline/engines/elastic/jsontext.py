"""JSON to the server and back, by msgspec: answers with whole documents are read in less than
half of the standard library's time.

What msgspec refuses and the standard library takes, such as half of a surrogate pair, is left to
the standard library, so that it makes no difference but time.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def to_json(value: Any) -> bytes:
    """One line, UTF-8."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


def from_json(data: bytes) -> Any:
    """Raises ValueError where it is not JSON."""
    try:
        return _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return json.loads(data)


def serializers() -> dict[str, Any]:
    """For the client, by the content types that it asks for."""
    from elasticsearch.serializer import JsonSerializer

    class FastSerializer(JsonSerializer):
        def json_loads(self, data: bytes) -> Any:
            return from_json(data)

    return {FastSerializer.mimetype: FastSerializer()}
