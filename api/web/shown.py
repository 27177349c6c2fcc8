"""An article in a list: what is said of it, and where its names lead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from api.web.asked import Asked
from api.web.markup import excerpt_html, weave, words_layer
from api.web.site import Site
from byline.passages import ShownPassage
from byline.plan import Leg
from byline.query.tree import Value, ValueField
from byline.records import Article, PartialDate, Span
from byline.request import Mode, Sort
from byline.search import Answer, Hit
from byline.similar import SimilarArticle
from byline.wording.dates import spoken
from byline.wording.excerpt import clean, excerpt

#: Characters of a passage that are shown in a list: about four lines.
_EXCERPT = 340


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands above or below a title. ``iso`` is the date for machines."""

    authors: tuple[Link, ...]
    publication: Link | None
    section: Link | None
    date: str
    iso: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage; ``href`` leads to it in the article."""

    html: Markup
    href: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One ranking's part in a result's place.

    ``share`` is its part of the score as a number, ``None`` where scores are not added.
    """

    ranking: str
    place: str
    score: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One article of a list."""

    rank: int
    title: Markup
    href: str
    facts: Facts
    passages: tuple[Quoted, ...]
    similar: str
    reasons: tuple[Reason, ...] = ()
    score: str = ""


def link_to_value(site: Site, field: ValueField, value: str) -> Link:
    """A search for all that has this value."""
    return Link(clean(value), site.search(Asked(values=(Value(field, value),))))


def facts(site: Site, article: Article) -> Facts:
    def searching(field: ValueField, value: str | None) -> Link | None:
        return link_to_value(site, field, value) if value else None

    return Facts(
        authors=tuple(Link(clean(name), site.author(name)) for name in article.authors),
        publication=searching(ValueField.PUBLICATION, article.publication),
        section=searching(ValueField.SECTION, article.section),
        date=spoken(article.date) if article.date else "",
        iso=machine_date(article.date),
    )


def machine_date(date: PartialDate | None) -> str:
    """For ``<time datetime>``, which takes no bare year below 1000 and no time to the minute
    in a list."""
    return date.isoformat().partition("T")[0] if date and date.year >= 1000 else ""


def title_html(title: str, spans: Iterable[Span] = ()) -> Markup:
    return weave(title, 0, (words_layer(spans),)) if title.strip() else Markup("Untitled")


def _quoted(
    site: Site, article_id: str, passages: Iterable[ShownPassage], asked: Asked
) -> tuple[Quoted, ...]:
    return tuple(
        Quoted(
            excerpt_html(excerpt(passage, _EXCERPT)),
            site.reading(article_id, asked, Span(passage.start, passage.end)),
        )
        for passage in passages
    )


def listed_hit(site: Site, hit: Hit, answer: Answer, asked: Asked) -> Listed:
    article = hit.article
    return Listed(
        rank=hit.rank,
        title=title_html(article.title, hit.title_highlights),
        href=site.reading(article.id, asked),
        facts=facts(site, article),
        passages=_quoted(site, article.id, hit.passages, asked),
        similar=site.similar(article.id, asked),
        reasons=_reasons(hit, answer),
        score=_score(hit, answer),
    )


def _score(hit: Hit, answer: Answer) -> str:
    """What the hit's place came of, in sentences."""
    if answer.sort is not Sort.RELEVANCE:
        return "Listed by date, not by score."
    said = f"Score {hit.score:.3g}."
    if hit.shares is not None:
        said += " Each ranking gives its share, rescaled so that its best article has the most."
    if hit.meaning is not None:
        said += " Meaning is asked twice, the second time with the best passages of what came"
        said += " first; that answer counts."
    return said


def listed_similar(site: Site, rank: int, found: SimilarArticle, asked: Asked) -> Listed:
    """``asked`` is the search that led here and that is led back to."""
    article = found.article
    passages = (found.passage,) if found.passage is not None else ()
    return Listed(
        rank=rank,
        title=title_html(article.title),
        href=site.reading(article.id, asked),
        facts=facts(site, article),
        passages=_quoted(site, article.id, passages, asked),
        similar=site.similar(article.id, asked),
    )


def _reasons(hit: Hit, answer: Answer) -> tuple[Reason, ...]:
    if answer.query.only_conditions:
        return ()
    adds = hit.shares is not None and answer.sort is Sort.RELEVANCE
    reasons = []
    if answer.mode is not Mode.SEMANTIC:
        share = hit.shares.words if adds and hit.shares else None
        missing = "contains none of your words"
        reasons.append(_reason("Words", hit.words, "BM25", missing, share))
    if answer.mode is not Mode.KEYWORD and answer.query.meaning:
        share = hit.shares.meaning if adds and hit.shares else None
        missing = "not among the nearest in meaning"
        first = "at first " if answer.sort is Sort.RELEVANCE else ""
        reasons.append(_reason("Meaning", hit.meaning, "cosine", missing, share, first))
    return tuple(reasons)


def _reason(
    ranking: str,
    leg: Leg | None,
    measure: str,
    missing: str,
    share: float | None,
    when: str = "",
) -> Reason:
    if leg is None:
        return Reason(ranking, missing, "", share)
    place = "below the ranks that are compared"
    if leg.rank is not None:
        place = f"{when}rank {leg.rank:,}"
    return Reason(ranking, place, f"{measure} {leg.score:.3g}", share)
