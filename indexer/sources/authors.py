"""Authors' names out of what bylines say."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BY = re.compile(
    r"^\s*(?:(?:written|posted|published|words|text|story|column|opinion|analysis|comment)\s+)?"
    r"by:?\s+",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:;|,?\s+(?:and|with)\s+|\s+&\s+)\s*", re.IGNORECASE)
#: What follows a name after a comma and is no name of its own.
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|m\.?d|ph\.?d|mp|qc|kc|esq)\.?", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:editor|correspondent|columnist|reporter|writer|director|professor|staff|fellow|"
    r"chief|critic|author|analyst|minister|chair|president|desk|bureau|contributor)\b",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"[A-Z][A-Z.'’-]+")


def names(text: str) -> tuple[str, ...]:
    """The names that a byline states, each once: ``By A, B and C`` → three.

    A role after a name (``Jane Doe, Foreign Editor``) is left out.
    """
    found: list[str] = []
    for part in _BETWEEN.split(bare(text)):
        for piece in (piece.strip(" ,•|–—-\t") for piece in part.split(",")):
            if not piece:
                continue
            if found and _SUFFIX.fullmatch(piece):
                found[-1] = f"{found[-1]}, {piece}"
            elif not (found and _ROLE.search(piece)):
                found.append(_cased(piece))
    return unique(found)


def bare(text: str) -> str:
    """Without the ``By`` before it."""
    return _BY.sub("", text.strip())


def unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _cased(name: str) -> str:
    """``JANE DOE`` → ``Jane Doe``; a single word in capitals is left (``NATO``)."""
    words = name.split()
    if len(words) < 2 or not all(_SHOUTED.fullmatch(word) or len(word) < 3 for word in words):
        return name
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), name)
