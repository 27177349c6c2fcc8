"""A search's feed as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from byline.client.records import Document
from byline.records import PartialDate


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One article of a feed.

    Attributes:
        id: the same wherever the article is told of, whatever it was found by.
        article_id: what :meth:`Client.article` takes.
        html: the passage that matched, escaped, with ``<mark>``.
        page: where the archive shows it; ``original``: where it was published.
        date: as precise as it is known.
        modified: when the archive last took it in.
    """

    id: str
    article_id: str
    title: str
    authors: tuple[str, ...]
    publication: str | None
    date: PartialDate | None
    modified: datetime
    topics: tuple[str, ...]
    html: str
    page: str
    original: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest articles that a search finds.

    Attributes:
        page: where people see the search.
        etag: what :meth:`Client.feed` takes to learn whether anything has changed since.
    """

    title: str
    page: str
    entries: tuple[FeedEntry, ...]
    etag: str | None


def feed(document: Document, etag: str | None) -> Feed:
    entries = tuple(_entry(row) for row in document["items"])
    return Feed(document["title"], document["home_page_url"], entries, etag)


def _entry(row: Document) -> FeedEntry:
    ours = row["_byline"]
    return FeedEntry(
        id=row["id"],
        article_id=ours["id"],
        title=row["title"],
        authors=tuple(author["name"] for author in row["authors"]),
        publication=ours["publication"],
        date=PartialDate.parse(ours["date"]) if ours["date"] else None,
        modified=datetime.fromisoformat(row["date_modified"]),
        topics=tuple(row["tags"]),
        html=row["content_html"],
        page=row["url"],
        original=row.get("external_url"),
    )
