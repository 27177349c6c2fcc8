"""From articles to what engines store: fingerprints, passages and vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

from byline.embedding.embedder import Cut, Encoded
from byline.fingerprint import fingerprint
from byline.records import Article, StoredArticle
from byline.rough_passages import rough_passages

#: Articles whose passages are encoded together: enough that batches of like length fill up.
BATCH = 64


class PassageEncoder(Protocol):
    """What :class:`byline.embedding.Embedder` does for passages."""

    def cut(self, title: str, body: str) -> Cut: ...

    def encode(
        self, items: list[Cut], watch: Callable[[int, int], None] | None = None
    ) -> list[Encoded]: ...


def derive(
    articles: Iterable[Article],
    encoder: PassageEncoder | None,
    *,
    batch: int = BATCH,
    watch: Callable[[int, int], None] | None = None,
) -> Iterator[StoredArticle]:
    """Each article with its passages and, where there is an ``encoder``, vectors; in order.

    Args:
        watch: called as passages are encoded, with how many and their characters.
    """
    rest = iter(articles)
    while chunk := list(islice(rest, batch)):
        if encoder is None:
            for article in chunk:
                yield StoredArticle(article, fingerprint(article), rough_passages(article.body))
            continue
        cuts = [encoder.cut(article.title, article.body) for article in chunk]
        for article, item, encoded in zip(chunk, cuts, encoder.encode(cuts, watch), strict=True):
            yield StoredArticle(
                article,
                fingerprint(article),
                item.passages,
                encoded.vectors,
                item.sentences,
                encoded.codes,
            )
