"""Cutting a body into passages that fit a model's window.

Passages are runs of whole sentences, filled up to a size in the model's own tokens; each begins
with the last sentence of the one before, where that is short enough, so that a thought that
crosses a cut stands whole in one of them. A sentence that is too long alone is cut at white
space, or between characters where there is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from byline.records import Passage, Sentence, Span
from byline.sentences import sentences

#: Where a text's tokens begin, in code points, in order.
TokenStarts = Callable[[str], Sequence[int]]
Split = Callable[[str], tuple[Sentence, ...]]

#: Start, end; the first token, and the one after the last.
_Piece: TypeAlias = tuple[int, int, int, int]

#: Changes when the same text would be cut otherwise.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """In tokens. ``overlap``: the longest sentence that is repeated; 0 repeats none.

    ``title``: whether the model is given the article's title before each passage.
    """

    size: int = 128
    overlap: int = 32
    title: bool = True


def cut(
    body: str, token_starts: TokenStarts, sizes: Sizes, split: Split = sentences
) -> tuple[tuple[Passage, ...], tuple[Sentence, ...]]:
    """Passages and sentences of ``body``.

    Every character that is not white space is in a sentence and in a passage at least, and no
    passage holds more than ``sizes.size`` tokens of ``token_starts(body)``.
    """
    starts = token_starts(body)
    found = split(body)
    pieces: list[_Piece] = []
    for piece in _pieces(starts, found):
        start, end, first, last = piece
        if last - first <= sizes.size:
            pieces.append(piece)
        else:
            pieces += _pieces(starts, _parts(body, Span(start, end), starts, sizes.size))
    return tuple(_filled(pieces, sizes)), found


def _pieces(starts: Sequence[int], spans: Iterable[Span]) -> list[_Piece]:
    """The spans, and which tokens begin in each."""
    if isinstance(starts, range):
        step = starts.step
        return [(start, end, -(-start // step), -(-end // step)) for start, end in spans]
    return [
        (start, end, first := bisect_left(starts, start), bisect_left(starts, end, first))
        for start, end in spans
    ]


def estimated_starts(text: str) -> range:
    """Where no model is at hand: every four characters count as a token."""
    return range(0, len(text), 4)


def _filled(pieces: Sequence[_Piece], sizes: Sizes) -> Iterator[Passage]:
    first = 0
    while first < len(pieces):
        begin, _, from_token, _ = pieces[first]
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][3] - from_token <= sizes.size:
            last += 1
        yield Passage(begin, pieces[last][1])
        if last + 1 == len(pieces):
            return
        # The next passage must get further than this one did.
        _, _, token, end = pieces[last]
        again = (
            last > first
            and end - token <= sizes.overlap
            and pieces[last + 1][3] - token <= sizes.size
        )
        first = last if again else last + 1


def _parts(body: str, sentence: Span, starts: Sequence[int], size: int) -> Iterator[Span]:
    """Parts of a sentence that is too long, of at most ``size`` tokens each."""
    here = sentence.start
    while here < sentence.end:
        token = bisect_left(starts, here) + size
        end = sentence.end
        if token < len(starts) and starts[token] < sentence.end:
            end = _place_to_cut(body, here, starts[token])
        piece = body[here:end]
        stripped = piece.strip()
        if stripped:
            start = here + len(piece) - len(piece.lstrip())
            yield Span(start, start + len(stripped))
        here = end


def _place_to_cut(body: str, start: int, end: int) -> int:
    """The last white space in the second half of ``body[start:end]``, else ``end``."""
    for place in range(end, start + (end - start) // 2, -1):
        if body[place - 1].isspace():
            return place
    return max(end, start + 1)
