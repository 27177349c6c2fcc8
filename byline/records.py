"""What an archive holds: articles, the passages cut from them, and where they came from.

Nothing here knows how an archive is stored or searched. Every class is frozen; text offsets
are Unicode code points, counted from 0, end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache, partial
from itertools import pairwise
from time import time as clock
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar, overload

from byline.errors import BadDate

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class DatePrecision(StrEnum):
    """How much of a date its source states."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as precisely as its source states it, and no more.

    ``1908`` stays a year: it is never turned into 1 January. ``hour`` and ``minute`` come
    together; ``utc_offset`` is in minutes and present only where the source states a zone.

    Raises:
        BadDate: the parts name no day of the proleptic Gregorian calendar, years 1 to 9999.
    """

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    utc_offset: int | None = None

    def __post_init__(self) -> None:
        given = (self.year, self.month, self.day, self.hour)
        if any(a is None and b is not None for a, b in pairwise(given)):
            raise BadDate(f"{given}: a date cannot have a part whose larger part is missing")
        if (self.hour is None) != (self.minute is None):
            raise BadDate("a time of day needs both an hour and a minute")
        if self.utc_offset is not None and (self.hour is None or abs(self.utc_offset) >= 1440):
            raise BadDate(f"a UTC offset of {self.utc_offset} minutes cannot stand here")
        try:
            date(self.year, self.month or 1, self.day or 1)
            time(self.hour or 0, self.minute or 0)
        except ValueError as error:
            written = "-".join(f"{part:02d}" for part in given[:3] if part is not None)
            raise BadDate(f"{written} is no day of the calendar: {error}.") from error

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what :meth:`isoformat` writes: ``1908``, ``1908-05``, ``2022-07-29``,
        ``2022-07-29T05:00`` or ``2022-07-29T05:00+02:00``.

        Raises:
            BadDate: for anything else. Reading the many ways in which newspapers write
                dates is the indexer's work, not this method's.
        """
        day_text, _, time_text = text.partition("T")
        try:
            numbers = [int(part) for part in day_text.split("-")]
            if len(numbers) not in (1, 2, 3) or len(day_text.split("-")[0]) != 4:
                raise BadDate(f"{text!r} is not a date such as 2022, 2022-07 or 2022-07-29")
            if not time_text:
                return cls(*numbers)
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise BadDate(f"{text!r} is not a date such as 2022, 2022-07 or 2022-07-29") from error
        return cls.from_datetime(moment)

    @classmethod
    def from_datetime(cls, moment: datetime) -> Self:
        """A date to the minute; the UTC offset is kept where ``moment`` has one."""
        offset = moment.utcoffset()
        minutes = None if offset is None else round(offset.total_seconds() / 60)
        return cls(moment.year, moment.month, moment.day, moment.hour, moment.minute, minutes)

    @property
    def precision(self) -> DatePrecision:
        if self.hour is not None:
            return DatePrecision.MINUTE
        if self.day is not None:
            return DatePrecision.DAY
        return DatePrecision.YEAR if self.month is None else DatePrecision.MONTH

    @property
    def first_day(self) -> date:
        """The first calendar day it can be, in the source's own time zone."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        """The last calendar day it can be, in the source's own time zone."""
        if self.day is not None:
            return self.first_day
        month = self.month or 12
        if month == 12:
            return date(self.year, 12, 31)
        return date(self.year, month + 1, 1) - timedelta(days=1)

    @property
    def sort_minutes(self) -> int:
        """Minutes from 0001-01-01T00:00 to the earliest moment it can be.

        In UTC where the zone is known, else as if it were UTC. Never negative.
        """
        days = self.first_day.toordinal() - 1
        minutes = days * 1440 + (self.hour or 0) * 60 + (self.minute or 0)
        return max(0, minutes - (self.utc_offset or 0))

    def isoformat(self) -> str:
        """ISO 8601, to the precision it has; :meth:`parse` reads it back."""
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        if self.hour is None or self.minute is None:
            return text
        text += f"T{self.hour:02d}:{self.minute:02d}"
        if self.utc_offset is not None:
            zone = timezone(timedelta(minutes=self.utc_offset))
            text += datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
            text = text[:-2] + ":" + text[-2:]
        return text

    def __str__(self) -> str:
        return self.isoformat()


def utc_now() -> str:
    """The present moment, ISO 8601 in UTC to the second, as origins and manifests keep it."""
    return _written(int(clock()))


