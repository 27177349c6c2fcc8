"""Keys: what a caller shows to be let in, and what it lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key is for. ``WRITE`` and ``ADMIN`` do not include ``SEARCH``."""

    SEARCH = "search"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without its secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
