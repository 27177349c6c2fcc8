"""From what was named on the command line to files, and from files to their bytes."""

from __future__ import annotations

import bz2
import glob
import gzip
import io
import lzma
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

import zstandard

from indexer.sources.events import Event, Noted, Rejected, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN = "-"
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
#: How what is compressed begins, where no name says it.
_SIGNS = tuple(
    (re.compile(sign, re.DOTALL), suffix)
    for sign, suffix in (
        (rb"\x1f\x8b\x08", ".gz"),
        (rb"BZh[1-9]1AY&SY", ".bz2"),
        (rb"\xfd7zXZ\x00", ".xz"),
        (rb"\x28\xb5\x2f\xfd", ".zst"),
    )
)
_DATABASE = "archive.sqlite"
_LONGEST_SIGN = 10
_GLOB = "*?["


@dataclass(frozen=True, slots=True)
class SourceFile:
    """``path`` is absolute, or ``-``. ``size`` in bytes as it lies on disk; 0 if not known."""

    path: str
    size: int

    @property
    def name(self) -> str:
        """Without what says how it is compressed, lower case."""
        name = Path(self.path).name.lower()
        for suffix in _COMPRESSED:
            name = name.removesuffix(suffix)
        return name


Located: TypeAlias = SourceFile | Event


def locate(arguments: Sequence[str]) -> Iterator[Located]:
    """Every file that is meant, once, in order; and what could not be found.

    A file is the same however many links lead to its folder; the first way to it counts.
    """
    seen: set[str] = set()
    real = lru_cache(os.path.realpath)
    for argument in arguments:
        for located in _argument(argument):
            if isinstance(located, SourceFile):
                folder, name = os.path.split(located.path)
                place = os.path.join(real(folder), name) if folder else STDIN
                if place in seen:
                    continue
                seen.add(place)
            yield located


def _argument(argument: str) -> Iterator[Located]:
    if argument == STDIN:
        yield SourceFile(STDIN, 0)
        return
    path = Path(argument).expanduser()
    if path.exists() or path.is_symlink():
        yield from _path(path)
        return
    if any(char in argument for char in _GLOB):
        matches = sorted(set(_expanded(path)))
        if not matches:
            message = "No file matches this pattern."
            yield Rejected(argument, "", "no-match", message)
        for match in matches:
            yield from _path(Path(match))
        return
    yield Rejected(argument, "", "not-found", f"There is no such file or folder.{_near(path)}")


def _expanded(pattern: Path) -> Iterator[str]:
    """What matches. Below ``**`` no link to a folder is followed, as below a folder that is named:
    it could lead back to where it stands, which :mod:`glob` would follow as far as it can."""
    if "**" not in pattern.parts:
        yield from glob.glob(str(pattern))
        return
    at = pattern.parts.index("**")
    rest = pattern.parts[at + 1 :]
    for start in glob.glob(str(Path(*pattern.parts[:at]))):
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if rest:
                yield from _expanded(Path(glob.escape(folder), *rest))
            else:
                yield from (os.path.join(folder, name) for name in files if name[0] != ".")


def _near(path: Path) -> str:
    try:
        beside = os.listdir(path.parent)
    except OSError:
        return ""
    near = get_close_matches(path.name, beside, n=1)
    return f" Did you mean {path.with_name(near[0])}?" if near else ""


def _path(path: Path) -> Iterator[Located]:
    absolute = Path(os.path.abspath(path))
    if not absolute.is_dir():
        yield _file(absolute)
        return
    hidden = linked = 0
    failures: list[OSError] = []
    for folder, folders, files in os.walk(absolute, onerror=failures.append):
        if _is_archive(Path(folder)):
            folders.clear()
            yield Noted(folder, "", "archive", "It is an archive of Byline's; it was passed over.")
            continue
        hidden += sum(name.startswith(".") for name in (*folders, *files))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked += sum((Path(folder) / name).is_symlink() for name in folders)
        for name in sorted(name for name in files if not name.startswith(".")):
            yield _file(Path(folder) / name)
    for failure in failures:
        yield Rejected(str(failure.filename), "", "unreadable", _said(failure))
    if linked:
        message = f"{linked} links to folders in it were not followed; name those folders too."
        yield Noted(str(absolute), "", "linked", message)
    if hidden:
        message = f"{hidden} hidden files or folders in it were passed over."
        yield Noted(str(absolute), "", "hidden", message)


