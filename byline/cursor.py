"""How a walk through a result is remembered between two pages: opaque text, nothing kept here.

A cursor tells which search it belongs to, how far the walk has come, and what was shown where
an order may shift under it (see :mod:`byline.paging`). Articles are told by five bytes of a
digest of their id, which is enough for an unseen one to be taken for one of 500 that were shown
once in two thousand million times.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from dataclasses import dataclass

from byline.errors import BadCursor
from byline.request import SearchRequest
from byline.search import Hit

#: Bytes that tell one article, and one search.
_ARTICLE = 5
_SEARCH = 6
_CHECK = 4
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a walk has come.

    Attributes:
        search: digest of the search it belongs to.
        listing: whether the walk goes by date (else by relevance).
        version: the archive's, when the page before was made.
        place: the rank in that version's order up to which all was shown.
        shown: how many articles were shown in all.
        ranked: digests of those that were shown by relevance.
        mark: digest of the last of these with its scores (:func:`hit_mark`).
        minutes: of the date of the last article shown by date; ``None`` for one without, and
            before the first.
        tied: digests of the last ones shown by date that have that same date, in their order.
        tied_total: how many have it, those that are no longer in ``tied`` included; 0 before
            the first.
    """

    search: bytes
    listing: bool
    version: int
    place: int
    shown: int
    ranked: tuple[bytes, ...] = ()
    mark: int = 0
    minutes: int | None = None
    tied: tuple[bytes, ...] = ()
    tied_total: int = 0

    def __str__(self) -> str:
        numbers = (
            self.version,
            self.place,
            self.shown,
            self.mark,
            0 if self.minutes is None else self.minutes + 1,
            self.tied_total,
            len(self.ranked),
            len(self.tied),
        )
        head = bytes([_VERSION, self.listing]) + self.search
        content = b"".join([head, *map(_varint, numbers), *self.ranked, *self.tied])
        check = hashlib.sha256(content).digest()[:_CHECK]
        return base64.urlsafe_b64encode(content + check).decode("ascii").rstrip("=")

    @classmethod
    def read(cls, text: str, request: SearchRequest) -> Cursor:
        """The cursor that was written as ``text``, if it belongs to ``request``.

        Raises:
            BadCursor: it is none (``bad-cursor``) or that of another search
                (``cursor-of-another-search``).
        """
        cursor = _read(text)
        if cursor is None:
            raise BadCursor("The cursor is not one that this archive gave out.")
        if cursor.search != search_digest(request):
            raise BadCursor(
                "The cursor belongs to another search.",
                remedy="Repeat the query, mode, filters and sort that it was given out for.",
                code="cursor-of-another-search",
            )
        return cursor


def article_digest(article_id: str) -> bytes:
    return hashlib.sha256(article_id.encode("utf-8", "surrogatepass")).digest()[:_ARTICLE]


def hit_mark(hit: Hit) -> int:
    """Of an article and its scores to the last bit: where these are the same, so is the order."""
    legs = (leg.score if leg is not None else None for leg in (hit.words, hit.meaning))
    written = repr((hit.article.id, hit.score, *legs))
    return zlib.crc32(written.encode("utf-8", "surrogatepass"))


def search_digest(request: SearchRequest) -> bytes:
    """Of all that decides which articles are found and in what order."""
    query = request.query
    parts = (
        query.condition,
        query.words,
        query.boosts,
        query.meaning,
        request.mode.value,
        request.sort.value,
        request.depth,
        request.fusion.value,
        request.meaning_weight,
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()[:_SEARCH]


def _read(text: str) -> Cursor | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    content, check = raw[:-_CHECK], raw[-_CHECK:]
    head = 2 + _SEARCH
    if len(content) < head or content[0] != _VERSION:
        return None
    if hashlib.sha256(content).digest()[:_CHECK] != check:
        return None
    numbers, at = [], head
    for _ in range(8):
        number, at = _read_varint(content, at)
        numbers.append(number)
    version, place, shown, mark, minutes, tied_total, ranked, tied = numbers
    if len(content) - at != _ARTICLE * (ranked + tied):
        return None
    digests = [content[n : n + _ARTICLE] for n in range(at, len(content), _ARTICLE)]
    return Cursor(
        search=content[2:head],
        listing=bool(content[1]),
        version=version,
        place=place,
        shown=shown,
        ranked=tuple(digests[:ranked]),
        mark=mark,
        minutes=minutes - 1 if minutes else None,
        tied=tuple(digests[ranked:]),
        tied_total=tied_total,
    )


def _varint(number: int) -> bytes:
    """LEB128: seven bits a byte, the lowest first."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    """The number that begins at ``at``, and where it ends; zeros past the end."""
    number = shift = 0
    while at < len(content):
        byte = content[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return number, at
