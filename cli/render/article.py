"""One article, to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from byline.records import Article, Span
from byline.wording.dates import spoken
from byline.wording.excerpt import marked, one_line
from byline.wording.paragraphs import paragraphs
from cli.render.layout import FAINT, TITLE, show, styled, write
from cli.terminal import Screen

#: Prose is read best in lines of about this length.
_PROSE = 80


def article_for_people(
    screen: Screen, article: Article, body_marks: Sequence[Span], title_marks: Sequence[Span]
) -> None:
    page = Screen(screen.console, min(screen.width, _PROSE), screen.glyphs)
    title = styled(marked(article.title, 0, title_marks), TITLE)
    show(page, title if title.plain else Text("Untitled", TITLE))
    by = ", ".join(map(one_line, article.authors))
    facts = [by, one_line(article.publication or "")]
    if article.date is not None:
        facts.append(spoken(article.date, with_time=True))
    line = f" {page.glyphs.dot} ".join(fact for fact in facts if fact)
    if line:
        show(page, line)
    if article.url:
        write(page, Text(one_line(article.url), FAINT))
    if article.summary:
        write(page, Text())
        for point in article.summary:
            show(page, one_line(point), indent="  ", first=f"{page.glyphs.dot} ")
    for start, end in paragraphs(article.body):
        write(page, Text())
        show(page, styled(marked(article.body[start:end], start, body_marks)))
    write(page, Text())
    write(page, Text(page.glyphs.rule * 3, FAINT))
    for name, value in _details(article):
        show(page, Text(value, FAINT), indent=" " * 10, first=f"{name:<10}")


def _details(article: Article) -> Iterator[tuple[str, str]]:
    yield "Id", one_line(article.id)
    if article.section:
        yield "Section", one_line(article.section)
    if article.topics:
        yield "Topics", ", ".join(map(one_line, article.topics))
    if article.language:
        yield "Language", article.language
    for origin in article.origins:
        record = f", {origin.record}" if origin.record else ""
        source = "standard input" if origin.source == "-" else one_line(origin.source)
        yield "From", f"{source}{record} (read {origin.fetched_at.partition('T')[0]})"
