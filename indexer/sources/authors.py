"""Authors' names out of what bylines say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_BY = re.compile(
    r"^\s*(?:(?:written|posted|published|words|text|story|column|opinion|analysis|comment)\s+)?"
    r"by:?(?:\s+|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[;|•]|\s/\s|,?\s+(?:and|with)\s+|\s+&\s+)\s*", re.IGNORECASE)
#: What follows a name after a comma and is no name of its own.
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|m\.?d|ph\.?d|mp|qc|kc|esq)\.?", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:editor|correspondent|columnist|reporter|writer|director|professor|staff|fellow|"
    r"chief|critic|author|analyst|minister|chair|president|desk|bureau|contributor)\b",
    re.IGNORECASE,
)
#: Who helped is named after who wrote, and is no author.
_HELPED = re.compile(
    r"(?<=[\w.)])[\s,;(|•–—-]+\b(?:with\s+)?(?:additional\s+)?(?:reporting|research)\s+(?:by|from)\b.*",
    re.IGNORECASE,
)
#: What follows a name and is where or when it was written. A word before it may begin the name
#: of an office ("Women in Technology"), two are somebody's.
_AFTERWARDS = re.compile(
    r"^(?:in|on|at|for|from|IN|ON|AT|FOR|FROM)(?:\s.*)?$"
    r"|\s+(?:(?:in|on|at|for|from|IN|ON|AT|FOR|FROM)$|(?:on|at|AT|ON)\s+\d.*|\d{1,2}[:.]\d{2}\b.*)$"
)
_PLACE = re.compile(r"(\S+(?:\s+\S+)+?)\s+(?:in|from|IN|FROM)\s.+")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)?\s*$")
_ORGANISATION = re.compile(r"[A-Z]{2,}|The\s.*")
#: A stop at the end that is none of an abbreviation's.
_STOP = re.compile(r"(?<!\b[A-Z])(?<!\b[JS]r)(?<!\bEsq)(?<!\bM\.D)\.$")
_SENTENCE_END = re.compile(r"[.!?][\"'’”)]*$")
_SMALL = frozenset(
    "and with de van von der den ter di da du dos la le del al el bin ibn y e & / | •".split()
)
_MOST_WORDS = 20
_LONGEST_NAME = 200
#: Bylines come again and again.
_REMEMBERED = 4096
_SHOUTED = re.compile(r"[A-Z][A-Z.'’-]+")


@lru_cache(_REMEMBERED)
def names(text: str) -> tuple[str, ...]:
    """The names that a byline states, each once: ``By A, B and C`` → three.

    A role after a name (``Jane Doe, Foreign Editor``) is left out, and so are places, times and
    organisations after it. ``Doe, Jane; Roe, John`` are two, ``Doe, Jane`` alone is one, as in a
    bibliography; ``Ann Lee, Bob Ray`` are two.
    """
    found: list[str] = []
    text = _HELPED.sub("", bare(text))
    if inverted := _family_names_first(text):
        return unique(inverted)
    for part in _BETWEEN.split(text):
        for piece in map(_piece, part.split(",")):
            if not piece or piece.isdecimal():
                continue
            if found and _SUFFIX.fullmatch(piece):
                found[-1] = f"{found[-1]}, {piece}"
            elif not (found and (_ROLE.search(piece) or _is_other_than_a_name(piece))):
                found.append(_cased(piece))
    return unique(found)


def _piece(text: str) -> str:
    """One name, without what a line may go on with after it."""
    piece = text.strip(" ,•|–—-/\t")
    if len(piece) > _LONGEST_NAME:
        # Nothing is known of it, and the patterns would take the square of its length.
        return piece
    piece = _AFTERWARDS.sub("", _PARENTHESIS.sub("", piece))
    return _STOP.sub("", _PLACE.sub(r"\1", piece).strip(" ,•|–—-/\t"))


def _is_other_than_a_name(piece: str) -> bool:
    return bool(_ORGANISATION.fullmatch(piece)) or any(char.isdigit() for char in piece)


def _family_names_first(text: str) -> list[str]:
    """Names that are each written so; none where that is not plain."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    for part in parts:
        family, comma, given = (piece.strip() for piece in part.partition(","))
        words = [word for word in family.split() if word not in _SMALL]
        last = _SUFFIX.fullmatch(given) or _ROLE.search(given) or _is_other_than_a_name(given)
        if len(words) != 1 or not comma or not given or "," in given or last:
            return []
    return parts if len(parts) > 1 or _is_one_person(text) else []


def _is_one_person(text: str) -> bool:
    """Whether it is ``Doe, Jane``: one family name, one or two given ones, and all written as
    names are. ``alan, robert`` are two who sign with a handle."""
    if _BETWEEN.search(text):
        return False
    family, _, given = text.partition(",")
    words = [word for word in family.split() if word not in _SMALL]
    # "J. R. R."
    initials = re.fullmatch(r"(?:[A-Z]\.[\s-]?)+", given.strip())
    return (
        all(_is_titled(word) for word in (*words, *given.split()))
        and not (_ROLE.search(family) or _is_other_than_a_name(family))
        and (bool(initials) or len(given.split()) <= 2)
    )


def _is_titled(word: str) -> bool:
    return word[:1].isupper()


def look_like_names(text: str) -> bool:
    """Whether what stands after ``By`` can be names: ``By noon the town was empty.`` is none."""
    said = bare(text)
    words = said.split()
    if not 0 < len(words) <= _MOST_WORDS:
        return False
    found = names(said)
    if not found:
        return False
    if _SENTENCE_END.search(said) and not all(map(_is_capitalised, words)):
        return False
    return all(_is_name(name) for name in found)


def _is_name(name: str) -> bool:
    words = name.split()
    # "By our foreign correspondent"
    return all(map(_is_capitalised, words)) or (len(words) < 6 and bool(_ROLE.search(name)))


def _is_capitalised(word: str) -> bool:
    word = word.lstrip("\"'‘’“(,")
    # "d'Ancona", "bin", and writing that has no capitals.
    return (
        word.strip(",") in _SMALL
        or not word[:1].islower()
        or bool(re.match(r"[a-z]{1,2}['’][A-Z]", word))
    )


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
