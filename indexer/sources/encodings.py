"""Bytes to text: UTF-8, UTF-16 and Windows-1252, told apart."""

from __future__ import annotations

import codecs
import re
from typing import Any

from indexer.sources.events import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Control characters that text does not hold, besides tab, line ends and form feed.
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_SAMPLE = 64 * 1024
_HALVES_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


def unescaped(value: Any, text: str) -> Any:
    """``value``, read from ``text``, without halves of characters.

    JSON can write them as escapes (``\\ud83d`` alone, where a text was cut); no encoding can. Each
    becomes U+FFFD.
    """
    return _mended(value) if _HALVES_ESCAPED.search(text) else value


def _mended(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_mended(item) for item in value]
        case dict():
            return {_mended(name): _mended(item) for name, item in value.items()}
        case _:
            return value


def decode(data: bytes) -> str:
    """The text of a whole file.

    A byte order mark decides; else strict UTF-8; else UTF-16 where every second byte is often
    zero; else Windows-1252, of which every byte but five is a character.

    Raises:
        Unreadable: it is not text.
    """
    name = detect(data)
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "bad-encoding",
            f"It looks like {name.upper()}, but byte {error.start + 1} is wrong or missing.",
        ) from error


def decode_records(data: bytes) -> str:
    """The text of a file of records that may run over several lines. A byte that does not fit into
    UTF-8 becomes half a character, by which its record is known.

    Raises:
        Unreadable: it is not text.
    """
    try:
        return decode(data)
    except Unreadable as error:
        if error.code != "bad-encoding" or not _mostly_utf_8(data):
            raise
        return data.decode("utf-8-sig", "surrogateescape")


def decode_line(line: bytes) -> str:
    """One line of a file whose lines stand for themselves, so that a wrong byte costs one line.

    Raises:
        Unreadable: it is neither UTF-8 nor text in another encoding.
    """
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return line.decode(_eight_bits(line, error))


def detect(data: bytes) -> str:
    """The codec's name. ``data`` may be cut off within a character at its end."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    zeros = sample.count(0)
    if zeros:
        wide = _utf_16(sample, zeros)
        if wide is None:
            raise Unreadable("binary", "It is a binary file, not text; convert it to text first.")
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=False)
    except UnicodeDecodeError as error:
        return _eight_bits(data, error)
    return "utf-8"


def _utf_16(sample: bytes, zeros: int) -> str | None:
    """UTF-16 without a mark: in Western text nearly all zeros stand in one of two places."""
    low = sample[1::2].count(0)
    if zeros > len(sample) // 5:
        if low > 0.9 * zeros:
            return "utf-16-le"
        if low < 0.1 * zeros:
            return "utf-16-be"
    return None


def _eight_bits(data: bytes, error: UnicodeDecodeError) -> str:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > len(sample) // 100:
        raise Unreadable("binary", "It is a binary file, not text; convert it to text first.")
    if _mostly_utf_8(data):
        line = data.count(b"\n", 0, error.start) + 1
        # A record that is one line has been named by its line already.
        place = f"line {line}" if b"\n" in data.rstrip() else f"place {error.start + 1}"
        raise Unreadable(
            "bad-encoding",
            f"It is UTF-8 but for the byte 0x{data[error.start]:02x} in {place}; mend that, or "
            "save the file in one encoding.",
        )
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return _by_statistics(sample)
    return "cp1252"


def _mostly_utf_8(data: bytes) -> bool:
    """Whether there are more whole multi-byte characters than bytes that fit in none."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    whole = sum(1 for char in text if char > "\x7f") - wrong
    return whole > wrong


def _by_statistics(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        raise Unreadable("bad-encoding", "Its encoding could not be told; save it as UTF-8.")
    return best.encoding
