"""What programs send, as parameters or as JSON."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError

#: What such a fault is called, beside pydantic's own.
HALF_A_CHARACTER = "half_a_character"
_HALVES = re.compile("[\ud800-\udfff]")


class Sent(BaseModel):
    """Names that are not known are refused, and so are strings with half a character.

    JSON can write a surrogate by itself (``"\\ud800"``), which no text can hold: whatever is
    made of it fails where it is encoded.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _of_whole_characters(cls, value: Any) -> Any:
        if _has_half(value):
            raise PydanticCustomError(HALF_A_CHARACTER, "A surrogate stands by itself")
        return value


def _has_half(value: Any) -> bool:
    """Whether a string, or one in a list, cannot be encoded; what lies in an object is seen to
    by the object's own model."""
    if isinstance(value, list):
        return any(map(_has_half, value))
    return isinstance(value, str) and _HALVES.search(value) is not None
