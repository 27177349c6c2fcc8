"""From an archive's address to its engine: the only place that chooses one."""

from __future__ import annotations

from byline.engines.base import Engine
from byline.errors import BadArchiveAddress
from byline.records import ModelIdentity


def open_engine(address: str) -> Engine:
    """Open the archive at ``address``: a folder's path.

    Raises:
        ArchiveNotFound, NotAnArchive, ArchiveTooNew, ArchiveDamaged: see their docs.
        BadArchiveAddress: a URL of a scheme that no engine has.
    """
    _refuse_urls(address)
    from byline.engines.embedded import EmbeddedEngine

    return EmbeddedEngine.open(address)


def create_engine(address: str, model: ModelIdentity | None) -> Engine:
    """Make an empty archive at ``address``, for vectors of ``model`` (``None``: without).

    Raises:
        NotAnArchive: something is there already.
        ArchiveReadOnly, StorageFull: it cannot be written.
    """
    _refuse_urls(address)
    from byline.engines.embedded import EmbeddedEngine

    return EmbeddedEngine.create(address, model)


def _refuse_urls(address: str) -> None:
    if "://" in address:
        raise BadArchiveAddress(f"No engine answers to {address.partition('://')[0]}://.")
