"""The reading page: one article, the query's highlights, and addresses of its passages.

A passage's anchor is ``p-START-END``, offsets into the body. Every paragraph has its own; any
other passage is named by the parameter ``p`` too, so that the page can be made with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import accumulate, repeat

from markupsafe import Markup

from api.web.asked import Asked
from api.web.markup import Layer, weave
from api.web.shown import Facts, Link, Listed, facts, link_to_value, listed_similar, title_html
from api.web.site import Site, text_fragment, web_address
from api.web.stops import Marks, Numbered, layer, marks
from byline import citations
from byline.archive import Archive, stored_article
from byline.article_highlights import ArticleHighlights
from byline.query import parse
from byline.query.tree import ValueField
from byline.records import Article, Span
from byline.similar import similar_to
from byline.wording.dates import spoken
from byline.wording.excerpt import clean
from byline.wording.paragraphs import paragraphs

_SIMILAR = 4
#: Characters of a summary that stand above a text whole, and those of a longer one that do:
#: who wrote the text and its first lines are to be seen without scrolling.
_SUMMARY, _SUMMARY_FOLDED = 600, 400
_PASSAGE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_LIST_MARK = re.compile(r"^\s*(?:[*•·–—-]|\d{1,3}[.)])\s", re.MULTILINE)
#: A line of verse is shorter than this, a line of prose that was broken is not.
_VERSE = 52


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``lines``: its line ends are meant (a list, verse)."""

    anchor: str
    html: Markup
    href: str
    lines: bool


