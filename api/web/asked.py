"""What a page's address asks for: a search that people can read, change and share.

The parameters are those of the API, but for dates: people say the first and the last day that
they mean (``from=2016&to=2018``), programs a half-open range (``after=2016&before=2019``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from starlette.datastructures import QueryParams

from byline.archive import Archive
from byline.engines.base import FacetWanted, Period
from byline.errors import BadDate
from byline.query import with_filters
from byline.query.dates import read_range
from byline.query.tree import DateRange, Value, ValueField
from byline.request import Mode, SearchRequest, Sort

FACET_FIELDS = (
    ValueField.AUTHOR,
    ValueField.PUBLICATION,
    ValueField.TOPIC,
    ValueField.SECTION,
    ValueField.LANGUAGE,
)
#: Deeper than anybody turns pages.
_LAST_PAGE = 100_000
_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One search, as the address has it.

    Attributes:
        mode: ``None`` where the settings' own is meant.
        first, last: as typed (``2016``, ``2016-05``, ``2016-05-17``), both included.
        page: from 1.
        complaints: what in the address could not be read, said to the reader.
    """

    q: str = ""
    mode: Mode | None = None
    sort: Sort = Sort.RELEVANCE
    values: tuple[Value, ...] = ()
    first: str = ""
    last: str = ""
    page: int = 1
    complaints: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: QueryParams) -> Asked:
        """Any address gives one."""
        complaints: list[str] = []
        values = tuple(
            Value(field, text.strip())
            for field in FACET_FIELDS
            for text in dict.fromkeys(parameters.getlist(field.value))
            if text.strip()
        )
        if len(values) > _MOST_VALUES:
            complaints.append(f"Only the first {_MOST_VALUES} filters were kept.")
        first = parameters.get("from", "").strip()
        last = parameters.get("to", "").strip()
        try:
            dates_of(first, last)
        except BadDate as error:
            said = error.message.rstrip(".")
            complaints.append(f"{said}, so no dates were set. Write 2022, 2022-07 or 2022-07-29.")
            first = last = ""
        return cls(
            q=parameters.get("q", "").strip(),
            mode=_mode(parameters.get("mode", ""), complaints),
            sort=_sort(parameters.get("sort", ""), complaints),
            values=values[:_MOST_VALUES],
            first=first,
            last=last,
            page=_page(parameters.get("page", ""), complaints),
            complaints=tuple(complaints),
        )

    @property
    def dates(self) -> DateRange | None:
        return dates_of(self.first, self.last)

    @property
    def filtered(self) -> bool:
        return bool(self.values or self.first or self.last)

    @property
    def anything(self) -> bool:
        """Whether there is something to search for."""
        return bool(self.q) or self.filtered

    def values_of(self, field: ValueField) -> tuple[str, ...]:
        return tuple(value.value for value in self.values if value.field is field)

    def narrowed(self, value: Value) -> Asked:
        values = (*(v for v in self.values if v != value), value)
        return replace(self, values=values, page=1, complaints=())

    def without(self, value: Value) -> Asked:
        return replace(self, values=tuple(v for v in self.values if v != value), page=1)

    def between(self, first: str, last: str) -> Asked:
        return replace(self, first=first, last=last, page=1)

    def unfiltered(self) -> Asked:
        return replace(self, values=(), first="", last="", page=1)

    def asking(self, q: str) -> Asked:
        return replace(self, q=q, page=1)

    def in_mode(self, mode: Mode) -> Asked:
        return replace(self, mode=mode, page=1)

    def sorted_by(self, sort: Sort) -> Asked:
        return replace(self, sort=sort, page=1)

    def on_page(self, page: int) -> Asked:
        return replace(self, page=page)

    def parameters(self) -> list[tuple[str, str]]:
        """What an address of this site says; what is as usual is left out."""
        said = [("q", self.q)] if self.q or not self.filtered else []
        said += self._shared()
        said += [(name, text) for name, text in (("from", self.first), ("to", self.last)) if text]
        if self.sort is not Sort.RELEVANCE:
            said.append(("sort", self.sort.value))
        if self.page > 1:
            said.append(("page", str(self.page)))
        return said

    def kept(self, *but: str) -> list[tuple[str, str]]:
        """What a form keeps as hidden fields, beside those that it asks for itself."""
        return [(name, text) for name, text in self.parameters() if name not in (*but, "page")]

    def reading_parameters(self) -> list[tuple[str, str]]:
        """What the reading page needs to highlight: all that an address of it says that is
        given to others."""
        said = [("q", self.q)] if self.q else []
        return [*said, ("mode", self.mode.value)] if self.q and self.mode else said

    def api_parameters(self, *, sort: bool = True) -> list[tuple[str, str]]:
        """The same search, asked of the API."""
        said = [("q", self.q), *self._shared()] if self.q else self._shared()
        dates = self.dates
        if dates is not None and dates.first is not None:
            said.append(("after", dates.first.isoformat()))
        if dates is not None and dates.last is not None and dates.last < date.max:
            said.append(("before", (dates.last + timedelta(days=1)).isoformat()))
        if sort and self.sort is not Sort.RELEVANCE:
            said.append(("sort", self.sort.value))
        return said

    def _shared(self) -> list[tuple[str, str]]:
        said = [("mode", self.mode.value)] if self.mode else []
        return [*said, *((value.field.value, value.value) for value in self.values)]

    def request(
        self,
        archive: Archive,
        per_page: int,
        facets: Iterable[FacetWanted] = (),
        timeline: Period | None = None,
    ) -> SearchRequest:
        base = archive.request(self.q)
        return replace(
            base,
            query=with_filters(base.query, self.values, self.dates),
            mode=self.mode or base.mode,
            sort=self.sort,
            limit=per_page,
            offset=(self.page - 1) * per_page,
            facets=tuple(facets),
            timeline=timeline,
        )


def dates_of(first: str, last: str) -> DateRange | None:
    """Raises BadDate."""
    return read_range(f"{first}..{last}") if first or last else None


def _mode(text: str, complaints: list[str]) -> Mode | None:
    if not text:
        return None
    try:
        return Mode(text)
    except ValueError:
        complaints.append(f"There is no mode “{text[:40]}”; the usual one was taken.")
        return None


def _sort(text: str, complaints: list[str]) -> Sort:
    if not text:
        return Sort.RELEVANCE
    try:
        return Sort(text)
    except ValueError:
        complaints.append(f"Results cannot be sorted by “{text[:40]}”; the best come first.")
        return Sort.RELEVANCE


def _page(text: str, complaints: list[str]) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _LAST_PAGE:
        return int(text[:9])
    complaints.append(f"There is no page “{text[:40]}”; this is the first.")
    return 1
