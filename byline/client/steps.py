"""An operation as a generator: what to ask of the server, and what to make of its replies.

It knows nothing of sockets or of ``await``. :mod:`byline.client.drivers` runs it, synchronously
or not, so each operation is written once.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
Parameters: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``path`` is below ``/api/v1/`` and percent-encoded already."""

    method: str
    path: str
    parameters: Parameters = ()
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunks:
    """A request whose body is handed on as it comes, bytes by bytes."""

    call: Call


@dataclass(frozen=True, slots=True)
class Reply:
    """``document`` is ``None`` where the body is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Any


@dataclass(frozen=True, slots=True)
class Emit(Generic[T]):
    """One item for whoever iterates; nothing is asked."""

    value: T


#: Asks, and returns what it was asked for.
Steps: TypeAlias = Generator[Call, Reply, T]
#: Asks, and emits items as it goes.
Stream: TypeAlias = Generator[Call | Chunks | Emit[T], Reply, None]
