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
#: Beyond ASCII, in nearly every article, and not letters.
_USUAL = "’‘“”—–•"
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
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        for char in _USUAL:
            folded = folded.replace(char, "")
    if folded.isascii():
        # The same for plain text, many times as fast.
        return folded.encode().translate(None, _NOT_LETTERS).decode()
    return "".join(_LETTERS.findall(folded))
