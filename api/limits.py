"""How much one request may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from byline.errors import UsageError
from byline.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Handlers call :meth:`query` and :meth:`page`; the rest is seen to around them.

    Attributes:
        query_length: characters of a query.
        page_size: articles of one page.
        body_size: bytes of a request's body.
        seconds: after which a request without an answer is told so.
        concurrency: requests that are worked on at once.
    """

    query_length: int
    page_size: int
    body_size: int
    seconds: float
    concurrency: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            query_length=settings.api_query_length,
            page_size=settings.api_page_size,
            body_size=settings.api_body_size,
            seconds=settings.api_seconds,
            concurrency=settings.api_concurrency,
        )

    def query(self, text: str) -> str:
        """``text``, if it is short enough.

        Raises:
            UsageError: it is not (``query-too-long``).
        """
        if len(text) <= self.query_length:
            return text
        raise UsageError(
            f"The query has {len(text):,} characters; {self.query_length:,} are allowed.",
            remedy="Ask for less at once, or have the setting api_query_length raised.",
            code="query-too-long",
        )

    def page(self, size: int) -> int:
        """``size``, if a page may be as large.

        Raises:
            UsageError: it may not (``page-too-large``).
        """
        if size <= self.page_size:
            return size
        raise UsageError(
            f"A page of {size:,} articles was asked for; {self.page_size:,} are allowed.",
            remedy="Ask for smaller pages, or export the whole result.",
            code="page-too-large",
        )
