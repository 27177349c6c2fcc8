"""Pages of a long listing, past the server's window of 10,000 too.

Below the window a page is one search. Beyond it the way there is walked by cursors, names
alone; the cursors are kept with the point in time, so that the next page goes on from there.
"""

from __future__ import annotations

import json
from typing import Any

from byline.engines.base import Listed, ResultSet
from byline.engines.elastic import bodies
from byline.engines.elastic.bodies import WINDOW, Body
from byline.engines.elastic.searches import Searches, hits_of

#: Documents of one search: more are brought in several, to keep answers small.
_AT_ONCE = 500


class Walk:
    """To one page."""

    def __init__(
        self, searches: Searches, results: ResultSet, listed: Listed, *, vectors: bool = True
    ) -> None:
        self.listed = listed
        self._searches = searches
        self._body = bodies.listing(results, listed.order, listed.skip, vectors=vectors)

    def first(self) -> list[Body]:
        """A body to send along with others, where that saves a round trip."""
        start, limit = self.listed.offset, self.listed.limit
        if start + limit > WINDOW or limit > _AT_ONCE:
            return []
        return [{**self._body, "from": start, "size": limit}]

    def page(self, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The hits, from the answer to :meth:`first` or by walking there."""
        if answers:
            return hits_of(answers[0])
        after = self._reach(self.listed.offset)
        if after is None and self.listed.offset:
            return []
        hits: list[dict[str, Any]] = []
        while len(hits) < self.listed.limit:
            size = min(_AT_ONCE, self.listed.limit - len(hits))
            more = self._step(self._body, size, after)
            hits += more
            if len(more) < size:
                break
            after = more[-1]["sort"]
        if hits:
            self._cursors()[self.listed.offset + len(hits)] = hits[-1]["sort"]
        return hits

    def _reach(self, offset: int) -> list[Any] | None:
        """The cursor after which the hit at ``offset`` comes; ``None``: there is no such hit."""
        known = self._cursors()
        at = max((place for place in known if place <= offset), default=0)
        after = known.get(at)
        body = bodies.names_alone(self._body)
        while at < offset:
            size = min(WINDOW, offset - at)
            hits = self._step(body, size, after)
            if len(hits) < size:
                return None
            at += size
            after = hits[-1]["sort"]
            # The walk may have had to move to another point in time.
            self._cursors()[at] = after
        return after

    def _step(self, body: Body, size: int, after: list[Any] | None) -> list[dict[str, Any]]:
        page: Body = {**body, "size": size}
        if after is not None:
            page["search_after"] = after
        (answer,) = self._searches.send([page], walking=after is not None)
        return hits_of(answer)

    def _cursors(self) -> dict[int, list[Any]]:
        return self._searches.cursors.setdefault(json.dumps(self._body, sort_keys=True), {})
