"""What a search can be asked over HTTP, and the request that it means."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from byline.archive import Archive
from byline.engines.base import FacetWanted, Period
from byline.query import with_filters
from byline.query.dates import read_after, read_before
from byline.query.tree import DateRange, Value, ValueField
from byline.search import Mode, SearchRequest, Sort

MOST_CHARACTERS = 4_000
MOST_ARTICLES = 100
#: Deeper than anybody reads; whole results are for the command line.
DEEPEST = 100_000

Values = Annotated[list[str], Field(max_length=20)]


class Highlight(StrEnum):
    OFFSETS = "offsets"
    HTML = "html"


class SearchParameters(BaseModel):
    """The same fields for ``GET`` and ``POST``."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=MOST_CHARACTERS, description="The query, in Byline's language.")
    mode: Mode | None = Field(None, description="hybrid, unless the settings say otherwise.")
    author: Values = Field([], description="Only by this author; repeated: or by that one.")
    publication: Values = []
    topic: Values = []
    section: Values = []
    language: Values = []
    after: str | None = Field(None, description="From then on: 2022, 2022-07 or 2022-07-29.")
    before: str | None = Field(None, description="Before then.")
    sort: Sort = Sort.RELEVANCE
    limit: int | None = Field(None, ge=0, le=MOST_ARTICLES, description="0 only counts.")
    offset: int = Field(0, ge=0, le=DEEPEST)
    passages: int | None = Field(None, ge=0, le=20)
    facet: Annotated[list[ValueField], Field(max_length=5)] = []
    timeline: Period | None = None
    highlight: Highlight = Highlight.OFFSETS
    strict: bool = Field(False, description="Refuse a query that cannot be read to the letter.")

    def request(self, archive: Archive) -> SearchRequest:
        """Raises BadQuery, BadDate."""
        base = archive.request(self.q, strict=self.strict)
        values = [
            Value(field, value) for field in ValueField for value in getattr(self, field.value)
        ]
        return replace(
            base,
            query=with_filters(base.query, values, _between(self.after, self.before)),
            mode=self.mode or base.mode,
            sort=self.sort,
            limit=min(base.limit, MOST_ARTICLES) if self.limit is None else self.limit,
            offset=self.offset,
            passages=base.passages if self.passages is None else self.passages,
            facets=tuple(FacetWanted(field) for field in dict.fromkeys(self.facet)),
            timeline=self.timeline,
        )


def _between(after: str | None, before: str | None) -> DateRange | None:
    first = read_after(after).first if after else None
    last = read_before(before).last if before else None
    return DateRange(first, last) if first or last else None
