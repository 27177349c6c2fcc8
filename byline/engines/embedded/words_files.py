"""Whether the files of the Tantivy index are as Tantivy wrote them.

Tantivy ends each with its checksum but looks at it only when asked, which tantivy-py cannot do.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from byline.engines.embedded.words import FOLDER

#: A file ends with a JSON object that has the checksum, its length, and this number.
_MAGIC = 1337


def broken(folder: Path) -> list[str]:
    """Those of the index below the archive's ``folder`` whose checksum is not theirs, by name."""
    base = folder / FOLDER
    meta = json.loads((base / "meta.json").read_text("utf-8"))
    of_segments = {segment["segment_id"].replace("-", "") for segment in meta["segments"]}
    found = []
    for path in sorted(base.iterdir()):
        if path.name.split(".")[0] in of_segments:
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                # A writer has merged its segment since.
                continue
            if not _is_whole(content):
                found.append(path.name)
    return found


def _is_whole(content: bytes) -> bool:
    length = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - length : -8]
    if int.from_bytes(content[-4:], "little") != _MAGIC or len(footer) != length:
        return False
    try:
        checksum = json.loads(footer)["crc"]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(checksum == zlib.crc32(content[: -8 - length]))
