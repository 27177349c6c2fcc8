"""Opening the archive that a command means, and naming those that may have been meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from byline.errors import ArchiveNotFound
from byline.settings import Settings

if TYPE_CHECKING:
    from byline.archive import Archive

_OFFERED = 3
#: Up to the last @: a password may have any sign in it.
_CREDENTIALS = re.compile(r"(?<=:)//.*@", re.DOTALL)


def open_archive(given: str | None) -> Archive:
    """The archive of ``--archive``, else the settings' own.

    Raises:
        ArchiveNotFound: with the archives beside it in its remedy.
    """
    from byline.archive import Archive

    settings = Settings.load()
    address = given or str(settings.archive)
    try:
        return Archive.open(address, settings)
    except ArchiveNotFound as error:
        beside = archives_beside(address)
        if not beside or "Did you mean" in error.message:
            raise
        others = " or ".join(f"--archive {name}" for name in beside)
        raise ArchiveNotFound(
            error.message, remedy=f"Make one with `byline index SOURCE`, or say {others}."
        ) from error


def without_secrets(address: str) -> str:
    """An address as it may be printed: a server's without user and password."""
    return _CREDENTIALS.sub("//", address)


def archives_beside(address: str) -> list[str]:
    """The first few archives in the folder where ``address`` would lie."""
    if "://" in address:
        return []
    try:
        beside = sorted(Path(address).parent.iterdir())
    except OSError:
        return []
    return [str(path) for path in beside if _looks_like_archive(path)][:_OFFERED]


def _looks_like_archive(path: Path) -> bool:
    try:
        return (path / "archive.sqlite").is_file()
    except OSError:
        return False
