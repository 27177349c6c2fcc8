"""Feeds of what matches a query: Atom (RFC 4287) and JSON Feed 1.1.

An entry's id is made of the article's id alone, so it is the same in every feed, on every host and
after every change. A date goes into a feed as precisely as it is known: both formats demand a
moment, so an article whose day is not known has no ``published``, and its entry is as old as the
archive's knowledge of it; what is known stands in ``dcterms:issued``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from lxml import etree

from byline.records import Article, DatePrecision, PartialDate
from byline.search import Hit

ATOM = "http://www.w3.org/2005/Atom"
_TERMS = "http://purl.org/dc/terms/"
#: For names that are no addresses, made from "byline" within the namespace of URLs.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:byline")
_FIRST = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed.

    Attributes:
        name: what it is of, whatever the host: its id is made of it.
        itself, page: where it lies, and where the same search can be read.
        html: a hit's passages as HTML.
        article_page: where an article can be read.
    """

    title: str
    name: str
    itself: str
    page: str
    hits: Sequence[Hit]
    html: Callable[[Hit], str]
    article_page: Callable[[Article], str]


def entry_id(article: Article) -> str:
    return uuid.uuid5(_NAMESPACE, f"article:{article.id}").urn


def feed_id(name: str) -> str:
    return uuid.uuid5(_NAMESPACE, f"feed:{name}").urn


def updated(article: Article) -> str:
    """When the archive last took the article in, else when it was published, RFC 3339."""
    taken = max((origin.fetched_at for origin in article.origins), default="")
    return taken or published(article) or _FIRST


def published(article: Article) -> str | None:
    """RFC 3339; ``None`` where the day is not known. A time without a zone is taken for UTC, as
    everywhere in the archive."""
    date = article.date
    if date is None or date.precision not in (DatePrecision.DAY, DatePrecision.MINUTE):
        return None
    return _moment(date)


def _moment(date: PartialDate) -> str:
    if date.precision is DatePrecision.DAY:
        return f"{date.isoformat()}T00:00:00Z"
    day, _, time = date.isoformat().partition("T")
    zone = time[5:] or "Z"
    return f"{day}T{time[:5]}:00{zone}"


def last_updated(hits: Sequence[Hit]) -> str:
    return max((updated(hit.article) for hit in hits), default=_FIRST)


def http_date(moment: str) -> str:
    """RFC 3339 in UTC as HTTP writes dates."""
    return format_datetime(datetime.fromisoformat(moment).astimezone(UTC), usegmt=True)


def is_since(header: str | None, moment: str) -> bool:
    """Whether nothing is newer than the moment that ``If-Modified-Since`` names."""
    if header is None:
        return False
    try:
        asked = parsedate_to_datetime(header)
    except ValueError:
        return False
    if asked.tzinfo is None:
        asked = asked.replace(tzinfo=UTC)
    return datetime.fromisoformat(moment) <= asked


def atom(feed: Feed) -> bytes:
    """The document, UTF-8."""
    names: Any = {None: ATOM, "dcterms": _TERMS}
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=names)
    _text(root, "id", feed_id(feed.name))
    _text(root, "title", feed.title)
    _text(root, "updated", last_updated(feed.hits))
    _text(root, "generator", "Byline")
    _link(root, "self", feed.itself, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    # Every entry has an author in Atom, or the feed has one for those that have none.
    _text(etree.SubElement(root, f"{{{ATOM}}}author"), "name", "Unknown")
    for hit in feed.hits:
        _entry(root, feed, hit)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written


def _entry(root: Any, feed: Feed, hit: Hit) -> None:
    article = hit.article
    entry = etree.SubElement(root, f"{{{ATOM}}}entry")
    _text(entry, "id", entry_id(article))
    _text(entry, "title", article.title or "Untitled")
    _text(entry, "updated", updated(article))
    when = published(article)
    if when:
        _text(entry, "published", when)
    elif article.date is not None:
        etree.SubElement(entry, f"{{{_TERMS}}}issued").text = article.date.isoformat()
    for name in article.authors:
        _text(etree.SubElement(entry, f"{{{ATOM}}}author"), "name", name)
    _link(entry, "alternate", feed.article_page(article), "text/html")
    if is_web(article.url):
        _link(entry, "via", article.url or "", None)
    for topic in article.topics:
        etree.SubElement(entry, f"{{{ATOM}}}category").set("term", fit(topic))
    if article.publication:
        etree.SubElement(entry, f"{{{_TERMS}}}publisher").text = fit(article.publication)
    if article.summary:
        _text(entry, "summary", " ".join(article.summary))
    content = etree.SubElement(entry, f"{{{ATOM}}}content")
    content.set("type", "html")
    content.text = fit(feed.html(hit))


def _text(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = fit(text)


def _link(parent: Any, relation: str, address: str, kind: str | None) -> None:
    link = etree.SubElement(parent, f"{{{ATOM}}}link")
    link.set("rel", relation)
    link.set("href", fit(address))
    if kind is not None:
        link.set("type", kind)


def fit(text: str) -> str:
    """``text`` without the characters that XML 1.0 cannot hold."""
    return "".join(
        letter
        for letter in text
        if letter in "\t\n\r"
        or "\x20" <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter >= "\U00010000"
    )


def is_web(url: str | None) -> bool:
    return url is not None and url.lower().startswith(("http://", "https://"))


def json_feed(feed: Feed) -> dict[str, Any]:
    """The document."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.itself,
        "items": [_item(feed, hit) for hit in feed.hits],
    }


def _item(feed: Feed, hit: Hit) -> dict[str, Any]:
    article = hit.article
    date = article.date
    item: dict[str, Any] = {
        "id": entry_id(article),
        "url": feed.article_page(article),
        "title": article.title or "Untitled",
        "content_html": feed.html(hit),
        "date_modified": updated(article),
        "authors": [{"name": name} for name in article.authors],
        "tags": list(article.topics),
        "_byline": {
            "id": article.id,
            "publication": article.publication,
            "date": date.isoformat() if date else None,
            "date_precision": date.precision.value if date else None,
        },
    }
    when = published(article)
    if when:
        item["date_published"] = when
    if is_web(article.url):
        item["external_url"] = article.url
    if article.summary:
        item["summary"] = " ".join(article.summary)
    if article.language:
        item["language"] = article.language
    return item
