"""Citations of an article: RIS, BibTeX, CSL JSON, and one line for people.

What a format cannot say is left out rather than guessed: a date without a day stays without one.
Control characters and line ends within a value become spaces, so that no title or name can begin
a line or end a record.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from byline.analysis import fold
from byline.records import Article, PartialDate
from byline.wording.dates import spoken

_BIBTEX_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

#: Words before a family name that belong to it.
_PARTICLES = frozenset(
    "af al bin da das de dei del della den der di do dos du el ibn la le ten ter van vom von "
    "zu zum zur".split()
)
_SUFFIXES = frozenset("jr jr. sr sr. ii iii iv".split())
#: Words that no person's name has.
_BODIES = frozenset(
    "agency association board bureau center centre coalition college committee company council "
    "department desk editor editorial editors foundation group institute ministry network office "
    "organisation organization society staff team the union university".split()
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """``given`` may be empty; ``suffix`` is such as Jr."""

    family: str
    given: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class LiteralName:
    """An organisation, or a name that cannot be told apart."""

    name: str


def read_name(written: str) -> PersonName | LiteralName:
    """The parts of a name as bylines have it: ``Con Coughlin``, ``Ludwig van Beethoven``.

    A name of one word, one with digits and what looks like an organisation stay whole.
    """
    name = _plain(written)
    if "," in name:
        family, _, rest = (part.strip() for part in name.partition(","))
        if rest.lower() in _SUFFIXES:
            person = read_name(family)
            return (
                PersonName(person.family, person.given, rest)
                if isinstance(person, PersonName)
                else LiteralName(name)
            )
        return (
            PersonName(family, rest) if family and rest and "," not in rest else (LiteralName(name))
        )
    words = name.split()
    folded = {fold(word) for word in words}
    if len(words) < 2 or folded & _BODIES or any(letter.isdigit() for letter in name):
        return LiteralName(name)
    suffix = ""
    if words[-1].lower() in _SUFFIXES and len(words) > 2:
        suffix = words.pop()
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    return PersonName(" ".join(words[first:]), " ".join(words[:first]), suffix)


# RIS.


def ris(article: Article) -> str:
    """One record with its line ends, CRLF as the format has it. UTF-8."""
    date = article.date
    lines = [("TY", "NEWS"), ("TI", article.title or _untitled(article))]
    lines += [("AU", _ris_name(read_name(name))) for name in article.authors]
    if article.publication:
        lines += [("T2", article.publication), ("JO", article.publication)]
    if date is not None:
        parts = [f"{date.year:04d}", _two(date.month), _two(date.day), ""]
        lines += [("PY", parts[0]), ("DA", "/".join(parts))]
    if article.summary:
        lines.append(("AB", " ".join(article.summary)))
    lines += [("KW", topic) for topic in article.topics]
    lines += [
        (tag, value)
        for tag, value in (
            ("SE", article.section),
            ("LA", article.language),
            ("UR", article.url),
            ("AN", article.id),
        )
        if value
    ]
    written = [f"{tag}  - {_plain(value)}" for tag, value in lines if _plain(value)]
    return "\r\n".join([*written, "ER  - ", "", ""])


def _ris_name(name: PersonName | LiteralName) -> str:
    match name:
        case LiteralName():
            return name.name
        case PersonName():
            return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def _two(number: int | None) -> str:
    return "" if number is None else f"{number:02d}"


# BibTeX.


def bibtex(article: Article) -> str:
    """One ``@article`` entry, UTF-8, ending in a blank line. Its key is unique to the id."""
    date = article.date
    fields = [
        ("author", " and ".join(_bibtex_name(read_name(name)) for name in article.authors)),
        ("title", f"{{{_tex(article.title or _untitled(article))}}}"),
        ("journal", _tex(article.publication or "")),
        ("year", f"{date.year:04d}" if date else ""),
        ("date", date.isoformat()[:10] if date else ""),
        ("abstract", _tex(" ".join(article.summary))),
        ("keywords", ", ".join(_tex(topic).replace(",", "{,}") for topic in article.topics)),
        ("language", _tex(article.language or "")),
        ("url", _url(article.url or "")),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    if date is not None and date.month is not None:
        lines.append(f"  month = {_BIBTEX_MONTHS[date.month - 1]},")
    return "\n".join([f"@article{{{citation_key(article)},", *lines, "}", "", ""])


def citation_key(article: Article) -> str:
    """Letters, digits and a hyphen; the end is a digest of the id, so that none comes twice."""
    name = read_name(article.authors[0]) if article.authors else LiteralName("anonymous")
    lead = name.family if isinstance(name, PersonName) else name.name
    ascii_lead = re.sub(r"[^a-z]", "", fold(lead))[:24] or "anonymous"
    year = f"{article.date.year:04d}" if article.date else ""
    digest = hashlib.sha256(article.id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{ascii_lead}{year}-{digest}"


def _bibtex_name(name: PersonName | LiteralName) -> str:
    match name:
        case LiteralName():
            return f"{{{_tex(name.name)}}}"
        case PersonName():
            parts = (name.family, name.suffix, name.given)
            return ", ".join(_protected(part) for part in parts if part)


def _protected(part: str) -> str:
    """A part of a name; one with a comma or an ``and`` of its own is kept together."""
    apart = "," in part or "and" in part.lower().split()
    return f"{{{_tex(part)}}}" if apart else _tex(part)


_TEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"{\textasciicircum}",
    "~": r"{\textasciitilde}",
}


def _tex(text: str) -> str:
    """Braces stay balanced whatever the text holds: BibTeX counts those after a backslash too."""
    return "".join(_TEX.get(letter, letter) for letter in _plain(text))


def _url(text: str) -> str:
    """Addresses are not typeset, so only what would end the field is written otherwise."""
    plain = _plain(text).replace(" ", "%20")
    return plain.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


# CSL JSON.


def csl_json(article: Article) -> dict[str, Any]:
    """One item of CSL JSON (citeproc); ``article-newspaper``."""
    item: dict[str, Any] = {
        "id": article.id,
        "type": "article-newspaper",
        "title": _plain(article.title) or _untitled(article),
    }
    if article.authors:
        item["author"] = [_csl_name(read_name(name)) for name in article.authors]
    if article.date is not None:
        item["issued"] = {"date-parts": [_date_parts(article.date)]}
    texts = {
        "container-title": article.publication,
        "section": article.section,
        "abstract": " ".join(article.summary),
        "keyword": ", ".join(article.topics),
        "language": article.language,
        "URL": article.url,
    }
    item.update({name: _plain(text) for name, text in texts.items() if text and _plain(text)})
    return item


def _csl_name(name: PersonName | LiteralName) -> dict[str, str]:
    match name:
        case LiteralName():
            return {"literal": name.name}
        case PersonName():
            parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
            return {key: part for key, part in parts.items() if part}


def _date_parts(date: PartialDate) -> list[int]:
    return [part for part in (date.year, date.month, date.day) if part is not None]


# For people.


def plain(article: Article) -> str:
    """One line: authors, “Title”, publication, date, address."""
    date = article.date
    parts = [
        _joined([_plain(name) for name in article.authors]),
        f"“{_plain(article.title)}”" if _plain(article.title) else "",
        _plain(article.publication or ""),
        spoken(date) if date else "",
        _plain(article.url or ""),
    ]
    return ", ".join(part for part in parts if part)


def _joined(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _untitled(article: Article) -> str:
    """The body's first words, for a format that needs a title."""
    words = _plain(article.body[:400]).split()
    return " ".join(words[:10]) + (" …" if len(words) > 10 else "")


def _plain(text: str) -> str:
    """One line: control characters, line ends and runs of white space as one space each;
    without lone surrogates, which no encoding has.
    """
    return " ".join(
        "".join(
            " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
            for letter in text
            if unicodedata.category(letter) != "Cs"
        ).split()
    )
