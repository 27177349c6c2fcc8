"""What two articles with the same text share, however the text was set."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from byline.records import Article

#: A link is written out in one copy and left behind its words in another.
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+")
_LETTERS = re.compile(r"[^\W_]+")
_ASCII = bytes(range(128))
_NO_LETTERS = bytes(code for code in range(256) if not (code < 128 and chr(code).isalnum()))
#: What nearly every article has beyond ASCII, in UTF-8: General Punctuation to U+203F, the word
#: joiner and the no-break space. None is a letter or becomes one.
_USUAL = re.compile(rb"(?:\xe2\x80[\x80-\xbf]|\xe2\x81\xa0|\xc2\xa0)*")
#: Below so many letters a body alone does not tell an article from another ("Read more.").
_TELLING = 200
#: An article that is being indexed is asked for its fingerprint twice within a batch.
_REMEMBERED = 2048


def fingerprint(article: Article) -> str:
    """128 bits in hex, over the letters and digits of the body, case folded.

    White space, punctuation, quotation marks and hyphens, in which copies of a text differ, do
    not count. A short body counts together with its title.
    """
    return _of_texts(article.body, article.title)


@lru_cache(_REMEMBERED)
def _of_texts(body: str, title: str) -> str:
    letters = _letters(body)
    # No character has more than four bytes.
    if len(letters) < 4 * _TELLING and len(letters.decode()) < _TELLING:
        letters += b"\n" + _letters(title)
    return hashlib.blake2b(letters, digest_size=16).hexdigest()


def _letters(text: str) -> bytes:
    """In UTF-8."""
    if ("/" in text and "://" in text) or "www." in text:
        text = _ADDRESS.sub("", text)
    return _letters_alone(text)


def _letters_alone(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    beyond = data.translate(None, _ASCII)
    if not beyond or _USUAL.fullmatch(beyond):
        # The same for plain text, many times as fast.
        return data.lower().translate(None, _NO_LETTERS)
    if "\n" in text:
        # What is not so plain is in a few lines, and no character of one changes another's.
        return b"".join(map(_letters_alone, text.split("\n")))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(_LETTERS.findall(folded)).encode()
