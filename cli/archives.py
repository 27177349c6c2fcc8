"""Opening the archive that a command means, and naming the one that was probably meant."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from byline.errors import ArchiveNotFound
from byline.settings import Settings

if TYPE_CHECKING:
    from byline.archive import Archive

_CREDENTIALS = re.compile(r"(?<=:)//[^/]*@")


def open_archive(given: str | None) -> Archive:
    """The archive of ``--archive``, else the settings' own.

    Raises:
        ArchiveNotFound: with the archives near by in its remedy.
    """
    from byline.archive import Archive

    settings = Settings.load()
    address = given or str(settings.archive)
    try:
        return Archive.open(address, settings)
    except ArchiveNotFound as error:
        near = near_archives(address)
        if not near:
            raise
        one = " or ".join(f"--archive {name}" for name in near)
        raise ArchiveNotFound(error.message, remedy=f"Did you mean {one}?") from error


def without_secrets(address: str) -> str:
    """An address as it may be printed: a server's without user and password."""
    return _CREDENTIALS.sub("//", address)


def near_archives(address: str) -> list[str]:
    """Archives beside ``address`` with a name like it; else whichever lie beside it."""
    if "://" in address:
        return []
    wanted = Path(address)
    try:
        beside = [path for path in wanted.parent.iterdir() if _looks_like_archive(path)]
    except OSError:
        return []
    names = {path.name: path for path in sorted(beside)}
    near = get_close_matches(wanted.name, names, n=2, cutoff=0.6) or list(names)[:2]
    return [str(names[name]) for name in near]


def _looks_like_archive(path: Path) -> bool:
    try:
        return (path / "archive.sqlite").is_file()
    except OSError:
        return False
