"""Offsets that follow each other closely, as bytes: their differences, which pack well."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise


def pack(offsets: Sequence[int]) -> bytes:
    """The differences in 32 bits each, the lowest byte first."""
    return _little_endian(array("i", (b - a for a, b in pairwise((0, *offsets))))).tobytes()


def unpack(data: bytes) -> list[int]:
    """What :func:`pack` was given; raises ValueError where ``data`` is not of it."""
    steps = array("i")
    steps.frombytes(data)
    return list(accumulate(_little_endian(steps)))


def _little_endian(numbers: array[int]) -> array[int]:
    """From this machine's order to the stored one, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
