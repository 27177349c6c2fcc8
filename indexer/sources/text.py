"""Plain text laid out as newspapers' archives print it.

The title in the first line; a line with authors and date; points of summary, a line each; a
blank line; the body. Each of these but the body may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from byline.errors import BadDate
from byline.records import Article, PartialDate
from indexer.sources import authors
from indexer.sources.dates import find_date
from indexer.sources.events import Event, Found, Noted, Unreadable
from indexer.sources.fields import Where, made_id
from indexer.sources.whitespace import tidy

_BY = re.compile(
    r"^(?:(?:written|posted|published|words|text|story|column|opinion|analysis|comment)\s+)?by:?\s",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:posted|published|updated|last updated|first published)(?:\s+on)?:?\s*", re.IGNORECASE
)
#: Who printed it, before or after a date.
_OUTLET = re.compile(r"[A-Z]{2,}")
_SENTENCE_END = re.compile(r"[.!?][\"'’”)]*$")
_SEPARATORS = " \t,|•·–—-:/()[]"
#: A longer first line is a paragraph, not a title; a longer second line is not a byline.
_LONGEST_TITLE = 200
_LONGEST_BYLINE = 160
_MOST_NAMES_WORDS = 12


def read_text(text: str, where: Where) -> Iterator[Event]:
    """The one article of a file.

    Raises:
        Unreadable: there is no text in it.
    """
    lines = tidy(text).split("\n")
    if not any(lines):
        raise Unreadable("empty-body", "The file holds no text.")
    title, rest = _title(lines, where)
    byline, date, trouble, rest = _byline(rest)
    if trouble:
        yield Noted(where.source, where.record, "bad-date", trouble)
    summary, body = _summary(rest, told_apart=bool(byline or date))
    if not body:
        raise Unreadable("empty-body", "The file has a heading, but no body after it.")
    yield Found(
        Article(
            id=made_id(where),
            title=title,
            body=body,
            authors=byline,
            date=date,
            summary=summary,
            origins=(where.origin(),),
        )
    )


def _title(lines: list[str], where: Where) -> tuple[str, list[str]]:
    """The first line, unless it is a paragraph already: then the file's name."""
    first = lines[0]
    filled = [line for line in lines if line]
    alone = len(filled) == 1
    if alone or len(first) > _LONGEST_TITLE or _begins_below_a_title(first, filled[1]):
        stem = PurePath(where.source).name.split(".")[0]
        return re.sub(r"[-_]+", " ", stem).strip(), lines
    rest = lines[1:]
    while rest and not rest[0]:
        rest = rest[1:]
    # A blank line straight after the title: what follows is a byline only if it looks like one.
    return first, rest


def _begins_below_a_title(first: str, second: str) -> bool:
    """Whether the title is missing: a byline comes first, or a sentence that begins like one.

    "By Land and Sea" is a title where a byline comes after it.
    """
    if not _BY.match(first):
        return False
    named, _, _ = _parts(first)
    return not _parts(second)[0] if named else bool(_SENTENCE_END.search(first))


def _byline(
    lines: list[str],
) -> tuple[tuple[str, ...], PartialDate | None, str | None, list[str]]:
    """Authors and date from the next line, if it is a byline; a date may follow in its own."""
    if not lines or len(lines[0]) > _LONGEST_BYLINE:
        return (), None, None, lines
    named, date, trouble = _parts(lines[0])
    if not named and date is None and trouble is None:
        return (), None, None, lines
    rest = lines[1:]
    if date is None and rest and 0 < len(rest[0]) <= _LONGEST_BYLINE:
        more, date_below, trouble_below = _parts(rest[0])
        if not more and (date_below or trouble_below):
            return named, date_below, trouble_below, rest[1:]
    elif not named and rest and 0 < len(rest[0]) <= _LONGEST_BYLINE:
        # The date above the names.
        named_below, date_below, _ = _parts(rest[0])
        if named_below and date_below is None:
            return named_below, date, trouble, rest[1:]
    return named, date, trouble, rest


def _parts(line: str) -> tuple[tuple[str, ...], PartialDate | None, str | None]:
    """(authors, date, what is wrong with the date) of a line; nothing where it is no byline."""
    trouble = None
    try:
        found = find_date(line)
    except BadDate as error:
        trouble = f"{error.message.rstrip('.')}; the article is kept without a date."
        found = None
        line = re.sub(r"\d[\d./-]*.*$", "", line)
    date = None
    before, after = line, ""
    if found is not None:
        date, start, end = found
        before, after = line[:start], line[end:]
    texts = [_LABEL.sub(" ", part).strip(_SEPARATORS) for part in (before, after)]
    said_by = [text for text in texts if _BY.match(text + " ")]
    if said_by:
        if not authors.look_like_names(said_by[0]):
            # A sentence that begins so.
            return (), None, None
        return authors.names(said_by[0]), date, trouble
    if date is None and trouble is None:
        return (), None, None
    if all(not text for text in texts):
        return (), date, trouble
    for text, other in (texts, texts[::-1]):
        if not other and _OUTLET.fullmatch(text):
            return (), date, trouble
        if not other and _is_names(text, alone_too=text == texts[0]):
            return authors.names(text), date, trouble
    # A sentence that mentions a date.
    return (), None, None


def _is_names(text: str, *, alone_too: bool) -> bool:
    """``alone_too``: a single word as well, which after a date is rather a place."""
    words = text.split()
    small = {"and", "with", "de", "van", "von", "der", "di", "la", "le", "del", "al", "bin", "&"}
    return (
        (alone_too or len(words) > 1)
        and len(words) <= _MOST_NAMES_WORDS
        and all(word[0].isupper() or word.strip(",") in small for word in words)
    )


def _summary(lines: list[str], *, told_apart: bool) -> tuple[tuple[str, ...], str]:
    """Points before the first blank line, if there was a byline and a body comes after them."""
    while lines and not lines[0]:
        lines = lines[1:]
        told_apart = False
    if told_apart and "" in lines:
        blank = lines.index("")
        body = _paragraphs(lines[blank:])
        if body:
            return tuple(line.lstrip("•*-– ") for line in lines[:blank]), body
    return (), _paragraphs(lines)


def _paragraphs(lines: list[str]) -> str:
    """Blank lines part paragraphs; where there are none, or only long lines, each line is one."""
    text = "\n".join(lines).strip()
    blocks = text.split("\n\n")
    whole = [
        "\n\n".join(block.split("\n")) if _lines_are_paragraphs(block) else block
        for block in blocks
    ]
    return "\n\n".join(whole)


def _lines_are_paragraphs(block: str) -> bool:
    """Lines longer than any that were broken to fit a page."""
    lines = block.split("\n")
    return len(lines) > 1 and max(map(len, lines)) > 120
