"""What the operating system, SQLite and Tantivy raise, as Byline's own errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from byline.errors import ArchiveDamaged, ArchiveError, ArchiveReadOnly, StorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
#: What SQLite says of a write that the system refused for want of room other than ENOSPC.
_FAILED_WRITES = {
    "SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHMSIZE",
}  # fmt: skip
#: What the texts of SQLite and Tantivy say, in lower case; neither gives codes for all.
_SAID = (
    (StorageFull, ("disk is full", "no space left", "file too large", "quota exceeded")),
    (ArchiveReadOnly, ("readonly", "read-only", "permission denied", "unable to open database")),
)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Let none of the storage's own exceptions out."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in _FAILED_WRITES:
            message = f"A write to the archive {folder} failed: {error}."
            raise StorageFull(message) from error
        raise _from_text(folder, str(error)) from error
    except OSError as error:
        raise _from_os(folder, error) from error
    except ValueError as error:
        # tantivy-py raises ValueError for whatever went wrong inside Tantivy.
        raise _from_text(folder, str(error)) from error


def _from_os(folder: Path, error: OSError) -> ArchiveError:
    if error.errno in _FULL:
        return StorageFull(f"There is no room left for the archive {folder}.")
    if error.errno in _REFUSED:
        return ArchiveReadOnly(f"The archive {folder} cannot be written: {error.strerror}.")
    return ArchiveDamaged(f"The archive {folder} cannot be read: {error}.")


def _from_text(folder: Path, text: str) -> ArchiveError:
    said = text.lower()
    for kind, phrases in _SAID:
        if any(phrase in said for phrase in phrases):
            what = "has no room left" if kind is StorageFull else "cannot be written"
            return kind(f"The archive {folder} {what}: {text.rstrip('.')}.")
    return ArchiveDamaged(f"The archive {folder} is damaged: {text.rstrip('.')}.")