@dataclass(frozen=True, slots=True)
class Stops:
    """The highlights one can step through; ``at`` is from 1, 0 before the first step."""

    count: int
    at: int
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands above the text; of a long one, ``rest`` is shown on demand.

    Attributes:
        highlights: how many there are in ``rest``.
        open: whether the address leads to one of them.
    """

    first: tuple[Markup, ...] = ()
    rest: tuple[Markup, ...] = ()
    highlights: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class ShownPassageLinks:
    """The passage that the address names."""

    text: str
    original: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    article_id: str
    title: Markup
    plain_title: str
    facts: Facts
    when: str
    summary: Summary
    topics: tuple[Link, ...]
    language: str | None
    paragraphs: tuple[Paragraph, ...]
    stops: Stops | None
    passage: ShownPassageLinks | None
    citation: str
    original: str | None
    canonical: str
    unlinked: str | None
    cites: tuple[Link, ...]
    similar: tuple[Listed, ...]
    back: str | None
    words: int


def reading(
    site: Site, archive: Archive, article_id: str, asked: Asked, passage: str, at: str
) -> Reading:
    """Raises ArticleNotFound."""
    with archive.engine.reader() as reader:
        stored = stored_article(reader, article_id)
        alike = similar_to(reader, stored, _SIMILAR)
        model = reader.manifest.model
    article = stored.article
    found = ArticleHighlights()
    if asked.q:
        found = archive.highlights(stored, parse(asked.q), model, asked.mode)
    marked = marks(found)
    stops = _stops(site, article, asked, marked.count, at) if asked.q else None
    chosen = _passage(passage, article.body)
    original = web_address(article.url)
    own = site.article(article.id)
    return Reading(
        article_id=article.id,
        title=marked.title.html(article.title) if article.title.strip() else title_html(""),
        plain_title=clean(article.title) or "Untitled",
        facts=_facts(site, article, marked),
        when=spoken(article.date, with_time=True) if article.date else "",
        summary=_summary(article, marked, stops.at if stops else 0),
        topics=tuple(link_to_value(site, ValueField.TOPIC, topic) for topic in article.topics),
        language=article.language if _LANGUAGE.fullmatch(article.language or "") else None,
        paragraphs=_paragraphs(site, article, asked, marked, chosen, f"p-{passage}"),
        stops=stops,
        passage=_passage_links(article, chosen, original) if chosen else None,
        citation=citations.plain(article),
        original=original,
        canonical=original or f"{site.origin}{own}",
        unlinked=clean(article.url) if article.url and original is None else None,
        cites=tuple(
            Link(name, site.cite(article.id, form))
            for form, name in (("ris", "RIS"), ("bibtex", "BibTeX"), ("csl-json", "CSL JSON"))
        ),
        similar=tuple(
            listed_similar(site, rank, row, asked) for rank, row in enumerate(alike, start=1)
        ),
        back=site.search(asked) if asked.anything else None,
        words=len(article.body.split()),
    )


def _facts(site: Site, article: Article, marked: Marks) -> Facts:
    said = facts(site, article)
    if not any(part.spans for part in marked.authors):
        return said
    names = zip(said.authors, article.authors, marked.authors, strict=True)
    return replace(
        said, authors=tuple(Link(part.html(name), link.href) for link, name, part in names)
    )


def _summary(article: Article, marked: Marks, at: int) -> Summary:
    if not article.summary:
        return Summary()
    pairs = tuple(zip(article.summary, marked.summary or repeat(Numbered()), strict=False))
    shown = tuple(part.html(point) for point, part in pairs)
    ends = tuple(accumulate(map(len, article.summary)))
    if ends[-1] <= _SUMMARY:
        return Summary(shown)
    first = sum(end <= _SUMMARY_FOLDED for end in ends)
    folded = [part for _, part in pairs[first:]]
    return Summary(
        shown[:first],
        shown[first:],
        sum(part.stops for part in folded),
        any(part.has(at) for part in folded),
    )


def _passage(text: str, body: str) -> Span | None:
    """What the parameter ``p`` names, as far as the body goes, without white space around."""
    named = _PASSAGE.fullmatch(text)
    if not named:
        return None
    start, end = min(int(named[1]), len(body)), min(int(named[2]), len(body))
    text = body[start:end]
    bare = text.strip()
    if not bare:
        return None
    start += len(text) - len(text.lstrip())
    return Span(start, start + len(bare))


def _passage_links(article: Article, chosen: Span, original: str | None) -> ShownPassageLinks:
    text = " ".join(clean(article.body[chosen.start : chosen.end]).split())
    return ShownPassageLinks(text, text_fragment(original, text) if original else None)


def _stops(site: Site, article: Article, asked: Asked, count: int, at: str) -> Stops:
    place = int(at) if at.isascii() and at.isdecimal() and len(at) < 7 else 0
    place = min(place, count)

    def step(number: int) -> str:
        address = site.reading(article.id, asked)
        return f"{address}{'&' if '?' in address else '?'}at={number}#h-{number}"

    return Stops(
        count,
        place,
        step(place - 1 if place > 1 else count),
        step(place + 1 if place < count else 1),
    )


def _paragraphs(
    site: Site,
    article: Article,
    asked: Asked,
    marked: Marks,
    chosen: Span | None,
    anchor_of_passage: str,
) -> tuple[Paragraph, ...]:
    body = article.body
    made = []
    for start, end in paragraphs(body):
        whole = Span(start, end)
        anchor = f"p-{start}-{end}"
        layers = []
        if chosen is not None and anchor_of_passage != anchor:
            layers.append(_passage_layer(chosen, anchor_of_passage))
        layers.append(layer("meaning", marked.meaning, whole, marked.body.numbers))
        layers.append(layer("words", marked.body.spans, whole, marked.body.numbers))
        text = body[start:end]
        made.append(
            Paragraph(
                anchor,
                weave(text, start, layers),
                site.reading(article.id, asked, whole),
                _keeps_lines(text),
            )
        )
    return tuple(made)


def _keeps_lines(text: str) -> bool:
    lines = text.splitlines()
    if len(lines) < 2:
        return False
    return bool(_LIST_MARK.search(text)) or all(len(line) < _VERSE for line in lines)


def _passage_layer(chosen: Span, anchor: str) -> Layer:
    def opening(_number: int, first: bool) -> Markup:
        named = Markup(' id="{}"').format(anchor) if first else Markup("")
        return Markup('<span class="passage"{}>').format(named)

    return Layer(opening, Markup("</span>"), (chosen,))
