"""Filters: what the articles found are by, from and about, and what is chosen of it."""

from __future__ import annotations

from dataclasses import dataclass

from api.web.asked import FACET_FIELDS, Asked
from api.web.site import Site
from byline.analysis import fold
from byline.engines.base import Facet, FacetWanted
from byline.errors import BadDate
from byline.query.tree import Value, ValueField
from byline.records import PartialDate
from byline.search import Answer
from byline.wording.dates import spoken
from byline.wording.excerpt import clean

NAMES = {
    ValueField.AUTHOR: "Author",
    ValueField.PUBLICATION: "Publication",
    ValueField.TOPIC: "Topic",
    ValueField.SECTION: "Section",
    ValueField.LANGUAGE: "Language",
}
_SHOWN, _KNOWN = 6, 30
WANTED = tuple(FacetWanted(field, _KNOWN) for field in FACET_FIELDS)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value; its link adds it as a filter or, where it is ``chosen``, takes it away."""

    text: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """``rest`` is shown on demand; ``unlisted`` counts values beyond those."""

    name: str
    first: tuple[Choice, ...]
    rest: tuple[Choice, ...]
    unlisted: int
    missing: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force and the address without it."""

    name: str
    text: str
    href: str


def groups(site: Site, asked: Asked, answer: Answer) -> tuple[FacetGroup, ...]:
    """Those that tell articles apart, or have something chosen."""
    shown = []
    for field, facet in answer.facets.items():
        group = _group(site, asked, field, facet)
        chosen = any(choice.chosen for choice in group.first)
        if chosen or len(group.first) > 1 or (group.first and group.missing):
            shown.append(group)
    return tuple(shown)


def _group(site: Site, asked: Asked, field: ValueField, facet: Facet) -> FacetGroup:
    chosen = {fold(value): value for value in asked.values_of(field)}
    choices = []
    for row in facet.values:
        own = chosen.get(fold(row.value))
        after = asked.without(Value(field, own)) if own else asked.narrowed(Value(field, row.value))
        choices.append(Choice(clean(row.value), row.count, site.search(after), own is not None))
    choices.sort(key=lambda choice: not choice.chosen)
    first, rest = choices[:_SHOWN], choices[_SHOWN:]
    if len(rest) == 1:
        first, rest = choices, []
    unlisted = max(0, facet.distinct - len(choices))
    return FacetGroup(NAMES[field], tuple(first), tuple(rest), unlisted, facet.missing)


def chips(site: Site, asked: Asked) -> tuple[Chip, ...]:
    made = [
        Chip(NAMES[value.field], clean(value.value), site.search(asked.without(value)))
        for value in asked.values
    ]
    if asked.first or asked.last:
        made.append(Chip("Date", span(asked.first, asked.last), site.search(asked.between("", ""))))
    return tuple(made)


def span(first: str, last: str) -> str:
    """``2016 to 2018``, ``since May 2016``, ``up to 2018``, ``2016``."""
    said_first, said_last = _said(first), _said(last)
    if first == last:
        return said_first
    if not last:
        return f"since {said_first}"
    return f"{said_first} to {said_last}" if first else f"up to {said_last}"


def _said(text: str) -> str:
    try:
        return spoken(PartialDate.parse(text)) if text else ""
    except BadDate:
        return text
