"""Opening and making an archive on a server, and giving out its readers and writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version as package_version
from typing import Self

from byline.engines.base import Capabilities
from byline.engines.elastic import layout, rebuilding
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.connection import Connection
from byline.engines.elastic.reader import ElasticReader
from byline.engines.elastic.searches import Searches
from byline.engines.elastic.snapshots import Snapshots, find
from byline.engines.elastic.state import Lease, StateStore
from byline.engines.elastic.writer import ElasticWriter
from byline.errors import (
    ArchiveBusy,
    ArchiveNotFound,
    ArchiveReadOnly,
    NotAnArchive,
    StorageFull,
)
from byline.records import Manifest, ModelIdentity, StoredArticle, utc_now

_CAPABILITIES = Capabilities(
    name="elasticsearch",
    exact_neighbours=False,
    instant_visibility=True,
    served=True,
    # The server changes one article at a time. Searches might be held to the articles of
    # finished commits, but those that an unfinished one replaced would then be missing.
    whole_commits=False,
)


class ElasticEngine:
    """One archive on a server. Use :meth:`open` or :meth:`create`.

    Safe for use by several threads; each takes a reader of its own.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._snapshots = Snapshots(connection)

    @classmethod
    def open(cls, address: Address, options: Options) -> Self:
        """Open what is there.

        Raises:
            ArchiveNotFound, NotAnArchive, ArchiveTooNew, ArchiveDamaged: see their docs.
            EngineUnavailable: the server cannot be used; its code says why.
        """
        connection = Connection(address, options)
        try:
            connection.check_server()
            find(connection)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @classmethod
    def create(cls, address: Address, options: Options, model: ModelIdentity | None) -> Self:
        """Make an empty archive.

        Raises:
            NotAnArchive: something has that name already.
            ArchiveBusy: an archive has it, or another process is making one just now.
            EngineUnavailable: the server cannot be used; its code says why.
        """
        connection = Connection(address, options)
        try:
            connection.check_server()
            _refuse_taken(connection)
            manifest = Manifest(layout.SCHEMA, utc_now(), package_version("byline"), model)
            rebuilding.make_state(connection)
            rebuilding.make_index(
                connection, layout.first_index(address.name), manifest, alias=address.name
            )
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    @property
    def address(self) -> str:
        return str(self._connection.address)

    @contextmanager
    def reader(self) -> Iterator[ElasticReader]:
        searches = Searches(self._connection, self._snapshots)
        try:
            yield ElasticReader(self._connection, searches)
        finally:
            searches.close()

    @contextmanager
    def writer(self) -> Iterator[ElasticWriter]:
        lease = Lease(StateStore(self._connection), self.address)
        lease.take()
        try:
            # The index under the alias cannot change any more.
            found = find(self._connection)
            _refuse_blocked(self.address, found.blocks)
        except BaseException:
            lease.give_back()
            raise
        writer = ElasticWriter(self._connection, found, lease)
        try:
            yield writer
        finally:
            writer.close()

    def replace_model(
        self,
        model: ModelIdentity | None,
        articles: Callable[[Iterator[StoredArticle]], Iterator[StoredArticle]],
    ) -> int:
        return rebuilding.Rebuilding(self._connection, self._snapshots).run(model, articles)

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        rebuilding.Rebuilding(self._connection, self._snapshots).run_as_it_is(progress)

    def close(self) -> None:
        self._snapshots.close()
        self._connection.close()


def _refuse_taken(connection: Connection) -> None:
    """Raises NotAnArchive, ArchiveBusy, and what :func:`find` does of another time's archive."""
    address = connection.address
    first = layout.first_index(address.name)
    try:
        find(connection)
    except ArchiveNotFound:
        if connection.ask(lambda client: bool(client.indices.exists(index=first))):
            raise NotAnArchive(
                f"The server has {first} already, so no archive {address} was made.",
                remedy="Give the new archive another name, or remove what is there.",
            ) from None
        return
    # Whoever looked before found none.
    raise ArchiveBusy(
        f"There is an archive {address} by now; another process made it.",
        remedy="Run the same command again; there is one writer at a time.",
    )


def _refuse_blocked(address: str, blocks: tuple[str, ...]) -> None:
    if "read_only_allow_delete" in blocks:
        raise StorageFull(
            f"The server of the archive {address} takes no more: its disk is past the flood stage.",
            code="storage-flooded",
            remedy="Make room on the server's disk; the server lifts the block by itself.",
        )
    if "write" in blocks or "read_only" in blocks:
        raise ArchiveReadOnly(
            f"The server blocks writing to the archive {address}.",
            remedy="Lift the block (index.blocks.write, index.blocks.read_only) and try again.",
        )