@lru_cache(1)
def _written(seconds: int) -> str:
    """A thousand records are read within a second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Origin:
    """One place an article came from.

    Attributes:
        source: the file's absolute path, the URL, or ``-`` for standard input.
        record: which record of the source: ``line 12``, ``record 3``, or ``""`` for a
            source that is one article.
        sha256: hex digest of the record as it was read (a changed digest is a changed record).
        fetched_at: when it was read, ISO 8601 in UTC.
    """

    source: str
    record: str
    sha256: str
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Article:
    """The unit people look for.

    Attributes:
        id: stable: the source's own id, else its URL, else a hash of where it came from.
        title: may be empty where the source has none.
        body: plain text; paragraphs are separated by a blank line. All offsets point into it.
        summary: the points that stand above the body, one string each.
        language: BCP 47 tag, lower case (``en``), or ``None`` where unknown.
        origins: every place where this text was found, the first one first.
    """

    id: str
    title: str
    body: str
    authors: tuple[str, ...] = ()
    publication: str | None = None
    date: PartialDate | None = None
    url: str | None = None
    summary: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None
    origins: tuple[Origin, ...] = ()


class Span(NamedTuple):
    """A slice of an article's body, ``body[start:end]``; never empty.

    A tuple, as to read a page of articles makes thousands of them.
    """

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


class Passage(Span):
    """A span cut at sentence ends to fit the embedding model's window; what gets a vector."""

    __slots__ = ()


class Sentence(Span):
    """One sentence of the body, as the chunker saw it."""

    __slots__ = ()


SpanKind = TypeVar("SpanKind", bound=Span)


class Spans(Sequence[SpanKind]):
    """Spans that are made when they are looked at; equal to any sequence of the same ones.

    A page of articles has thousands of sentences, and shows some ten of them.

    Args:
        kind: of which all of them are.
        offsets: start and end in turn.

    Raises:
        ValueError: a start has no end.
    """

    __slots__ = ("_kind", "_offsets")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, kind: type[SpanKind], offsets: Sequence[int]) -> None:
        if len(offsets) % 2:
            raise ValueError(f"{len(offsets)} offsets are no pairs of start and end")
        self._kind = kind
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) // 2

    @overload
    def __getitem__(self, place: int) -> SpanKind: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[SpanKind, ...]: ...
    def __getitem__(self, place: int | slice) -> SpanKind | tuple[SpanKind, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        at = 2 * range(len(self))[place]
        return tuple.__new__(self._kind, self._offsets[at : at + 2])

    def __iter__(self) -> Iterator[SpanKind]:
        # In half of the time that calling the kind takes.
        made = partial(tuple.__new__, self._kind)
        return map(made, zip(self._offsets[::2], self._offsets[1::2], strict=True))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __repr__(self) -> str:
        return f"Spans({tuple(self)!r})"


@dataclass(frozen=True, slots=True, eq=False)
class StoredArticle:
    """An article with all that was derived from it; the unit in which engines write and read.

    Attributes:
        article: as the source gave it.
        fingerprint: what two articles with the same text share (:func:`byline.fingerprint.
            fingerprint`).
        passages: in order of their start; together they cover every character of the body
            that is not white space.
        vectors: float16 ``[len(passages), dimension]``, unit length, or ``None`` in an archive
            without a model.
        sentences: in order, not overlapping.
        sentence_codes: uint8 ``[len(sentences), ceil(dimension / 8)]``: the signs of each
            sentence's share of its passage's vector (``numpy.packbits``, a set bit is
            positive), or ``None`` without a model. It serves to point at the sentence that is
            nearest to a query.
    """

    article: Article
    fingerprint: str
    passages: tuple[Passage, ...]
    vectors: npt.NDArray[np.float16] | None = None
    sentences: Sequence[Sentence] = ()
    sentence_codes: npt.NDArray[np.uint8] | None = None


#: A model's floor stands so many standard deviations above the mean cosine of unrelated texts.
#: How many was chosen on other data: see docs/passages.md.
FLOOR_DEVIATIONS = 2.5


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near is near.

    Attributes:
        floor: cosine under which a text is not near enough to be shown.
        spread: standard deviation of the cosines of unrelated texts; 0 where it is not known.
    """

    floor: float
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What must be equal for vectors to be comparable.

    Attributes:
        name: as the user named it: a folder, a hub name, or the default's name.
        weights: sha256 of the weights, hex.
        dimension: length of a vector.
        pooling: ``mean``, ``cls``, …, as the model's own configuration says.
        query_prompt, document_prompt: text put before what is encoded; often empty.
        chunker: version of the chunker and its parameters, e.g. ``sentences-1/128/24/title``.
        floor, spread: the :class:`Nearness` of two texts as they are stored. A query's is the
            encoder's to say: what it makes of queries may lie otherwise.
    """

    name: str
    weights: str
    dimension: int
    pooling: str
    query_prompt: str
    document_prompt: str
    chunker: str
    floor: float
    spread: float = 0.0

    @property
    def nearness(self) -> Nearness:
        return Nearness(self.floor, self.spread)

    def differences(self, other: ModelIdentity) -> dict[str, tuple[object, object]]:
        """Attributes that make vectors incomparable, each with both values.

        ``name`` is left out (a model may be moved) and so are ``floor`` and ``spread`` (they
        change no vector).
        """
        names = ("weights", "dimension", "pooling", "query_prompt", "document_prompt", "chunker")
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself.

    Attributes:
        schema: version of the stored form; an archive with a later one is refused.
        created: ISO 8601 in UTC.
        byline: version of the program that made it.
        model: ``None`` in an archive without vectors.
    """

    schema: int
    created: str
    byline: str
    model: ModelIdentity | None
    extra: Mapping[str, str] = field(default_factory=dict)
