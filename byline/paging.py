"""Walking through a result page by page, each article once, while the archive changes.

An offset counts from the top, so an article that is added above it makes the next page repeat
one. A cursor knows what it has shown instead.

By date, the walk goes on after the date of the last article shown; those of that very date
that were shown are known by name. By relevance no place is safe: scores are relative to the
archive, and one new article may change them all. So a cursor carries the names of the articles
shown, up to :data:`RANKED` of them; what lies below that follows newest first, which is an order
that additions do not disturb.

As long as the archive has the version of the page before, the next page is read where that one
ended. Only where it has changed is the place looked for anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from byline.cursor import Cursor, article_digest, hit_mark, search_digest
from byline.engines.base import Reader
from byline.records import Article
from byline.request import EncoderOf, SearchRequest, Sort
from byline.search import Answer, Hit, search

#: Articles that a walk shows by relevance before it goes on by date.
RANKED = 500
#: Articles of one date that a cursor remembers.
_TIED = 200
#: Hits looked at together where a place has to be found anew.
_CHUNK = 200

Encoder = EncoderOf | None


def search_page(
    reader: Reader, request: SearchRequest, encoder: Encoder, cursor: str | None = None
) -> tuple[Answer, str | None]:
    """One page of a walk, and the cursor of the next; ``None`` at the end.

    Args:
        request: its ``limit`` is the size of the page, and may change from page to page. A
            request with an ``offset`` is answered as it stands, and begins no walk.

    Returns:
        the answer, whose hits' ranks count the articles of the walk.

    Raises:
        BadCursor: ``cursor`` is none, or belongs to another search.
        NoVectors, ModelMismatch: as :func:`byline.search.search`.
    """
    if cursor is None and (request.offset or not request.limit):
        return search(reader, request, encoder), None
    start = Cursor.read(cursor, request) if cursor is not None else None
    started = time.perf_counter()
    walk = _Walk(reader, request, encoder)
    answer, then = walk.begin() if start is None else walk.go_on(start)
    answer = replace(answer, took=time.perf_counter() - started)
    return answer, None if then is None else str(then)


@dataclass(frozen=True, slots=True)
class _Walk:
    reader: Reader
    request: SearchRequest
    encoder: Encoder

    def begin(self) -> tuple[Answer, Cursor | None]:
        answer = self._search(0, self.request.limit)
        listing = answer.sort is not Sort.RELEVANCE
        empty = Cursor(search_digest(self.request), listing, self.reader.version, 0, 0)
        return answer, self._next(empty, answer, answer.hits)

    def go_on(self, start: Cursor) -> tuple[Answer, Cursor | None]:
        if not self.request.limit:
            return self._search(0, 0), start
        if start.place > _CHUNK:
            # A cursor comes from outside: none may ask for a place far past the end.
            place = min(start.place, self._search(0, 0, bare=True).total.articles)
            start = replace(start, place=place)
        find = self._by_date if start.listing else self._by_relevance
        answer, hits = find(start)
        numbered = tuple(
            replace(hit, rank=start.shown + place) for place, hit in enumerate(hits, start=1)
        )
        return replace(answer, hits=numbered), self._next(start, answer, hits)

    def _next(self, start: Cursor, answer: Answer, hits: Sequence[Hit]) -> Cursor | None:
        """After ``hits``, whose ranks are those of the order they were read in."""
        if not hits:
            return None
        place, shown = hits[-1].rank, start.shown + len(hits)
        cursor = replace(start, version=self.reader.version, place=place, shown=shown)
        if start.listing:
            return self._after_listed(cursor, hits) if place < answer.total.articles else None
        ranked = (*start.ranked, *(article_digest(hit.article.id) for hit in hits))
        if len(ranked) >= RANKED:
            more = shown < answer.total.articles
            return replace(cursor, listing=True, place=0, ranked=ranked) if more else None
        mark = hit_mark(hits[-1])
        more = place < answer.total.articles
        return replace(cursor, ranked=ranked, mark=mark) if more else None

    # By relevance.

    def _by_relevance(self, start: Cursor) -> tuple[Answer, list[Hit]]:
        wanted = min(self.request.limit, RANKED - len(start.ranked))
        seen = frozenset(start.ranked)
        if start.version == self.reader.version:
            # The last one shown is read again, to see that it stands where it stood: an engine
            # that tidies up behind a commit may score a little otherwise afterwards.
            answer = self._search(max(0, start.place - 1), wanted + 1)
            if answer.hits and hit_mark(answer.hits[0]) == start.mark:
                fresh = _unseen(answer.hits, seen)
                if len(fresh) >= wanted or len(answer.hits) <= wanted:
                    return answer, fresh[:wanted]
        answer = self._search(0, 0)
        ranks: list[int] = []
        for hit in self._scan(0, seen):
            ranks.append(hit.rank)
            if len(ranks) == wanted:
                break
        hits: list[Hit] = []
        for first, last in _runs(ranks):
            hits += self._search(first - 1, last - first + 1, bare=True).hits
        return answer, hits

    def _scan(self, offset: int, seen: frozenset[bytes]) -> Iterator[Hit]:
        """Those from ``offset`` on that were not seen, without their passages."""
        while True:
            found = self._search(offset, _CHUNK, bare=True, passages=0).hits
            yield from _unseen(found, seen)
            if len(found) < _CHUNK:
                return
            offset += _CHUNK

    # By date.

    def _by_date(self, start: Cursor) -> tuple[Answer, list[Hit]]:
        seen = frozenset(start.ranked + start.tied)
        offset = start.place
        if start.version != self.reader.version and start.tied_total:
            offset = self._where(start)
        limit = self.request.limit
        answer = self._search(offset, limit, by_date=True)
        hits = _unseen(answer.hits, seen)
        end = offset + len(answer.hits)
        while len(hits) < limit and end < answer.total.articles:
            more = self._search(end, limit, bare=True, by_date=True).hits
            if not more:
                break
            hits += _unseen(more, seen)
            end += len(more)
        return answer, hits[:limit]

    def _where(self, start: Cursor) -> int:
        """How many articles the changed order has before those that may still be shown."""
        order = self._order()
        last = _date_key(start.minutes, order)

        def is_before(place: int) -> bool:
            hits = self._search(place, 1, bare=True, by_date=True, passages=0).hits
            return bool(hits) and _key_of(hits[0].article, order) < last

        offset = _first_not(is_before, max(0, start.place - start.tied_total))
        if start.tied_total <= len(start.tied):
            return offset
        # Too many articles of one date to know them all: those before the first that is known
        # were shown, or are new.
        known = frozenset(start.tied)
        place = offset + start.tied_total - len(start.tied)
        while True:
            hits = self._search(place, _CHUNK, bare=True, by_date=True, passages=0).hits
            for hit in hits:
                if article_digest(hit.article.id) in known:
                    return hit.rank - 1
            if len(hits) < _CHUNK:
                return place
            place += _CHUNK

    def _after_listed(self, cursor: Cursor, hits: Sequence[Hit]) -> Cursor:
        date = hits[-1].article.date
        minutes = None if date is None else date.sort_minutes
        tied = tuple(
            article_digest(hit.article.id)
            for hit in hits
            if (None if hit.article.date is None else hit.article.date.sort_minutes) == minutes
        )
        total = len(tied)
        if len(tied) == len(hits) and cursor.tied_total and cursor.minutes == minutes:
            tied, total = cursor.tied + tied, cursor.tied_total + total
        return replace(cursor, minutes=minutes, tied=tied[-_TIED:], tied_total=total)

    def _order(self) -> Sort:
        """What lies below the ranked articles follows newest first."""
        return Sort.OLDEST if self.request.sort is Sort.OLDEST else Sort.NEWEST

    def _search(
        self,
        offset: int,
        limit: int,
        *,
        bare: bool = False,
        by_date: bool = False,
        passages: int | None = None,
    ) -> Answer:
        """``bare``: without facets and timeline."""
        request = replace(self.request, offset=offset, limit=limit)
        if bare:
            request = replace(request, facets=(), timeline=None)
        if by_date:
            request = replace(request, sort=self._order())
        if passages is not None:
            request = replace(request, passages=passages)
        return search(self.reader, request, self.encoder)


def _unseen(hits: Sequence[Hit], seen: frozenset[bytes]) -> list[Hit]:
    return [hit for hit in hits if article_digest(hit.article.id) not in seen]


def _runs(ranks: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each stretch of ranks without a gap."""
    runs: list[tuple[int, int]] = []
    for rank in ranks:
        if runs and rank == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], rank)
        else:
            runs.append((rank, rank))
    return runs


def _date_key(minutes: int | None, order: Sort) -> tuple[bool, int]:
    """Rises along ``order``; without a date comes last in both."""
    if minutes is None:
        return True, 0
    return False, minutes if order is Sort.OLDEST else -minutes


def _key_of(article: Article, order: Sort) -> tuple[bool, int]:
    return _date_key(None if article.date is None else article.date.sort_minutes, order)


def _first_not(holds: Callable[[int], bool], near: int) -> int:
    """The first place from 0 on for which ``holds``, true up to some place, is false.

    Galloping search from ``near`` (Bentley and Yao, "An almost optimal algorithm for unbounded
    searching", 1976).
    """
    step = 1
    if holds(near):
        low = near
        while holds(low + step):
            low += step
            step *= 2
        high = low + step
    else:
        high = near
        while high - step >= 0 and not holds(high - step):
            high -= step
            step *= 2
        low = high - step
        if low < 0:
            low = -1
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return high
