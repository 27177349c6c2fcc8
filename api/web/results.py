"""The page of results: one search, and all that can be done from there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from api.web import facets
from api.web.asked import Asked
from api.web.facets import Chip, FacetGroup
from api.web.shown import Link, Listed, listed_hit
from api.web.site import Site
from api.web.timeline import Chart, chart, fitting_period
from byline import advice, spelling
from byline.archive import Archive
from byline.engines.base import Period, Reader
from byline.query import parse
from byline.request import Mode, SearchRequest, Sort
from byline.search import Answer, search
from byline.wording.numbers import counted
from byline.wording.totals import total_line

_MOST_ON_A_PAGE = 50
#: Pages that are linked beside the present one, on each side.
_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class ModeChoice:
    mode: Mode
    name: str
    hint: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PageLink:
    """``href`` is ``None`` for the page that is shown, and for a gap (``number`` 0)."""

    number: int
    href: str | None


@dataclass(frozen=True, slots=True)
class Pager:
    pages: tuple[PageLink, ...]
    previous: str | None
    next: str | None
    last: int


@dataclass(frozen=True, slots=True)
class Results:
    """What the template shows."""

    asked: Asked
    answer: Answer
    total: str
    notes: tuple[str, ...]
    hits: tuple[Listed, ...]
    groups: tuple[FacetGroup, ...]
    chips: tuple[Chip, ...]
    chart: Chart | None
    undated: str
    pager: Pager
    spellings: tuple[Link, ...]
    advice: tuple[Link, ...]
    sorts: tuple[tuple[str, str, bool], ...]
    empty_archive: bool


MODES = {
    Mode.HYBRID: (
        "Words and meaning",
        "Finds articles that use your words, and articles that say the same in other words.",
    ),
    Mode.KEYWORD: (
        "Words only",
        "Finds articles that use your words, in any of their forms. Nothing else.",
    ),
    Mode.SEMANTIC: (
        "Meaning only",
        "Finds articles about what you describe, whatever words they use.",
    ),
}
#: What those articles lack that a chart of such bars cannot show.
_UNDATED = {
    Period.YEAR: "without a date",
    Period.MONTH: "with no known month",
    Period.DAY: "with no known day",
}
_SORTS = {Sort.RELEVANCE: "Best first", Sort.NEWEST: "Newest first", Sort.OLDEST: "Oldest first"}


def modes(archive: Archive, asked: Asked) -> tuple[ModeChoice, ...]:
    """What can be chosen here; an archive without vectors knows words alone."""
    if archive.manifest.model is None:
        return ()
    chosen = asked.mode or Mode(archive.settings.mode)
    return tuple(
        ModeChoice(mode, name, hint, mode is chosen) for mode, (name, hint) in MODES.items()
    )


def per_page(archive: Archive) -> int:
    return max(1, min(int(archive.settings.limit), _MOST_ON_A_PAGE))


def results(site: Site, archive: Archive, asked: Asked) -> Results:
    """Raises what :meth:`Archive.search` raises."""
    size = per_page(archive)
    period = fitting_period(asked.dates)
    with archive.engine.reader() as reader:
        complaints = asked.complaints
        if reader.manifest.model is None and asked.mode not in (None, Mode.KEYWORD):
            asked = replace(asked, mode=Mode.KEYWORD)
            complaints += ("This archive has no vectors, so only words were searched.",)
        request = asked.request(archive, size, facets.WANTED, period)
        answer = search(reader, request, archive.embedder)
        spellings, advised, empty = _help(site, reader, request, answer, asked)
    return Results(
        asked=asked,
        answer=answer,
        total=total_line(answer),
        notes=(*complaints, *(note.message for note in answer.notes)),
        hits=tuple(listed_hit(site, hit, answer, asked) for hit in answer.hits),
        groups=facets.groups(site, asked, answer),
        chips=facets.chips(site, asked),
        chart=chart(
            answer.timeline,
            period,
            lambda first, last: site.search(asked.between(first, last)),
        ),
        undated=_UNDATED[period],
        pager=pager(
            asked.page, answer.total.articles, size, lambda n: site.search(asked.on_page(n))
        ),
        spellings=spellings,
        advice=advised,
        sorts=tuple(
            (name, site.search(asked.sorted_by(sort)), sort is answer.sort)
            for sort, name in _SORTS.items()
            if sort is not Sort.RELEVANCE or not answer.query.only_conditions
        ),
        empty_archive=empty,
    )


def pager(page: int, total: int, size: int, link: Callable[[int], str]) -> Pager:
    last = max(1, math.ceil(total / size))
    near = range(max(1, page - _NEIGHBOURS), min(last, page + _NEIGHBOURS) + 1)
    numbers = sorted({1, last, *near})
    pages: list[PageLink] = []
    for number in numbers:
        if pages and number > pages[-1].number + 1:
            pages.append(PageLink(0, None))
        pages.append(PageLink(number, None if number == page else link(number)))
    return Pager(
        tuple(pages),
        link(min(page - 1, last)) if page > 1 else None,
        link(page + 1) if page < last else None,
        last,
    )


def _help(
    site: Site, reader: Reader, request: SearchRequest, answer: Answer, asked: Asked
) -> tuple[tuple[Link, ...], tuple[Link, ...], bool]:
    """Other spellings, what to try, and whether there is nothing to find at all."""
    # Each word is judged by itself: a search can find much by the others. Once, as in the API.
    offered = spelling.suggest(reader, request.query) if asked.page == 1 else ()
    spellings = tuple(Link(found.text, site.search(asked.asking(found.text))) for found in offered)
    if answer.total.articles:
        return spellings, (), False
    if advice.is_empty(reader):
        return (), (), True
    return spellings, tuple(_ways(site, reader, request, answer, asked)), False


def _ways(
    site: Site, reader: Reader, request: SearchRequest, answer: Answer, asked: Asked
) -> list[Link]:
    bare = parse(asked.q)
    ways = []
    count = advice.without_filters(reader, request.query, bare)
    if count:
        text = f"Without the filters: {counted(count, 'article')}"
        ways.append(Link(text, site.search(asked.unfiltered())))
    count = advice.loosened(reader, bare)
    if count:
        text = f"Without quotes and other conditions: {counted(count, 'article')}"
        ways.append(Link(text, site.search(asked.asking(bare.meaning).unfiltered())))
    if answer.mode is not Mode.HYBRID and bare.meaning and reader.manifest.model is not None:
        hybrid = asked.in_mode(Mode.HYBRID)
        ways.append(Link("Search by words and by meaning", site.search(hybrid)))
    return ways
