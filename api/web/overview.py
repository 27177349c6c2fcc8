"""The first page: what is in the archive, and searches to begin with, made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.web.asked import Asked
from api.web.shown import Link, link_to_value
from api.web.site import Site
from api.web.timeline import Chart, chart
from byline.analysis import STOP_WORDS, Form, terms
from byline.archive import Archive
from byline.engines.base import (
    Collection,
    Listed,
    Matching,
    Order,
    Period,
    Reader,
    ResultSet,
    Retrieval,
    ValueSummary,
)
from byline.query import parse
from byline.query.tree import ValueField
from byline.wording.dates import spoken_iso
from byline.wording.excerpt import one_line

_LISTED = 12
_NEWEST = 8
#: Texts of one kind that are tried before there is no example of it.
_TRIED = 6


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    href: str
    hint: str


@dataclass(frozen=True, slots=True)
class Counted:
    link: Link
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """``first`` and ``last`` are dates as people say them, ``""`` where nothing is dated."""

    articles: int
    authors: int
    publications: int
    first: str
    last: str
    examples: tuple[Example, ...]
    chart: Chart | None
    top_authors: tuple[Counted, ...]
    top_topics: tuple[Counted, ...]
    top_publications: tuple[Counted, ...]


def overview(site: Site, archive: Archive) -> Overview:
    with archive.engine.reader() as reader:
        stats = reader.stats()
        authors = reader.values(ValueField.AUTHOR, limit=_LISTED)
        topics = reader.values(ValueField.TOPIC, limit=_LISTED)
        publications = reader.values(ValueField.PUBLICATION, limit=_LISTED)
        page = Listed(Order.NEWEST, 0, _NEWEST)
        whole = reader.collect(Collection(ResultSet(Matching()), page, timeline=Period.YEAR))
        titles = [one.stored.article.title for one in whole.articles]
        years = whole.timeline.bins if whole.timeline else ()
        fullest = max(years, key=lambda row: row.count).start if years else ""
        examples = tuple(_examples(site, reader, authors, topics, titles, fullest))
    return Overview(
        articles=stats.articles,
        authors=stats.authors,
        publications=stats.publications,
        first=spoken_iso(stats.first),
        last=spoken_iso(stats.last),
        examples=examples,
        chart=chart(
            whole.timeline,
            Period.YEAR,
            lambda first, last: site.search(Asked(first=first, last=last)),
        ),
        top_authors=tuple(
            Counted(Link(one_line(row.value), site.author(row.value)), row.count) for row in authors
        ),
        top_topics=_counted(site, ValueField.TOPIC, topics),
        top_publications=_counted(site, ValueField.PUBLICATION, publications),
    )


def _counted(site: Site, field: ValueField, rows: list[ValueSummary]) -> tuple[Counted, ...]:
    return tuple(Counted(link_to_value(site, field, row.value), row.count) for row in rows)


def _examples(
    site: Site,
    reader: Reader,
    authors: list[ValueSummary],
    topics: list[ValueSummary],
    titles: list[str],
    year: str,
) -> Iterator[Example]:
    """One for each way of asking, from what the archive holds; each finds something."""
    # Two or three words say what an article is about; one alone is mostly a label (`mobile`).
    subjects = sorted(
        (subject for row in topics if (subject := _words(row.value))),
        key=lambda subject: len(subject.split()) not in (2, 3),
    )
    subjects += [subject for title in titles if (subject := _telling(title))]
    taken: set[str] = set()
    ways = (
        (subjects, "about this, in these words or in others"),
        (
            [one_line(title) for title in titles if 4 <= len(title.split()) <= 12],
            "a thought in your own words",
        ),
        (
            [f'"{subject}"' for subject in subjects if " " in subject],
            "exactly these words",
        ),
        (
            [f'author:"{one_line(row.value)}"' for row in authors if '"' not in row.value],
            "all by one author",
        ),
        ([f"{subject} date:{year}" for subject in subjects if year], "from one year"),
    )
    for texts, hint in ways:
        # Another subject each time, as far as there are some.
        tried = sorted(texts[:_TRIED], key=lambda text: _subject(text) in taken)
        text = next((text for text in tried if _finds(reader, text)), None)
        if text is not None:
            taken.add(_subject(text))
            yield Example(text, site.search(Asked(q=text)), hint)


def _finds(reader: Reader, text: str) -> bool:
    query = parse(text)
    matching = Matching(query.condition, query.words)
    return reader.retrieve(Retrieval(matching, want_words=False)).words_total > 0


def _subject(example: str) -> str:
    return example.strip('"').partition(" date:")[0]


def _words(topic: str) -> str:
    """``data-visualization`` as it would be said."""
    return " ".join(terms(topic, Form.EXACT))


def _telling(title: str) -> str:
    words = [word for word in terms(title, Form.EXACT) if word not in STOP_WORDS and len(word) > 3]
    return " ".join(words[:2])
