"""Giving every article new passages and vectors, as one change of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from byline.engines.embedded import truth
from byline.engines.embedded.rows import to_rows
from byline.records import Manifest, ModelIdentity, StoredArticle

_BATCH = 200


def replace_model(
    connection: sqlite3.Connection,
    manifest: Manifest,
    model: ModelIdentity | None,
    articles: Callable[[Iterator[StoredArticle]], Iterator[StoredArticle]],
) -> int:
    """The archive's new version.

    The new vectors gather in a table of their own, batch by batch, and take the place of the
    old ones in one transaction at the end; until then nobody sees them.
    """
    connection.execute("DELETE FROM pending")
    at = truth.version(connection)
    fresh = articles(_stored(connection, at))
    while batch := list(islice(fresh, _BATCH)):
        ids = [stored.article.id for stored in batch]
        nums = truth.nums_of(connection, "id", ids, at)
        rows = []
        for stored, row in zip(batch, to_rows(batch), strict=True):
            *_, spans, vectors, codes = row
            rows.append((nums[stored.article.id], spans, vectors, codes, len(stored.passages)))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO pending VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "UPDATE articles SET spans = p.spans, vectors = p.vectors, codes = p.codes, "
        "passages = p.passages FROM pending p WHERE p.num = articles.num"
    )
    connection.execute("DELETE FROM articles WHERE died IS NOT NULL")
    connection.execute("DELETE FROM pending")
    truth.write_manifest(connection, replace(manifest, model=model))
    truth.set_version(connection, at + 1, truth.last_num(connection))
    connection.execute("COMMIT")
    return at + 1


def _stored(connection: sqlite3.Connection, at: int) -> Iterator[StoredArticle]:
    nums = [num for chunk in truth.scan_nums(connection, at) for num in chunk]
    for start in range(0, len(nums), _BATCH):
        chunk = nums[start : start + _BATCH]
        try:
            found = truth.fetch(connection, chunk)
        except ValueError:
            # Where passages or vectors cannot be read, the texts are all that is wanted.
            found = truth.fetch(connection, chunk, passages=False)
        yield from (found[num] for num in chunk)
