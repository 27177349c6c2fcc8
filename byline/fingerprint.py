"""What two articles with the same text share, however the text was set."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from byline.records import Article

#: A link is written out in one copy and left behind its words in another.
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+")
_NOT_TEXT = re.compile(r"[\W_]+")
#: Below so many letters a body alone does not tell an article from another ("Read more.").
_TELLING = 200


def fingerprint(article: Article) -> str:
    """128 bits in hex, over the letters and digits of the body, case folded.

    White space, punctuation, quotation marks and hyphens, in which copies of a text differ, do
    not count. A short body counts together with its title.
    """
    letters = _letters(article.body)
    if len(letters) < _TELLING:
        letters += "\n" + _letters(article.title)
    return hashlib.blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _letters(text: str) -> str:
    text = _ADDRESS.sub("", text)
    return _NOT_TEXT.sub("", unicodedata.normalize("NFKC", text).casefold())
