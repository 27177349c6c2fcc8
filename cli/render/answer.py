"""A search's answer for people."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from byline.engines.base import Period
from byline.passages import ShownPassage
from byline.plan import Leg
from byline.records import Article, Span
from byline.request import Mode, Sort
from byline.search import Answer, Hit
from byline.wording.dates import spoken
from byline.wording.excerpt import MEANING, WORDS, Excerpt, excerpt, marked, one_line
from byline.wording.totals import total_line
from cli.render import charts
from cli.render.layout import FAINT, TITLE, WARNING, fitted, show, styled, wrapped, write
from cli.terminal import Glyphs, Screen

#: How much of a passage is shown, in lines.
_PASSAGE_LINES = 3
#: How much of a query that is said back.
_DESCRIPTION_LINES = 5


def answer_for_people(
    screen: Screen,
    answer: Answer,
    *,
    offset: int,
    limit: int,
    period: Period | None = None,
    explain: bool = False,
    advice: tuple[str, ...] = (),
    archive: str | None = None,
    footer: bool = True,
) -> None:
    """Print an answer: what was asked, how much there is, each hit, the counts.

    Args:
        archive: what ``--archive`` has to say for ``byline show`` to find the same archive;
            ``None`` where it need not be said.
        footer: whether to say which part of the whole this is, and how to go on.
        advice: what to try where little or nothing was found.
    """
    show(screen, Text(_beginning(screen, answer.description), TITLE))
    show(screen, total_line(answer))
    for note in answer.notes:
        said = Text()
        said.append("Note: ", WARNING)
        said.append(one_line(note.message))
        show(screen, said, indent="      ", first="")
    for line in advice:
        show(screen, line, indent="  ", first=f"{screen.glyphs.dash} ")
    width = len(str(max((hit.rank for hit in answer.hits), default=1)))
    for hit in answer.hits:
        write(screen, Text())
        _hit(screen, hit, answer, max(2, width), explain=explain)
    for field, counts in answer.facets.items():
        write(screen, Text())
        charts.facet(screen, field, counts)
    if answer.timeline is not None and period is not None:
        write(screen, Text())
        charts.timeline(screen, answer.timeline, period)
    if footer:
        _footer(screen, answer, offset, limit, archive)


def _beginning(screen: Screen, description: str) -> str:
    """A query of thousands of words would push what it found off the screen: its first lines."""
    said = one_line(description)
    most = _DESCRIPTION_LINES * screen.width
    if cell_len(said) <= most:
        return said
    return fitted(said, most, screen.glyphs.ellipsis).rstrip()


def byline_of(article: Article, glyphs: Glyphs) -> str:
    """Authors, publication, date: what is known of them."""
    parts = [", ".join(map(one_line, article.authors)), one_line(article.publication or "")]
    if article.date is not None:
        parts.append(spoken(article.date))
    return f" {glyphs.dot} ".join(part for part in parts if part)


def _hit(screen: Screen, hit: Hit, answer: Answer, width: int, *, explain: bool) -> None:
    indent = " " * (width + 2)
    article = hit.article
    article_heading(screen, article, hit.title_highlights, indent, f"{hit.rank:>{width}}  ")
    passages_for_people(screen, hit.passages, indent)
    if explain:
        show(screen, Text(explanation(hit, answer), FAINT), indent)
    write(screen, Text(f"{indent}id {shown_id(article.id)}", FAINT))


def article_heading(
    screen: Screen,
    article: Article,
    highlights: Sequence[Span],
    indent: str = "",
    first: str | None = None,
) -> None:
    """Title and byline; ``first`` stands before the title instead of ``indent``."""
    title = styled(marked(article.title, 0, highlights), TITLE)
    show(screen, title if title.plain else Text("Untitled", TITLE), indent, first)
    by = byline_of(article, screen.glyphs)
    if by:
        show(screen, Text(by), indent)


def passages_for_people(screen: Screen, passages: Sequence[ShownPassage], indent: str = "") -> None:
    """A few lines of each passage, with a blank line between two."""
    for number, passage in enumerate(passages):
        if number:
            write(screen, Text())
        _passage(screen, passage, indent)


def _passage(screen: Screen, passage: ShownPassage, indent: str) -> None:
    quote = f"{indent}{screen.glyphs.quote} "
    width = screen.width - len(quote)
    # Lines end where words do: what that costs is found by setting them.
    for budget in range(_PASSAGE_LINES * width - 4, width, -(width // 8)):
        text = with_ellipses(excerpt(passage, budget), screen.glyphs.ellipsis)
        if len(wrapped(screen, text, width)) <= _PASSAGE_LINES:
            break
    show(screen, text, quote)


def with_ellipses(part: Excerpt, ellipsis: str) -> Text:
    text = Text(f"{ellipsis} " if part.cut_before else "")
    text.append_text(styled(part))
    if part.cut_after:
        text.append(f" {ellipsis}")
    return text


def shown_id(article_id: str) -> str:
    """An id as it can be typed after ``byline show``."""
    return shlex.quote(one_line(article_id))


def explanation(hit: Hit, answer: Answer) -> str:
    """Both legs' ranks and scores, and what each gave to the score.

    Meaning gives what it answers the second time; its rank and cosine are of the first.
    """
    query = answer.query
    words = answer.mode is not Mode.SEMANTIC and not query.only_conditions
    meaning = answer.mode is not Mode.KEYWORD and bool(query.meaning)
    first = "at first " if answer.sort is Sort.RELEVANCE else ""
    parts = []
    for name, leg, share, searched, when in (
        ("words", hit.words, hit.shares.words if hit.shares else None, words, ""),
        ("meaning", hit.meaning, hit.shares.meaning if hit.shares else None, meaning, first),
    ):
        parts.append(_leg(name, leg, share, searched=searched, when=when))
    if answer.sort is not Sort.RELEVANCE:
        return f"listed by date; {'; '.join(parts)}"
    score = f"score {hit.score:.4g}"
    return f"{score} = {' + '.join(parts)}" if hit.shares else f"{score}; {'; '.join(parts)}"


def _leg(name: str, leg: Leg | None, share: float | None, *, searched: bool, when: str) -> str:
    if leg is None:
        why = "not found" if searched else "not searched"
        return f"{name}: {why}" if share is None else f"{share:.4g} {name} ({why})"
    rank = "below the depth" if leg.rank is None else f"{when}rank {leg.rank}"
    score = f", {leg.score:.4g}"
    return f"{name}: {rank}{score}" if share is None else f"{share:.4g} {name} ({rank}{score})"


def _footer(screen: Screen, answer: Answer, offset: int, limit: int, archive: str | None) -> None:
    if not answer.hits:
        if offset and answer.total.articles:
            write(screen, Text())
            show(screen, f"The last of them is number {answer.total.articles:,}.")
        return
    write(screen, Text())
    marks = {mark for hit in answer.hits for part in hit.passages for mark in _kinds(part)}
    if screen.console.is_terminal and marks == {WORDS, MEANING}:
        legend = styled(Excerpt("your words", bytes([WORDS]) * 10))
        legend.append("   ")
        legend.append_text(styled(Excerpt("nearest in meaning", bytes([MEANING]) * 18)))
        write(screen, legend)
    first, last = answer.hits[0].rank, answer.hits[-1].rank
    order = {
        Sort.RELEVANCE: "best first",
        Sort.NEWEST: "newest first",
        Sort.OLDEST: "oldest first",
    }[answer.sort]
    span = f"{first:,}" if first == last else f"{first:,}{screen.glyphs.dash}{last:,}"
    line = f"{span} of {answer.total.articles:,}, {order}, in {answer.took:.2f} s."
    if last < answer.total.articles and limit:
        line += f" Next: --offset {offset + limit}."
    where = f" --archive {shlex.quote(archive)}" if archive else ""
    show(screen, Text(f"{line} Read one: byline show ID{where}", FAINT))


def _kinds(passage: ShownPassage) -> set[int]:
    return {WORDS if mark.kind.value == "words" else MEANING for mark in passage.highlights}
