"""Points in time: the archive as one commit left it, shared by the readers of an engine.

Opening one takes three small requests, so an engine keeps one open for as long as no newer
commit is seen. A reader asks for the present version in the same round trip as its first
search, and moves on if there is a newer one.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from byline.engines.bm25 import Leaf, Reweighing
from byline.engines.elastic import layout
from byline.engines.elastic.connection import Connection, as_json
from byline.engines.elastic.layout import SCHEMA, read_meta
from byline.engines.elastic.state import StateStore
from byline.errors import (
    ArchiveDamaged,
    ArchiveNotFound,
    ArchiveTooNew,
    BylineError,
    NotAnArchive,
)
from byline.query.tree import Node
from byline.records import Manifest

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

#: How long the server keeps a point in time that nobody asks anything of: who walks through an
#: archive, or exports it page by page, may work long on each part.
KEEP = "30m"
#: The first stored form that is read.
_EARLIEST = 1


@dataclass(frozen=True, slots=True)
class Found:
    """The index in force, as the server describes it.

    Attributes:
        writing: the alias that it is written to by.
        blocks: names of those set.
    """

    index: str
    writing: str
    manifest: Manifest
    shards: int
    blocks: tuple[str, ...]
    oversample: float | None

    @property
    def measured(self) -> bool:
        """Whether it has articles' lengths."""
        return self.manifest.schema >= layout.MEASURED


@dataclass(slots=True, eq=False)
class Snapshot:
    """``cursors``: where walks through results stand, by body, to go on from there.

    ``weights``: those of words in parts of the archive, see :mod:`.weighing`.
    """

    found: Found
    version: int
    pit: str
    readers: int = 0
    superseded: bool = False
    checked: float = field(default_factory=time.monotonic)
    cursors: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    weights: dict[tuple[Node, Leaf], Reweighing | None] = field(default_factory=dict)


def find(connection: Connection) -> Found:
    """The index behind the archive's alias.

    Raises:
        ArchiveNotFound, NotAnArchive, ArchiveTooNew, ArchiveDamaged.
    """
    address = connection.address
    paths = ["*.mappings._meta", "*.settings.index.blocks", "*.settings.index.number_of_shards"]
    paths += ["*.aliases"]

    def get(client: Elasticsearch) -> dict[str, Any]:
        from elasticsearch import NotFoundError

        try:
            return as_json(client.indices.get(index=address.name, filter_path=paths))
        except NotFoundError:
            return {}

    answer = connection.ask(get)
    if not answer:
        raise ArchiveNotFound(
            f"There is no archive {address}.",
            remedy=f"Make one with `byline index SOURCE --archive {address}`.",
        )
    if len(answer) > 1 or address.name in answer:
        what = "several indices" if len(answer) > 1 else "an index of that name"
        raise NotAnArchive(
            f"{address} is {what}, not the alias of one index.",
            remedy="Name an archive that Byline made, or a name that nothing has.",
        )
    ((index, said),) = answer.items()
    meta = said.get("mappings", {}).get("_meta")
    try:
        manifest = read_meta(meta)
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveDamaged(f"The description of the archive {address} cannot be read.") from error
    if manifest is None:
        raise NotAnArchive(
            f"The index {index} behind {address} was made by something else.",
            remedy="Name an archive that Byline made, or a name that nothing has.",
        )
    _check_schema(connection, manifest.schema)
    settings = said.get("settings", {}).get("index", {})
    blocks = tuple(name for name, on in settings.get("blocks", {}).items() if on == "true")
    kept = meta["byline"]
    oversample = None if kept.get("vectors") == "hnsw" else float(kept.get("oversample", 1.0))
    own = (alias for alias in said.get("aliases", {}) if layout.is_writing_alias(alias, index))
    return Found(
        index=index,
        # An index that was put back under another name has none of its own.
        writing=next(own, address.name),
        manifest=manifest,
        shards=int(settings.get("number_of_shards", 1)),
        blocks=blocks,
        oversample=oversample,
    )


def beside(connection: Connection) -> dict[str, bool]:
    """The indices named after the archive, each with whether Byline made it for one."""
    name = connection.address.name
    paths = ["*.mappings._meta", "*.aliases"]

    def get(client: Elasticsearch) -> dict[str, Any]:
        return as_json(client.indices.get(index=f"{name}.*", filter_path=paths))

    # An alias may have such a name too, and its index another.
    said = {
        index: one for index, one in connection.ask(get).items() if index.startswith(f"{name}.")
    }
    return {index: layout.is_made_here(index, one) for index, one in sorted(said.items())}


def _check_schema(connection: Connection, schema: int) -> None:
    if schema > SCHEMA:
        raise ArchiveTooNew(
            f"The archive {connection.address} has the stored form {schema}; this Byline reads "
            f"{SCHEMA}."
        )
    if schema < _EARLIEST:
        raise ArchiveDamaged(
            f"The archive {connection.address} has the stored form {schema}, which this Byline "
            f"no longer reads ({_EARLIEST}–{SCHEMA}).",
            code="archive-too-old",
            remedy="Copy it with the Byline that made it into a folder (`byline copy`), and "
            "from there with this one.",
        )


class Snapshots:
    """Safe for use by several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._states = StateStore(connection)
        self._lock = threading.RLock()
        self._current: Snapshot | None = None
        self._open: list[Snapshot] = []

    def take(self) -> Snapshot:
        """The one at hand, else a new one; :meth:`give_back` it."""
        with self._lock:
            if self._current is None:
                self._current = self._make()
            self._current.readers += 1
            return self._current

    def newer(self, old: Snapshot) -> Snapshot:
        """One made after ``old``, which the caller still holds and gives back."""
        with self._lock:
            if self._current is old:
                self._current = self._make()
                old.superseded = True
            return self.take()

    def present_version(self) -> int:
        return self._states.read().version

    def stands_still(self, version: int) -> bool:
        """Whether ``version`` is the latest, and no commit after it was so much as begun."""
        state = self._states.read()
        return state.version == state.reserved == version

    def give_back(self, snapshot: Snapshot) -> None:
        with self._lock:
            snapshot.readers -= 1
            idle = [one for one in self._open if one.superseded and not one.readers]
            self._open = [one for one in self._open if one not in idle]
        for one in idle:
            self._drop(one)

    def close(self) -> None:
        with self._lock:
            left, self._open, self._current = self._open, [], None
        for one in left:
            self._drop(one)

    def _make(self) -> Snapshot:
        for _ in range(5):
            # The version before the point in time: it never promises more than there is.
            version = self._states.read().version
            found = find(self._connection)
            pit = self._connection.ask(partial(_open_pit, index=found.index))
            if pit is not None:
                snapshot = Snapshot(found, version, pit)
                self._open.append(snapshot)
                return snapshot
        raise ArchiveNotFound(f"The archive {self._connection.address} was removed just now.")

    def _drop(self, snapshot: Snapshot) -> None:
        """Room given back early; the server would do it by itself later."""
        try:
            self._connection.ask(lambda client: _close_pit(client, snapshot.pit), tries=1)
        except BylineError:
            return


def _open_pit(client: Elasticsearch, index: str) -> str | None:
    """``None`` where the index has just been removed by a rebuild."""
    from elasticsearch import NotFoundError

    try:
        return str(as_json(client.open_point_in_time(index=index, keep_alive=KEEP))["id"])
    except NotFoundError:
        return None


def _close_pit(client: Elasticsearch, pit: str) -> None:
    from elasticsearch import NotFoundError

    try:
        client.close_point_in_time(id=pit)
    except NotFoundError:
        return
