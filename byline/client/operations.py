"""What can be asked of a server, each written once as steps."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypedDict, Unpack
from urllib.parse import quote

from byline.authorship import Profile
from byline.client import records
from byline.client.changes import Batch, Change, batch, items
from byline.client.drivers import Iteration, Operation
from byline.client.feeds import Feed, feed
from byline.client.records import Changed, SearchPage, WholeArticle
from byline.client.steps import Call, Chunks, Emit, Parameters, Steps, Stream
from byline.engines.base import Period, ValueSummary
from byline.query.tree import ValueField
from byline.records import Article
from byline.request import Mode, Sort
from byline.search import Hit
from byline.similar import SimilarArticle
from byline.suggestions import Completion


class Filters(TypedDict, total=False):
    """What narrows a search; of several values of one field, any will do.

    ``after`` and ``before``: ``2022``, ``2022-07`` or ``2022-07-29``.
    """

    mode: Mode
    author: Sequence[str]
    publication: Sequence[str]
    topic: Sequence[str]
    section: Sequence[str]
    language: Sequence[str]
    after: str
    before: str


class Conditions(Filters, total=False):
    """And what comes first."""

    sort: Sort


class Asked(Conditions, total=False):
    """What else a search can be asked.

    ``limit``: articles of a page; ``passages``: of each article; ``strict``: refuse a query
    that cannot be read to the letter.
    """

    limit: int
    passages: int
    facet: Sequence[ValueField]
    timeline: Period
    strict: bool


class Page(Asked, total=False):
    """``cursor``: that of the page before."""

    cursor: str


class Followed(Filters, total=False):
    """A feed is always by date. ``limit``: articles of it."""

    limit: int


def _parameters(q: str, asked: Page | Asked | Conditions | Followed) -> Parameters:
    said = [("q", q)]
    for name, value in asked.items():
        if isinstance(value, bool):
            said.append((name, str(value).lower()))
        elif isinstance(value, str):
            said.append((name, str(value)))
        elif isinstance(value, Sequence):
            said += [(name, str(one)) for one in value]
        elif value is not None:
            said.append((name, str(value)))
    return tuple(said)


def article_path(article_id: str) -> str:
    """Ids may be addresses, so slashes are percent-encoded too."""
    return f"articles/{quote(article_id, safe='')}"


def _search(q: str = "", **asked: Unpack[Page]) -> Steps[SearchPage]:
    """One page of the answer to a query.

    Raises:
        BadQuery: ``strict``, and the query cannot be read.
        NoVectors: semantic mode in an archive without vectors.
        NotAllowed: the server wants another key, or one at all.
        EngineUnavailable: it cannot be reached, or is too busy.
    """
    reply = yield Call("GET", "search", _parameters(q, asked))
    return records.search_page(reply.document)


def _pages(q: str = "", **asked: Unpack[Asked]) -> Stream[SearchPage]:
    """The pages of an answer, one after another to its end, asked for as they are needed.

    Each article once, while others are added.
    """
    cursor: str | None = None
    while True:
        said = _parameters(q, asked) + ((("cursor", cursor),) if cursor else ())
        reply = yield Call("GET", "search", said)
        page = records.search_page(reply.document)
        yield Emit(page)
        cursor = page.cursor
        if cursor is None:
            return


def _hits(q: str = "", **asked: Unpack[Asked]) -> Stream[Hit]:
    """Every article of an answer, page after page."""
    pages = _pages(q, **asked)
    step = next(pages, None)
    while step is not None:
        if isinstance(step, Emit):
            for hit in step.value.hits:
                yield Emit(hit)
            step = next(pages, None)
        else:
            reply = yield step
            step = pages.send(reply)


def _article(article_id: str, q: str = "") -> Steps[WholeArticle]:
    """A whole article; with ``q``, where its body matches the query's words.

    Raises:
        ArticleNotFound: no article has the id.
    """
    reply = yield Call("GET", article_path(article_id), (("q", q),) if q else ())
    return records.whole_article(reply.document, reply.headers.get("etag"))


def _similar(article_id: str, limit: int = 5) -> Steps[tuple[SimilarArticle, ...]]:
    """Articles like one, the likest first; never itself. Raises ArticleNotFound."""
    reply = yield Call("GET", f"{article_path(article_id)}/similar", (("limit", str(limit)),))
    return tuple(records.similar(row) for row in reply.document["articles"])


def _suggest(prefix: str, limit: int = 8) -> Steps[tuple[Completion, ...]]:
    """What a search box offers while somebody types: authors, topics and titles."""
    reply = yield Call("GET", "suggest", (("prefix", prefix), ("limit", str(limit))))
    return tuple(records.completion(row) for row in reply.document["suggestions"])


def _author(name: str) -> Steps[Profile]:
    """What one author has written. Raises AuthorNotFound."""
    reply = yield Call("GET", f"authors/{quote(name, safe='')}")
    return records.profile(reply.document)


def _authors(prefix: str = "") -> Steps[tuple[ValueSummary, ...]]:
    """How much each author has written, and from when to when."""
    reply = yield Call("GET", "authors", (("prefix", prefix),) if prefix else ())
    return tuple(records.author(row) for row in reply.document["authors"])


class Format(StrEnum):
    """What a whole result is exported as."""

    CSV = "csv"
    JSONL = "jsonl"
    RIS = "ris"
    BIBTEX = "bibtex"
    CSL_JSON = "csl-json"


def _export(form: Format, q: str = "", **asked: Unpack[Conditions]) -> Stream[bytes]:
    """A whole result as a file, piece by piece as it comes; UTF-8."""
    yield Chunks(Call("GET", "export", (("format", form.value), *_parameters(q, asked))))


def _put(
    article: Article, *, if_match: str | None = None, only_new: bool = False
) -> Steps[Changed]:
    """Add an article, or replace it; with a key of the scope ``write``.

    The same again changes nothing.

    Args:
        if_match: the ``etag`` of the version that is to be replaced, and no other.
        only_new: refuse to replace one.

    Raises:
        UsageError: a field holds what cannot be taken, or the article is not as ``if_match`` or
            ``only_new`` has it (``precondition-failed``).
        NotAllowed: the key may not write this.
    """
    headers = {"If-None-Match": "*"} if only_new else {}
    if if_match is not None:
        headers["If-Match"] = if_match
    call = Call("PUT", article_path(article.id), json=records.sent(article), headers=headers)
    reply = yield call
    return records.changed(reply.document)


def _delete(article_id: str, *, if_match: str | None = None) -> Steps[Changed]:
    """Remove an article; with a key of the scope ``write``.

    Raises:
        ArticleNotFound: no article has the id.
        UsageError: it is not as ``if_match`` has it (``precondition-failed``).
        NotAllowed: the key may not write this.
    """
    headers = {} if if_match is None else {"If-Match": if_match}
    reply = yield Call("DELETE", article_path(article_id), headers=headers)
    return records.changed(reply.document)


def _batch(changes: Sequence[Change]) -> Steps[Batch]:
    """Make many changes in their order, each whole or not at all (a server takes 500 at once).

    One that is refused keeps none of the others back: its outcome has the error.

    Raises:
        NotAllowed: the key may not write at all.
        UsageError: there are none, or too many.
    """
    # With a colon as it is, the first part would be taken for a scheme.
    reply = yield Call("POST", "articles%3Abatch", json={"items": items(changes)})
    return batch(reply.document)


def _feed(q: str = "", *, etag: str | None = None, **asked: Unpack[Followed]) -> Steps[Feed | None]:
    """The newest articles that match; ``None`` where nothing has changed.

    Args:
        etag: that of the feed as it was read last.
    """
    headers = {} if etag is None else {"If-None-Match": etag}
    reply = yield Call("GET", "feed.json", _parameters(q, asked), headers=headers)
    return None if reply.document is None else feed(reply.document, reply.headers.get("etag"))


class Operations:
    """What both clients can do."""

    search = Operation(_search)
    pages = Iteration(_pages)
    hits = Iteration(_hits)
    article = Operation(_article)
    similar = Operation(_similar)
    suggest = Operation(_suggest)
    author = Operation(_author)
    authors = Operation(_authors)
    export = Iteration(_export)
    put = Operation(_put)
    delete = Operation(_delete)
    batch = Operation(_batch)
    feed = Operation(_feed)
