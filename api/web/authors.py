"""An author's page: what they wrote over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from api.web.asked import Asked
from api.web.overview import Counted
from api.web.results import Pager, pager
from api.web.shown import Facts, Link, facts, link_to_value, title_html
from api.web.site import Site
from api.web.timeline import Chart, chart
from byline.archive import Archive
from byline.authorship import profile
from byline.engines.base import Collection, Facet, Listed, Matching, Order, Period, ResultSet
from byline.query.tree import Value, ValueField
from byline.wording.dates import spoken
from byline.wording.excerpt import clean

_ON_A_PAGE = 40
_COUNTED = 12


@dataclass(frozen=True, slots=True)
class Work:
    title: Markup
    href: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class WorkOfYear:
    """``year`` is ``""`` for what is not dated."""

    year: str
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class AuthorPage:
    name: str
    asked: Asked
    articles: int
    first: str
    last: str
    chart: Chart | None
    topics: tuple[Counted, ...]
    publications: tuple[Counted, ...]
    with_authors: tuple[Counted, ...]
    years: tuple[WorkOfYear, ...]
    pager: Pager


def author_page(site: Site, archive: Archive, name: str, page: int) -> AuthorPage:
    """Raises AuthorNotFound."""
    matching = Matching(Value(ValueField.AUTHOR, name))
    with archive.engine.reader() as reader:
        known = profile(reader, name)
        wanted = Listed(Order.NEWEST, (page - 1) * _ON_A_PAGE, _ON_A_PAGE)
        found = reader.collect(Collection(ResultSet(matching), wanted))
    asked = Asked(values=(Value(ValueField.AUTHOR, known.name),))
    articles = [one.stored.article for one in found.articles]
    years = tuple(
        WorkOfYear(
            year,
            tuple(
                Work(title_html(one.title), site.article(one.id), facts(site, one)) for one in group
            ),
        )
        for year, group in groupby(articles, lambda one: str(one.date.year) if one.date else "")
    )
    return AuthorPage(
        name=clean(known.name),
        asked=asked,
        articles=known.articles,
        first=spoken(known.first) if known.first else "",
        last=spoken(known.last) if known.last else "",
        chart=chart(
            known.years, Period.YEAR, lambda first, last: site.search(asked.between(first, last))
        ),
        topics=_counted(site, asked, ValueField.TOPIC, known.topics),
        publications=_counted(site, asked, ValueField.PUBLICATION, known.publications),
        with_authors=tuple(_people(site, known.with_authors)),
        years=years,
        pager=pager(page, known.articles, _ON_A_PAGE, lambda n: site.author(known.name, n)),
    )


def _counted(site: Site, asked: Asked, field: ValueField, facet: Facet) -> tuple[Counted, ...]:
    """Each leads to what this author has of it."""
    return tuple(
        Counted(
            Link(
                link_to_value(site, field, row.value).text,
                site.search(asked.narrowed(Value(field, row.value))),
            ),
            row.count,
        )
        for row in facet.values[:_COUNTED]
    )


def _people(site: Site, facet: Facet) -> Iterable[Counted]:
    for row in facet.values[:_COUNTED]:
        yield Counted(Link(clean(row.value), site.author(row.value)), row.count)
