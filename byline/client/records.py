"""JSON from the API as records: the core's own where they fit, else thin ones defined here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from byline.authorship import Profile
from byline.engines.base import (
    Facet,
    FacetCount,
    Timeline,
    TimelineBin,
    ValueSummary,
)
from byline.fusion import Fused
from byline.passages import Highlight, HighlightKind, ShownPassage
from byline.plan import Leg, Total
from byline.query.tree import Note, ValueField
from byline.records import Article, Origin, PartialDate, Passage, Span
from byline.request import Mode, Sort
from byline.search import Hit
from byline.similar import SimilarArticle
from byline.spelling import Change, Suggestion
from byline.suggestions import Completion, CompletionKind

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of an answer.

    Attributes:
        text: the query as it was asked.
        description: the query said back as a sentence.
        sentence: the totals as one.
        hits: their articles come without body and origins; :meth:`Client.article` has these.
        took: seconds that the server worked.
        version: of the archive.
        suggestions: the query spelled otherwise, where hardly anything has its words.
        cursor: what asks for the next page; ``None`` at the end.
    """

    text: str
    mode: Mode
    sort: Sort
    description: str
    notes: tuple[Note, ...]
    total: Total
    sentence: str
    hits: tuple[Hit, ...]
    facets: Mapping[ValueField, Facet]
    timeline: Timeline | None
    took: float
    version: int
    suggestions: tuple[Suggestion, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class WholeArticle:
    """An article with its passages, and where it matches what was asked for.

    Attributes:
        highlights: where the body matches words; ``title_highlights``: the title.
        author_highlights, summary_highlights: one tuple for each author, each point.
        nearest: sentences of the body that are nearest in meaning, the nearest first.
        etag: of the whole answer. Of an article that was read without a query it is what
            :meth:`Client.put` and :meth:`Client.delete` take to change this version and no other.
    """

    article: Article
    passages: tuple[Passage, ...]
    highlights: tuple[Span, ...]
    title_highlights: tuple[Span, ...]
    author_highlights: tuple[tuple[Span, ...], ...]
    summary_highlights: tuple[tuple[Span, ...], ...]
    nearest: tuple[Span, ...]
    etag: str | None


class Result(StrEnum):
    """What a change came to."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    #: In a batch alone; by itself a change that is refused raises.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Changed:
    """An article that was put or deleted.

    Attributes:
        etag: of the article as it is now, ``None`` where there is none any more.
        passages: how many it was cut into.
        version: the archive's, after the change.
        searchable: whether a search finds it so already.
    """

    id: str
    result: Result
    etag: str | None
    passages: int | None
    version: int
    searchable: bool


def search_page(document: Document) -> SearchPage:
    query, total = document["query"], document["total"]
    facet_totals = document["facet_totals"]
    return SearchPage(
        text=query["text"],
        mode=Mode(query["mode"]),
        sort=Sort(query["sort"]),
        description=query["description"],
        notes=tuple(
            Note(row["code"], row["message"], row["start"], row["end"]) for row in query["notes"]
        ),
        total=Total(total["articles"], total["by_words"], total["by_meaning_only"]),
        sentence=total["sentence"],
        hits=tuple(hit(row) for row in document["hits"]),
        facets={
            ValueField(field): facet(rows, facet_totals[field])
            for field, rows in document["facets"].items()
        },
        timeline=timeline(document["timeline"], document["undated"]),
        took=document["took_ms"] / 1000,
        version=document["version"],
        suggestions=tuple(_suggestion(row) for row in document["suggestions"]),
        cursor=document["next"],
    )


def facet(rows: Iterable[Document], totals: Document) -> Facet:
    counts = tuple(FacetCount(row["value"], row["count"]) for row in rows)
    return Facet(counts, totals["distinct"], totals["missing"], totals["exact"])


def timeline(rows: Iterable[Document], undated: int | None) -> Timeline | None:
    """``None`` where none was asked for."""
    if undated is None:
        return None
    return Timeline(tuple(TimelineBin(row["start"], row["count"]) for row in rows), undated)


def hit(row: Document) -> Hit:
    shares = row["shares"]
    return Hit(
        rank=row["rank"],
        score=row["score"],
        words=_leg(row["words"]),
        meaning=_leg(row["meaning"]),
        shares=None if shares is None else Fused(shares["words"], shares["meaning"]),
        article=article(row["article"]),
        title_highlights=_spans(row["title_highlights"]),
        passages=tuple(shown_passage(one) for one in row["passages"]),
    )


def shown_passage(row: Document) -> ShownPassage:
    marks = tuple(
        Highlight(mark["start"], mark["end"], HighlightKind(mark["kind"]))
        for mark in row["highlights"]
    )
    return ShownPassage(row["start"], row["end"], row["text"], marks)


def article(row: Document) -> Article:
    """With an empty body and no origins where ``row`` has neither."""
    return Article(
        id=row["id"],
        title=row["title"],
        body=row.get("body", ""),
        authors=tuple(row["authors"]),
        publication=row["publication"],
        date=_date(row["date"]),
        url=row["url"],
        summary=tuple(row["summary"]),
        topics=tuple(row["topics"]),
        section=row["section"],
        language=row["language"],
        origins=tuple(
            Origin(one["source"], one["record"], one["sha256"], one["fetched_at"])
            for one in row.get("origins", ())
        ),
    )


def whole_article(document: Document, etag: str | None) -> WholeArticle:
    return WholeArticle(
        article=article(document["article"]),
        passages=tuple(Passage(row["start"], row["end"]) for row in document["passages"]),
        highlights=_spans(document["highlights"]),
        title_highlights=_spans(document["title_highlights"]),
        author_highlights=tuple(map(_spans, document["author_highlights"])),
        summary_highlights=tuple(map(_spans, document["summary_highlights"])),
        nearest=_spans(document["nearest"]),
        etag=etag,
    )


def sent(given: Article) -> dict[str, Any]:
    """An article as the API takes it; where it came from is the server's to say."""
    return {
        "title": given.title,
        "body": given.body,
        "authors": list(given.authors),
        "publication": given.publication,
        "date": given.date.isoformat() if given.date else None,
        "url": given.url,
        "summary": list(given.summary),
        "topics": list(given.topics),
        "section": given.section,
        "language": given.language,
    }


def changed(document: Document) -> Changed:
    return Changed(
        id=document["id"],
        result=Result(document["result"]),
        etag=document["etag"],
        passages=document["passages"],
        version=document["version"],
        searchable=document["searchable"],
    )


def author(row: Document) -> ValueSummary:
    return ValueSummary(row["author"], row["articles"], row["first"], row["last"])


def similar(row: Document) -> SimilarArticle:
    passage = row["passage"]
    shown = None if passage is None else shown_passage(passage)
    return SimilarArticle(article(row["article"]), row["score"], shown)


def completion(row: Document) -> Completion:
    return Completion(CompletionKind(row["kind"]), row["text"], row["articles"], row["id"])


def profile(document: Document) -> Profile:
    """The API does not tell how many topics, publications and co-authors there are in all."""
    years = timeline(document["years"], document["undated"])
    assert years is not None  # noqa: S101 - "undated" is always told
    return Profile(
        name=document["author"],
        articles=document["articles"],
        first=_date(document["first"]),
        last=_date(document["last"]),
        years=years,
        topics=_listed(document["topics"]),
        publications=_listed(document["publications"]),
        with_authors=_listed(document["with_authors"]),
    )


def _listed(rows: Iterable[Document]) -> Facet:
    counts = tuple(FacetCount(row["value"], row["count"]) for row in rows)
    return Facet(counts, len(counts), 0, exact=False)


def _suggestion(row: Document) -> Suggestion:
    changes = tuple(
        Change(one["start"], one["end"], one["word"], one["replacement"]) for one in row["changes"]
    )
    return Suggestion(row["text"], changes, row["articles"])


def _date(text: str | None) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


def _leg(row: Document | None) -> Leg | None:
    return None if row is None else Leg(row["rank"], row["score"])


def _spans(rows: Iterable[Document]) -> tuple[Span, ...]:
    return tuple(Span(row["start"], row["end"]) for row in rows)
