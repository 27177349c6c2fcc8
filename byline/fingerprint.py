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
_NOT_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_BEYOND_ASCII = bytes(range(128, 256))
#: What nearly every article has beyond ASCII, how it begins in UTF-8 and how many bytes it has:
#: General Punctuation to U+203F, the word joiner and the no-break space. None is a letter or
#: becomes one.
_USUAL = ((b"\xe2\x80", 3), (b"\xe2\x81\xa0", 3), (b"\xc2\xa0", 2))
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
    if len(letters) < _TELLING:
        letters += "\n" + _letters(title)
    return hashlib.blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _letters(text: str) -> str:
    if "://" in text or "www." in text:
        text = _ADDRESS.sub("", text)
    data = text.encode("utf-8", "surrogatepass")
    beyond = len(data) - len(data.translate(None, _BEYOND_ASCII))
    if beyond == sum(length * data.count(char) for char, length in _USUAL):
        # The same for plain text, many times as fast.
        return data.lower().translate(None, _NOT_LETTERS + _BEYOND_ASCII).decode()
    folded = unicodedata.normalize("NFKC", text).casefold().encode("utf-8", "surrogatepass")
    # Without what is quickly taken out, few runs are left to be found.
    rest = folded.translate(None, _NOT_LETTERS).decode("utf-8", "surrogatepass")
    return "".join(_LETTERS.findall(rest))