def _is_archive(folder: Path) -> bool:
    """By the mark that the embedded engine's database has in its head."""
    try:
        with (folder / _DATABASE).open("rb") as file:
            return file.read(72)[68:] == b"BYLN"
    except OSError:
        return False


def _file(path: Path) -> Located:
    written = os.fsencode(path).decode("utf-8", "backslashreplace")
    if written != str(path):
        message = "Its name is not UTF-8, so that no archive can remember it; rename the file."
        return Rejected(written, "", "bad-name", message)
    try:
        status = path.stat()
    except OSError as error:
        return Rejected(str(path), "", "unreadable", _said(error))
    if not (path.is_file()):
        return Rejected(str(path), "", "not-a-file", "It is a device, a pipe or a socket.")
    return SourceFile(str(path), status.st_size)


def _said(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "It has vanished, or is a link to nothing."
        case PermissionError():
            return "Permission to read it was denied."
        case _:
            return f"It cannot be read: {error.strerror or error}."


@contextmanager
def opened(file: SourceFile, stdin: BinaryIO | None) -> Iterator[BinaryIO]:
    """The file's content, decompressed, as a stream.

    Raises:
        Unreadable: it cannot be opened or read, or what is compressed is broken.
    """
    try:
        with _raw(file, stdin) as raw:
            yield raw
    except EOFError as error:
        raise Unreadable("truncated", "The compressed file ends too early.") from error
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        raise Unreadable("bad-compression", f"It cannot be decompressed: {error}.") from error
    except OSError as error:
        if "Invalid data stream" in str(error):
            raise Unreadable("bad-compression", "It cannot be decompressed.") from error
        raise Unreadable("unreadable", _said(error)) from error


class _ZstdFrames(io.RawIOBase):
    """Zstandard's own reader takes a file that ends too early for one that ends."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._ready:
            data = self._file.read(1 << 16)
            if not data:
                if self._frame is not None:
                    raise EOFError
                return 0
            self._feed(data)
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _feed(self, data: bytes) -> None:
        while data:
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._ready += self._frame.decompress(data)
            data = b""
            if self._frame.eof:
                data = self._frame.unused_data
                self._frame = None


@contextmanager
def _raw(file: SourceFile, stdin: BinaryIO | None) -> Iterator[BinaryIO]:
    if file.path == STDIN:
        given = stdin if stdin is not None else io.BytesIO()
        # Its first bytes are looked at, which not every stream allows.
        peeking = given if isinstance(given, io.BufferedReader) else _buffered(given)
        yield _decompressed(peeking, _compression(peeking))
        return
    with open(file.path, "rb") as plain:  # noqa: PTH123 - the path is a string already
        suffix = Path(file.path).suffix.lower()
        stream = _decompressed(plain, suffix if suffix in _COMPRESSED else _compression(plain))
        try:
            yield stream
        finally:
            if stream is not plain:
                stream.close()


def _buffered(stream: BinaryIO) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, stream))


def _compression(stream: io.BufferedReader) -> str:
    """The suffix that fits how it begins; empty where it is not compressed."""
    start = stream.peek(_LONGEST_SIGN)
    return next((suffix for sign, suffix in _SIGNS if sign.match(start)), "")


def _decompressed(stream: io.BufferedReader, suffix: str) -> BinaryIO:
    match suffix:
        case ".gz":
            return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
        case ".bz2":
            return cast(BinaryIO, bz2.BZ2File(stream))
        case ".xz":
            return cast(BinaryIO, lzma.LZMAFile(stream))
        case ".zst":
            return cast(BinaryIO, io.BufferedReader(_ZstdFrames(stream)))
        case _:
            return stream
