"""What reading sources yields, record by record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from byline.records import Article


class Format(StrEnum):
    """``--format``; where it is not said, name and content tell."""

    TEXT = "text"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Attributes:
        format: ``None`` to detect.
        fields: ours → theirs, for records whose names are not found by themselves.
    """

    format: Format | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """An article with exactly one origin. ``unused``: names of fields that nothing was made of."""

    article: Article
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about the article that follows, which is kept all the same."""

    source: str
    record: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record, or a whole source (``record`` is empty), that could not be read."""

    source: str
    record: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A file was done with. ``complete``: it was read to its end, so that what is not in it any
    more has vanished. ``size``: its bytes on disk."""

    source: str
    complete: bool
    size: int


Event: TypeAlias = Found | Noted | Rejected | Finished


class Unreadable(Exception):
    """Raised inside a format's reader for one record; becomes :class:`Rejected`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
