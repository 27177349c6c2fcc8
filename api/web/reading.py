"""The reading page: one article, the query's highlights, and addresses of its passages.

A passage's anchor is ``p-START-END``, offsets into the body. Every paragraph has its own; any
other passage is named by the parameter ``p`` too, so that the page can be made with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from api.web.asked import Asked
from api.web.markup import MARK_END, Layer, weave
from api.web.shown import Facts, Link, Listed, facts, link_to_value, listed_similar, title_html
from api.web.site import Site, text_fragment, web_address
from byline import citations
from byline.archive import Archive
from byline.engines.base import PageArticle
from byline.engines.cosines import cosines
from byline.errors import ArticleNotFound
from byline.highlight import Highlighter
from byline.passages import HighlightKind, PassageChooser
from byline.query import parse
from byline.query.tree import TextField, ValueField
from byline.records import Article, Span, StoredArticle
from byline.search import Mode
from byline.similar import similar_to
from byline.wording.dates import spoken
from byline.wording.excerpt import clean
from byline.wording.paragraphs import paragraphs

_SIMILAR = 4
#: Passages in which the sentence nearest in meaning is pointed out.
_NEAR_PASSAGES = 3
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
    by_words: int
    by_meaning: int
    at: int
    previous: str
    next: str


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
    summary: tuple[str, ...]
    topics: tuple[Link, ...]
    language: str | None
    paragraphs: tuple[Paragraph, ...]
    stops: Stops | None
    passage: ShownPassageLinks | None
    citation: str
    original: str | None
    unlinked: str | None
    cites: tuple[Link, ...]
    similar: tuple[Listed, ...]
    back: str | None
    words: int


@dataclass(frozen=True, slots=True)
class _Marks:
    words: tuple[Span, ...] = ()
    meaning: tuple[Span, ...] = ()
    title: tuple[Span, ...] = ()

    @property
    def stops(self) -> tuple[Span, ...]:
        """Each sentence near in meaning, and each word outside of them."""
        outside = [
            word for word in self.words if not any(near.overlaps(word) for near in self.meaning)
        ]
        return tuple(sorted((*self.meaning, *outside), key=lambda span: span.start))


def reading(
    site: Site, archive: Archive, article_id: str, asked: Asked, passage: str, at: str
) -> Reading:
    """Raises ArticleNotFound."""
    try:
        stored = archive.article(article_id)
    except ArticleNotFound as error:
        error.remedy = "It may have been removed, or its address was cut short. Search for it."
        raise
    article = stored.article
    marks = _marks(archive, stored, asked) if asked.q else _Marks()
    chosen = _passage(passage, article.body)
    original = web_address(article.url)
    with archive.engine.reader() as reader:
        alike = similar_to(reader, stored, _SIMILAR)
    return Reading(
        article_id=article.id,
        title=title_html(article.title, marks.title),
        plain_title=clean(article.title) or "Untitled",
        facts=facts(site, article),
        when=spoken(article.date, with_time=True) if article.date else "",
        summary=tuple(map(clean, article.summary)),
        topics=tuple(link_to_value(site, ValueField.TOPIC, topic) for topic in article.topics),
        language=article.language if _LANGUAGE.fullmatch(article.language or "") else None,
        paragraphs=_paragraphs(site, article, asked, marks, chosen, f"p-{passage}"),
        stops=_stops(site, article, asked, marks, at) if asked.q else None,
        passage=_passage_links(article, chosen, original) if chosen else None,
        citation=citations.plain(article),
        original=original,
        unlinked=clean(article.url) if article.url and original is None else None,
        cites=tuple(
            Link(name, site.cite(article.id, form))
            for form, name in (("ris", "RIS"), ("bibtex", "BibTeX"), ("csl-json", "CSL JSON"))
        ),
        similar=tuple(listed_similar(site, rank, row) for rank, row in enumerate(alike, start=1)),
        back=site.search(replace(asked, page=1)) if asked.q else None,
        words=len(article.body.split()),
    )


def _marks(archive: Archive, stored: StoredArticle, asked: Asked) -> _Marks:
    query = parse(asked.q)
    highlighter = Highlighter(query)
    article = stored.article
    mode = asked.mode or Mode(archive.settings.mode)
    meaning: tuple[Span, ...] = ()
    model = archive.manifest.model
    if mode is not Mode.KEYWORD and query.meaning and model and stored.vectors is not None:
        vector = archive.embedder(model).embed_query(query.meaning)
        (near,) = cosines([stored], vector)
        found = PageArticle(0, stored, near)
        shown = PassageChooser(query, vector, model).choose(found, _NEAR_PASSAGES)
        meaning = tuple(
            sorted(
                {
                    Span(mark.start, mark.end)
                    for part in shown
                    for mark in part.highlights
                    if mark.kind is HighlightKind.MEANING
                },
                key=lambda span: span.start,
            )
        )
    return _Marks(
        tuple(highlighter.word_spans(article.body, TextField.BODY)),
        meaning,
        tuple(highlighter.word_spans(article.title, TextField.TITLE)),
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


def _stops(site: Site, article: Article, asked: Asked, marks: _Marks, at: str) -> Stops:
    count = len(marks.stops)
    place = int(at) if at.isascii() and at.isdecimal() and len(at) < 7 else 0
    place = min(place, count)

    def step(number: int) -> str:
        address = site.article(article.id, asked)
        return f"{address}{'&' if '?' in address else '?'}at={number}#h-{number}"

    return Stops(
        count,
        len(marks.words),
        len(marks.meaning),
        place,
        step(place - 1 if place > 1 else count),
        step(place + 1 if place < count else 1),
    )


def _paragraphs(
    site: Site,
    article: Article,
    asked: Asked,
    marks: _Marks,
    chosen: Span | None,
    anchor_of_passage: str,
) -> tuple[Paragraph, ...]:
    body = article.body
    made = []
    numbers = {span: number for number, span in enumerate(marks.stops, start=1)}
    for start, end in paragraphs(body):
        whole = Span(start, end)
        anchor = f"p-{start}-{end}"
        layers = []
        if chosen is not None and anchor_of_passage != anchor:
            layers.append(_passage_layer(chosen, anchor_of_passage))
        layers.append(_layer("meaning", marks.meaning, whole, numbers))
        layers.append(_layer("words", marks.words, whole, numbers))
        text = body[start:end]
        made.append(
            Paragraph(
                anchor,
                weave(text, start, layers),
                site.article(article.id, asked, whole),
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


def _layer(kind: str, spans: Sequence[Span], whole: Span, numbers: dict[Span, int]) -> Layer:
    within = tuple(span for span in spans if span.overlaps(whole))

    def opening(number: int, first: bool) -> Markup:
        stop = numbers.get(within[number]) if first else None
        named = Markup(' id="h-{}"').format(stop) if stop else Markup("")
        return Markup('<mark class="{}"{}>').format(escape(kind), named)

    return Layer(opening, MARK_END, within)
