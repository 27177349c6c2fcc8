"""What one author has written: how much, when, on what and where."""

from __future__ import annotations

from dataclasses import dataclass

from byline.analysis import fold
from byline.engines.base import (
    Collection,
    Facet,
    FacetWanted,
    Listed,
    Matching,
    Order,
    Period,
    Reader,
    ResultSet,
    Timeline,
)
from byline.errors import AuthorNotFound
from byline.filters import nearest
from byline.query.tree import Value, ValueField
from byline.records import PartialDate

#: Topics, publications and co-authors that are listed.
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Profile:
    """``name`` is as the archive spells it most often.

    Attributes:
        articles: all of them, whatever the spelling (case and accents folded).
        first, last: dates of the earliest and the latest; ``None`` where none is dated.
        years: articles a year.
        with_authors: who else wrote them.
    """

    name: str
    articles: int
    first: PartialDate | None
    last: PartialDate | None
    years: Timeline
    topics: Facet
    publications: Facet
    with_authors: Facet


def profile(reader: Reader, name: str) -> Profile:
    """Raises AuthorNotFound, naming who is near."""
    results = ResultSet(Matching(Value(ValueField.AUTHOR, name)))
    fields = (ValueField.AUTHOR, ValueField.TOPIC, ValueField.PUBLICATION)
    newest = reader.collect(
        Collection(
            results,
            Listed(Order.NEWEST, 0, 1),
            tuple(FacetWanted(field, _LISTED) for field in fields),
            Period.YEAR,
        )
    )
    if not newest.total or newest.timeline is None:
        raise _unknown(reader, name)
    oldest = reader.collect(Collection(results, Listed(Order.OLDEST, 0, 1)))
    authors = newest.facets[ValueField.AUTHOR]
    wanted = fold(name)
    own = [row for row in authors.values if fold(row.value) == wanted]
    others = tuple(row for row in authors.values if fold(row.value) != wanted)
    spelled = authors.distinct - len(own)
    return Profile(
        name=own[0].value if own else name,
        articles=newest.total,
        first=oldest.articles[0].stored.article.date,
        last=newest.articles[0].stored.article.date,
        years=newest.timeline,
        topics=newest.facets[ValueField.TOPIC],
        publications=newest.facets[ValueField.PUBLICATION],
        with_authors=Facet(others, max(spelled, len(others)), 0, authors.exact),
    )


def _unknown(reader: Reader, name: str) -> AuthorNotFound:
    near = nearest(name, (row.value for row in reader.values(ValueField.AUTHOR)))
    remedy = f"Did you mean {' or '.join(near)}?" if near else None
    return AuthorNotFound(f"No article is by {name!r}.", remedy=remedy)
