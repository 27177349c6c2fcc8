"""JSON as the standard library has it, only sooner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byline.jsontext import from_json, to_json

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_what_is_written_is_read_back_by_either(value: Any) -> None:
    """Halves of surrogate pairs too, which msgspec refuses."""
    text = to_json(value)
    assert b"\n" not in text
    assert from_json(text) == value
    assert json.loads(text) == value
    assert from_json(json.dumps(value).encode("ascii")) == value


@pytest.mark.parametrize("data", [b"{", b"<html>", b'"\xff"', b"", b"{} {}"])
def test_what_is_not_json_is_refused_as_the_standard_library_does(data: bytes) -> None:
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        from_json(data)
