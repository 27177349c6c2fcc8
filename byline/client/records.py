"""JSON from the API as records: the core's own where they fit, else thin ones defined here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from byline.engines.base import (
    Facet,
    FacetCount,
    Timeline,
    TimelineBin,
    ValueSummary,
)
from byline.fusion import Fused
from byline.passages import Highlight, HighlightKind, ShownPassage
from byline.query.tree import Note, ValueField
from byline.records import Article, Origin, PartialDate, Passage, Span
from byline.search import Hit, Leg, Mode, Sort, Total

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
    cursor: str | None


@dataclass(frozen=True, slots=True)
class WholeArticle:
    """An article with its passages, and where its body matches the words that were asked for.

    ``etag`` is what :meth:`Client.put` and :meth:`Client.delete` take to change this version and
    no other.
    """

    article: Article
    passages: tuple[Passage, ...]
    highlights: tuple[Span, ...]
    etag: str | None


class Result(StrEnum):
    """What a change came to."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"


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
        cursor=document.get("next"),
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
        title_highlights=tuple(_span(span) for span in row["title_highlights"]),
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
        date=PartialDate.parse(row["date"]) if row["date"] else None,
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
        highlights=tuple(_span(row) for row in document["highlights"]),
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


def _leg(row: Document | None) -> Leg | None:
    return None if row is None else Leg(row["rank"], row["score"])


def _span(row: Document) -> Span:
    return Span(row["start"], row["end"])
