"""How texts are stored: by zstd, and in an archive of some size by a dictionary of what its own
articles repeat.

A single column repeats little of itself, but most of what the others say. A dictionary takes a
third off what zstd alone leaves of short articles, a fifth of longer ones, in the same time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import zstandard

#: Articles from which on an archive has a dictionary, and of which it is learnt.
LEARNT_FROM = 1_000
#: Of each, so many bytes from its beginning: a book among columns is not all that is learnt.
LEARNT_OF_EACH = 16 << 10
_BYTES = 256 << 10
#: Of "cover", zstd's way of choosing what to keep: lengths of segments and of what is counted.
#: Given, as looking for the best takes several times as long and brings nothing.
_SEGMENT, _COUNTED = 256, 8
_LEVEL = 3

#: A dictionary's bytes by its number.
DictionaryOf = Callable[[int], bytes]


class _Codecs(threading.local):
    """Codecs may not be shared by threads."""

    def __init__(self) -> None:
        self.compressors: dict[bytes, zstandard.ZstdCompressor] = {}
        self.decompressors: dict[int, zstandard.ZstdDecompressor] = {}


_codecs = _Codecs()


def learn(texts: Sequence[bytes]) -> tuple[int, bytes] | None:
    """A dictionary of what the texts repeat, and its number, which is told by what is in it;
    ``None`` where they repeat nothing."""
    if not texts:
        return None
    try:
        made = zstandard.train_dictionary(_BYTES, list(texts), k=_SEGMENT, d=_COUNTED)
    except zstandard.ZstdError:
        return None
    return made.dict_id(), made.as_bytes()


def compress(texts: Sequence[bytes], dictionary: bytes = b"") -> list[bytes]:
    """``dictionary``: of :func:`learn`; empty for none."""
    if dictionary not in _codecs.compressors:
        # Read without its dictionary, or by another of the same number, a text is refused.
        _codecs.compressors[dictionary] = (
            zstandard.ZstdCompressor(
                _LEVEL,
                dict_data=zstandard.ZstdCompressionDict(dictionary),
                write_checksum=True,
            )
            if dictionary
            else zstandard.ZstdCompressor(_LEVEL)
        )
    compressor = _codecs.compressors[dictionary]
    if not any(texts):
        return [compressor.compress(text) for text in texts]
    # In one call, meanwhile other threads run undisturbed.
    frames = compressor.multi_compress_to_buffer(list(texts))
    return [frames[place].tobytes() for place in range(len(frames))]


def decompress(data: bytes, dictionary_of: DictionaryOf) -> bytes:
    """What :func:`compress` was given.

    Raises:
        ValueError: it is not what :func:`compress` made.
    """
    try:
        number = zstandard.get_frame_parameters(data).dict_id
        if number not in _codecs.decompressors:
            _codecs.decompressors[number] = (
                zstandard.ZstdDecompressor(zstandard.ZstdCompressionDict(dictionary_of(number)))
                if number
                else zstandard.ZstdDecompressor()
            )
        return _codecs.decompressors[number].decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(f"a compressed text cannot be read: {error}") from error
