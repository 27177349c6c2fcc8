"""A client for Byline's web API, blocking or asynchronous from one source::

    from byline.client import Client

    with Client("http://127.0.0.1:8000") as client:
        for hit in client.search("rent control").hits:
            print(hit.article.title)

    async with AsyncClient("http://127.0.0.1:8000") as client:
        page = await client.search("rent control")

It gives the records of :mod:`byline.records` and :mod:`byline.search`, and raises the errors of
:mod:`byline.errors` with the server's own code, message and remedy.
"""

from __future__ import annotations

from byline.client.changes import Batch, Change, Delete, Outcome, Put
from byline.client.drivers import AsyncDriver, SyncDriver
from byline.client.feeds import Feed, FeedEntry
from byline.client.operations import Format, Operations
from byline.client.records import Changed, Result, SearchPage, WholeArticle

__all__ = [
    "AsyncClient",
    "Batch",
    "Change",
    "Changed",
    "Client",
    "Delete",
    "Feed",
    "FeedEntry",
    "Format",
    "Outcome",
    "Put",
    "Result",
    "SearchPage",
    "WholeArticle",
]


class Client(Operations, SyncDriver):
    """Blocks until the server has answered."""


class AsyncClient(Operations, AsyncDriver):
    """The same, to be awaited."""
