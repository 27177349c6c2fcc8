"""What the operating system, SQLite and Tantivy raise, as Byline's own errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

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


_END = object()
_Given = ParamSpec("_Given")
_Got = TypeVar("_Got")


class _Holder(Protocol):
    @property
    def folder(self) -> Path: ...


_Held = TypeVar("_Held", bound=_Holder)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Let none of the storage's own exceptions out."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in _FAILED_WRITES:
            raise StorageFull(
                f"A write to the archive {folder} failed, most likely for want of room."
            ) from error
        raise _from_text(folder, str(error)) from error
    except OSError as error:
        raise _from_os(folder, error) from error
    except ValueError as error:
        # tantivy-py raises ValueError for whatever went wrong inside Tantivy.
        raise _from_text(folder, str(error)) from error


def guarded(
    method: Callable[Concatenate[_Held, _Given], _Got],
) -> Callable[Concatenate[_Held, _Given], _Got]:
    """A reader's or a writer's method that lets none of the storage's own exceptions out.

    It is the methods that are guarded, not the ``with`` block in which they are called: what
    its own code raises there is none of the archive's.
    """

    @wraps(method)
    def call(self: _Held, /, *given: _Given.args, **named: _Given.kwargs) -> _Got:
        with storage_errors(self.folder):
            return method(self, *given, **named)

    return call


def guarded_iterator(
    method: Callable[Concatenate[_Held, _Given], Iterator[_Got]],
) -> Callable[Concatenate[_Held, _Given], Iterator[_Got]]:
    """The same for a method that yields."""

    @wraps(method)
    def call(self: _Held, /, *given: _Given.args, **named: _Given.kwargs) -> Iterator[_Got]:
        with storage_errors(self.folder):
            items = method(self, *given, **named)
        yield from guarded_items(self.folder, items)

    return call


def guarded_items(folder: Path, items: Iterator[_Got]) -> Iterator[_Got]:
    """Items of the storage, for code that is none of its own."""
    while True:
        with storage_errors(folder):
            item = next(items, _END)
        if item is _END:
            return
        yield cast(_Got, item)


def _from_os(folder: Path, error: OSError) -> ArchiveError:
    if error.errno in _FULL:
        return _full(folder)
    if error.errno in _REFUSED:
        return ArchiveReadOnly(f"The archive {folder} cannot be written: {error.strerror}.")
    return ArchiveDamaged(f"The archive {folder} cannot be read: {error}.")


def _from_text(folder: Path, text: str) -> ArchiveError:
    said = text.lower()
    for kind, phrases in _SAID:
        if any(phrase in said for phrase in phrases):
            if kind is StorageFull:
                return _full(folder)
            return kind(f"The archive {folder} cannot be written: {text.rstrip('.')}.")
    return ArchiveDamaged(f"The archive {folder} is damaged: {text.rstrip('.')}.")


def _full(folder: Path) -> StorageFull:
    # Which part met it, and in whose words, helps nobody to make room; --debug has it.
    return StorageFull(f"There is no room left for the archive {folder}.")
