"""What can be asked over HTTP, and the search that it means.

One model a kind of endpoint, each built on :class:`Filters` or :class:`Selection`, so that a
parameter means the same everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from api.access import Access
from api.sent import Sent
from byline.engines.base import FacetWanted, Period, Reader
from byline.errors import UsageError
from byline.filters import narrowed
from byline.query import parse
from byline.query.tree import Query, ValueField
from byline.request import Mode, SearchRequest, Sort

#: Deeper than anybody reads: a cursor goes further, and an export to the end.
DEEPEST = 100_000

Values: TypeAlias = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=500)]], Field(max_length=50)
]
Date: TypeAlias = Annotated[
    Annotated[str, Field(max_length=20, json_schema_extra={"format": "partial-date"})] | None,
    Field(),
]
#: In letters that every address takes as they are.
Cursor: TypeAlias = Annotated[str, Field(max_length=8_000, pattern=r"^[A-Za-z0-9_-]*$")]
FieldList: TypeAlias = Annotated[
    str, Field(max_length=2_000, json_schema_extra={"format": "field-list"})
]


class Highlight(StrEnum):
    OFFSETS = "offsets"
    HTML = "html"


class ListSort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"


class Filters(Sent):
    """What narrows a set of articles, whatever is asked of it."""

    author: Values = Field(
        [], description="Only by this author; repeated: or by that one.", examples=[["Ivor Pell"]]
    )
    publication: Values = Field(
        [], description="Only from this publication.", examples=[["The Sunday Lantern"]]
    )
    topic: Values = Field([], description="Only on this topic.", examples=[["housing"]])
    section: Values = Field([], description="Only from this section.", examples=[["Money"]])
    language: Values = Field(
        [], description="Only in this language, such as en.", examples=[["en"]]
    )
    after: Date = Field(
        None, description="From then on: 2022, 2022-07 or 2022-07-29.", examples=["2013"]
    )
    before: Date = Field(
        None,
        description="Up to the day before: 2022, 2022-07 or 2022-07-29.",
        examples=["2024-10"],
    )

    def narrowed(self, query: Query, reader: Reader) -> Query:
        """Raises BadDate."""
        values = {field: getattr(self, field.value) for field in ValueField}
        return narrowed(query, reader, values, self.after, self.before)


class Selection(Filters):
    """A query with its filters: a set of articles."""

    q: str = Field(
        "",
        description='The query: words, "exact phrases", +must, -not, AND, OR, fields (author:), '
        "dates (date:2022-07); docs/query.md has all of it. Empty: every article.",
        examples=["rent control", '"goods yard" author:pell'],
    )
    mode: Mode | None = Field(
        None,
        description="By words, by meaning or by both; hybrid, unless set otherwise.",
        examples=["hybrid", "keyword"],
    )
    strict: bool = Field(
        False, description="Refuse a query that cannot be read to the letter.", examples=[True]
    )

    def base(self, access: Access, reader: Reader) -> SearchRequest:
        """Raises UsageError, BadQuery, BadDate."""
        base = access.archive.request(access.limits.query(self.q), strict=self.strict)
        return replace(base, query=self.narrowed(base.query, reader), mode=self.mode or base.mode)


class SearchParameters(Selection):
    """The same fields for ``GET`` and ``POST``."""

    sort: Sort = Field(Sort.RELEVANCE, description="What comes first.", examples=["newest"])
    limit: int | None = Field(
        None,
        ge=0,
        description="Articles of a page (10, unless set otherwise); 0 only counts.",
        examples=[5],
    )
    offset: int = Field(
        0,
        ge=0,
        le=DEEPEST,
        description="How many to skip. A cursor is surer where articles come.",
        examples=[0],
    )
    cursor: Cursor | None = Field(
        None,
        description="The `next` of the page before: goes on after its last article, each article "
        "once, even while others are added.",
    )
    passages: int | None = Field(
        None,
        ge=0,
        le=20,
        description="Passages of each article, at most (2, unless set otherwise).",
        examples=[1],
    )
    facet: Annotated[list[ValueField], Field(max_length=5)] = Field(
        [],
        description="Count what was found by this field; repeated: and by that one.",
        examples=[["author", "topic"]],
    )
    timeline: Period | None = Field(
        None, description="Count what was found by year, month or day.", examples=["year"]
    )
    highlight: Highlight = Field(
        Highlight.OFFSETS,
        description="`html` adds escaped HTML with `<mark>` beside the offsets.",
        examples=["html"],
    )
    fields: FieldList | None = Field(
        None,
        description="Only these keys of the answer, dots between levels and commas between keys: "
        "`total,hits.rank,hits.article.title`.",
        examples=["total,hits.rank,hits.article.title"],
    )

    def request(self, access: Access, reader: Reader) -> SearchRequest:
        """Raises UsageError, BadQuery, BadDate."""
        if self.cursor is not None and self.offset:
            raise UsageError(
                "A cursor and an offset cannot both say where a page begins.",
                remedy="Send one of them.",
                code="cursor-and-offset",
            )
        base = self.base(access, reader)
        limit = min(base.limit, access.limits.page_size) if self.limit is None else self.limit
        return replace(
            base,
            sort=self.sort,
            limit=access.limits.page(limit),
            offset=self.offset,
            passages=base.passages if self.passages is None else self.passages,
            facets=tuple(FacetWanted(field) for field in dict.fromkeys(self.facet)),
            timeline=self.timeline,
        )


class ListParameters(Filters):
    """Articles by date."""

    q: str = Field(
        "", description="Only those that contain these words and satisfy this.", examples=["rent"]
    )
    sort: ListSort = Field(ListSort.NEWEST, description="What comes first.", examples=["oldest"])
    limit: int = Field(20, ge=0, description="Articles of a page; 0 only counts.", examples=[5])
    cursor: Cursor | None = Field(None, description="The `next` of the page before.")

    def request(self, access: Access, reader: Reader) -> SearchRequest:
        """Raises UsageError, BadDate."""
        base = access.archive.request(access.limits.query(self.q))
        return replace(
            base,
            query=self.narrowed(base.query, reader),
            mode=Mode.KEYWORD,
            sort=Sort(self.sort.value),
            limit=access.limits.page(self.limit),
            passages=0,
        )


class ArticleParameters(Sent):
    """What to show of one article."""

    q: str = Field("", description="Mark where the article matches this query.", examples=["rent"])
    mode: Mode | None = Field(
        None,
        description="`keyword` marks words alone; else the nearest sentences are named too.",
        examples=["keyword"],
    )
    highlight: Highlight = Field(
        Highlight.OFFSETS,
        description="`html` adds the title and the body as escaped HTML.",
        examples=["html"],
    )

    def query(self, access: Access) -> Query:
        """Raises UsageError."""
        return parse(access.limits.query(self.q))


class SimilarParameters(Filters):
    """Which similar articles."""

    limit: int = Field(5, ge=1, le=50, description="How many articles.", examples=[3])


class FacetParameters(Selection):
    """What to count, and how many values to tell."""

    facet: Annotated[list[ValueField], Field(max_length=5)] = Field(
        [],
        description="Count by this field; repeated: and by that one. All, if none is said.",
        examples=[["author", "topic"]],
    )
    size: int = Field(
        10, ge=1, le=1_000, description="Values of each field, the most frequent.", examples=[3]
    )


class TimelineParameters(Selection):
    """What to count by date."""

    period: Period = Field(Period.YEAR, description="How long each period is.", examples=["month"])


class AuthorsParameters(Sent):
    """Which authors."""

    prefix: str = Field(
        "",
        max_length=200,
        description="Only those in whose name a word begins so.",
        examples=["pel"],
    )
    limit: int = Field(
        0, ge=0, le=10_000, description="How many, those who wrote most; 0: all.", examples=[5]
    )


class SuggestParameters(Sent):
    """What somebody has typed so far."""

    prefix: str = Field(max_length=200, description="What was typed.", examples=["ho"])
    limit: int = Field(8, ge=1, le=50, description="How many suggestions.", examples=[5])


class FeedParameters(Selection):
    """Which articles a feed tells of, the newest first."""

    limit: int = Field(30, ge=1, description="How many articles.", examples=[20])
