"""One writer at a time, and a name to show to the second."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from byline.errors import ArchiveBusy
from byline.records import utc_now

FILE = "writer.lock"
_HOLDER = "writer.json"
LOCK_FILES = (FILE, _HOLDER)


class WriterLock:
    """Held from :meth:`acquire` to :meth:`release`, or until the process dies."""

    def __init__(self, folder: Path) -> None:
        # Imported here: searching does without.
        from filelock import FileLock

        self._folder = folder
        self._lock = FileLock(folder / FILE, timeout=0, is_singleton=False, thread_local=False)

    def acquire(self) -> None:
        """Raises ArchiveBusy naming the holder; OSError where the folder cannot be written."""
        from filelock import Timeout

        try:
            self._lock.acquire()
        except Timeout:
            raise ArchiveBusy(
                f"Another process is writing to the archive {self._folder}{self._holder()}."
            ) from None
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": utc_now(),
            "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200],
        }
        (self._folder / _HOLDER).write_text(json.dumps(holder), "utf-8")

    def release(self) -> None:
        self._lock.release()

    def _holder(self) -> str:
        """`` (process 12 on host, since …: byline index …)``, as far as it is known."""
        try:
            holder = json.loads((self._folder / _HOLDER).read_text("utf-8"))
            return (
                f" (process {holder['pid']} on {holder['host']}, since {holder['since']}: "
                f"{holder['command']})"
            )
        except (OSError, ValueError, KeyError):
            return ""
