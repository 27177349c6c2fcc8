"""Sending searches at one point in time, and moving on when it is no longer the latest.

Every search of a reader goes through :class:`Searches`. The first one of a reader asks, in the
same round trip, whether a commit has come since the engine's point in time; if so it is sent
again at a new one. From then on the reader stays where it is: should the server lose its point in
time, another will do only while it shows the same commit.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from byline.engines.bm25 import Leaf, Reweighing
from byline.engines.elastic.bodies import FILTER_PATH, STATE, Body
from byline.engines.elastic.connection import Connection, as_json
from byline.engines.elastic.failures import ContextLost, Said, from_answer, is_lost, is_transient
from byline.engines.elastic.layout import state_index
from byline.engines.elastic.snapshots import KEEP, Found, Snapshot, Snapshots
from byline.errors import BylineError, EngineUnavailable
from byline.jsontext import to_json
from byline.query.tree import Node

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

#: Seconds for which what was last seen of the archive is still called the latest.
_FRESH = 1.0
_MOVES = 4
_TRIES = 3


class Searches:
    """Of one reader; used by one thread at a time."""

    def __init__(self, connection: Connection, snapshots: Snapshots) -> None:
        self._connection = connection
        self._snapshots = snapshots
        self._snapshot: Snapshot | None = None
        self._pinned = False
        #: Whether the reader has told which model the archive has; it must not change then.
        self._told = False

    @property
    def found(self) -> Found:
        """The index that is read, not more than a second old."""
        snapshot = self._at()
        if not self._pinned and time.monotonic() - snapshot.checked > _FRESH:
            self._catch_up(self._snapshots.present_version())
            self._pinned = False
        self._told = True
        return self._at().found

    @property
    def version(self) -> int:
        if not self._pinned:
            self._catch_up(self._snapshots.present_version())
            self._pinned = True
        return self._at().version

    @property
    def cursors(self) -> dict[str, dict[int, list[Any]]]:
        return self._at().cursors

    @property
    def weights(self) -> dict[tuple[Node, Leaf], Reweighing | None]:
        return self._at().weights

    def close(self) -> None:
        if self._snapshot is not None:
            self._snapshots.give_back(self._snapshot)
            self._snapshot = None

    def send(self, bodies: Sequence[Body], *, walking: bool = False) -> list[dict[str, Any]]:
        """The answers, in order, none of them partial.

        Args:
            walking: whether this continues something at the same point in time, so that
                another would not do.

        Raises:
            EngineUnavailable: also where the point in time has expired, for a walk, and for a
                reader that has answered from a commit which is no longer the latest.
        """
        for _ in range(_MOVES):
            snapshot = self._at()
            try:
                answers = self._once(snapshot, bodies)
            except ContextLost:
                if walking:
                    break
                self._move(snapshot)
                continue
            if self._pinned:
                return answers
            present = _version_of(answers.pop(), snapshot.version)
            self._pinned = self._catch_up(present)
            if self._at() is snapshot:
                self._pinned = True
                return answers
        raise self._expired()

    def _at(self) -> Snapshot:
        if self._snapshot is None:
            self._snapshot = self._snapshots.take()
        return self._snapshot

    def _catch_up(self, present: int) -> bool:
        """Whether the reader is at ``present`` or later, moving on if it has to."""
        snapshot = self._at()
        snapshot.checked = time.monotonic()
        if present <= snapshot.version:
            return True
        newer = self._snapshots.newer(snapshot)
        if self._told and _incomparable(snapshot.found, newer.found):
            # What the reader told holds until it is closed; the next one sees the new vectors.
            self._snapshots.give_back(newer)
            return True
        self._snapshots.give_back(snapshot)
        self._snapshot = newer
        return newer.version >= present

    def _expired(self) -> BylineError:
        lost = Said(404, "", "", frozenset({"search_context_missing_exception"}))
        return from_answer(lost, self._connection.address)

    def _move(self, lost: Snapshot) -> None:
        """To a new point in time, because the server no longer holds the old one."""
        newer = self._snapshots.newer(lost)
        if self._pinned and not self._snapshots.stands_still(lost.version):
            # What was answered before came from a commit that nothing shows any more, or not
            # for sure: a part of the next may be seen.
            self._snapshots.give_back(newer)
            raise self._expired()
        changed = self._told and _incomparable(lost.found, newer.found)
        self._snapshots.give_back(lost)
        self._snapshot = newer
        if changed:
            raise EngineUnavailable(
                f"The archive {self._connection.address} was given other vectors while it was "
                "being read.",
                code="archive-replaced",
                remedy="Search again.",
            )

    def _once(self, snapshot: Snapshot, bodies: Sequence[Body]) -> list[dict[str, Any]]:
        """Raises ContextLost."""
        searches: list[Body] = []
        header: Body = {"allow_partial_search_results": False}
        if snapshot.found.shards > 1:
            # Scores are compared over all shards, so words are weighed over all of them.
            header["search_type"] = "dfs_query_then_fetch"
        for body in bodies:
            pit = {"id": snapshot.pit, "keep_alive": KEEP}
            searches += [header, {**body, "pit": pit}]
        if not self._pinned:
            searches += [{"index": state_index(self._connection.address.name)}, STATE]

        lines = cast(list[Body], [to_json(line) for line in searches])

        def post(client: Elasticsearch) -> list[dict[str, Any]]:
            answer = client.msearch(searches=lines, filter_path=list(FILTER_PATH))
            found: list[dict[str, Any]] = as_json(answer)["responses"]
            return found

        for attempt in range(_TRIES):
            answers = self._connection.ask(post)
            failed = [Said.of(one["status"], one) for one in answers if "error" in one]
            failed += [_partial(one) for one in answers if _is_partial(one)]
            if not failed:
                break
            if any(is_lost(said) for said in failed):
                raise ContextLost
            if attempt + 1 == _TRIES or not all(is_transient(said.status) for said in failed):
                raise from_answer(failed[0], self._connection.address)
            self._connection.wait(attempt)
        for answer in answers[: len(bodies)]:
            # The server may rename a point in time as it goes.
            snapshot.pit = answer.get("pit_id", snapshot.pit)
        return answers


def hits_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What is empty is not sent at all."""
    found: list[dict[str, Any]] = answer.get("hits", {}).get("hits", [])
    return found


def _version_of(answer: dict[str, Any], otherwise: int) -> int:
    hits = hits_of(answer)
    return int(hits[0]["_source"]["version"]) if hits else otherwise


def _is_partial(answer: dict[str, Any]) -> bool:
    return bool(answer.get("timed_out") or answer.get("_shards", {}).get("failed"))


def _partial(answer: dict[str, Any]) -> Said:
    if answer.get("timed_out"):
        return Said(504, "", "the search was cut short", frozenset())
    return Said(503, "", "", frozenset({"no_shard_available_action_exception"}))


def _incomparable(old: Found, new: Found) -> bool:
    if old.manifest.model is None or new.manifest.model is None:
        return old.manifest.model is not new.manifest.model
    return bool(old.manifest.model.differences(new.manifest.model))
