"""Files that pages load: style sheets, scripts, the icon.

They are read once, and their address has a digest of them all, so browsers may keep them for
good: another version has another address. Modules import each other by relative addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files

from starlette.responses import Response

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def _read() -> Iterator[tuple[str, bytes]]:
    folder = files("api.web") / "static"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.rpartition(".")[2] in _TYPES:
            yield file.name, file.read_bytes()


_FILES = dict(_read())
VERSION = hashlib.sha256(b"".join(_FILES.values())).hexdigest()[:12]


def asset(name: str, version: str | None = None) -> Response | None:
    """A file, to be kept for good where it was asked for by its own version."""
    content = _FILES.get(name)
    if content is None:
        return None
    kept = "public, max-age=31536000, immutable" if version == VERSION else "no-cache"
    headers = {"Cache-Control": kept, "ETag": f'"{VERSION}"'}
    return Response(content, media_type=_TYPES[name.rpartition(".")[2]], headers=headers)
