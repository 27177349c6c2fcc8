"""From an archive's address to its engine: the only place that chooses one."""

from __future__ import annotations

from byline.engines.base import Engine
from byline.records import ModelIdentity
from byline.settings import Settings


def open_engine(address: str, settings: Settings | None = None) -> Engine:
    """Open the archive at ``address``: a folder's path, or ``elasticsearch://host:9200/name``.

    Args:
        settings: how to reach a server; where none are given, those in force.

    Raises:
        ArchiveNotFound, NotAnArchive, ArchiveTooNew, ArchiveDamaged: see their docs.
        BadArchiveAddress: a URL of a scheme that no engine has.
        EngineUnavailable: a server cannot be used.
    """
    if _is_served(address):
        from byline.engines.elastic import ElasticEngine
        from byline.engines.elastic.address import Address, Options

        place = Address.parse(address)
        return ElasticEngine.open(place, Options.of(settings or Settings.load(), place))
    from byline.engines.embedded import EmbeddedEngine

    return EmbeddedEngine.open(address)


def create_engine(
    address: str, model: ModelIdentity | None, settings: Settings | None = None
) -> Engine:
    """Make an empty archive at ``address``, for vectors of ``model`` (``None``: without).

    Args:
        settings: how to reach a server, and how to lay out the archive there.

    Raises:
        NotAnArchive: something is there already.
        ArchiveBusy: another process is making, or has just made, the same archive on a server.
        ArchiveReadOnly, StorageFull: it cannot be written.
        EngineUnavailable: a server cannot be used.
    """
    if _is_served(address):
        from byline.engines.elastic import ElasticEngine
        from byline.engines.elastic.address import Address, Options

        place = Address.parse(address)
        return ElasticEngine.create(place, Options.of(settings or Settings.load(), place), model)
    from byline.engines.embedded import EmbeddedEngine

    return EmbeddedEngine.create(address, model)


def _is_served(address: str) -> bool:
    """Whether it is a server's address; raises BadArchiveAddress for one of no engine."""
    scheme, separator, _ = address.partition("://")
    if not separator:
        return False
    # Imported late: a folder does not pay for it.
    from byline.engines.elastic.address import SCHEMES, unknown_scheme

    if scheme.lower() not in SCHEMES:
        raise unknown_scheme(scheme)
    return True
