"""Files that long work is to end in."""

from __future__ import annotations

from pathlib import Path

from byline.errors import UsageError


def check_writable(path: Path, option: str) -> None:
    """Let work that takes minutes begin only if what it finds can be kept. Leaves no file behind.

    Raises:
        UsageError: ``path`` is a folder.
        OSError: it cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"{option} {path}: that is a folder.", remedy="Name a file in it.")
    new = not path.exists()
    path.open("a", encoding="utf-8").close()
    if new:
        path.unlink()
