"""The one writer of an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from byline.engines.embedded import codes, dictionaries, truth, vector_files, words
from byline.engines.embedded.compression import LEARNT_FROM, LEARNT_OF_EACH, learn
from byline.engines.embedded.failures import guarded
from byline.engines.embedded.words import WordsWriter
from byline.errors import ModelMismatch
from byline.records import Manifest, StoredArticle


class EmbeddedWriter:
    """Keeps what is put and deleted in one SQLite transaction until :meth:`commit`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, manifest: Manifest) -> None:
        self.folder = folder
        self._connection = connection
        self._model = manifest.model
        self._words = WordsWriter(words.open_index(folder))
        self._codes = (
            codes.CodesWriter(folder, vector_files.read_state(folder)) if manifest.model else None
        )
        self._dictionary = dictionaries.kept(connection)
        self._begin()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._next = truth.version(self._connection) + 1
        self._before = truth.last_num(self._connection)
        self._added: dict[int, npt.NDArray[np.float16] | None] = {}
        self._ended: list[int] = []

    def put(self, articles: Iterable[StoredArticle]) -> None:
        for stored in articles:
            self._put(stored)

    @guarded
    def _put(self, stored: StoredArticle) -> None:
        self._check(stored)
        self._end(stored.article.id)
        num = truth.insert(self._connection, stored, self._dictionary)
        self._added[num] = stored.vectors
        self._words.add(num, stored.article)

    @guarded
    def delete(self, ids: Iterable[str]) -> int:
        return sum(self._end(article_id) for article_id in ids)

    def _end(self, article_id: str) -> bool:
        num = truth.end(self._connection, article_id, self._next)
        if num is None:
            return False
        self._added.pop(num, None)
        self._ended.append(num)
        return True

    def _check(self, stored: StoredArticle) -> None:
        vectors = stored.vectors
        if self._model is None:
            if vectors is not None:
                raise ModelMismatch("The archive has no vectors, but an article came with some.")
            return
        wanted = (len(stored.passages), self._model.dimension)
        if vectors is None or (vectors.shape != wanted and len(stored.passages) > 0):
            shape = "none" if vectors is None else vectors.shape
            raise ModelMismatch(
                f"The article {stored.article.id!r} came with vectors of shape {shape}; the "
                f"archive's model makes {wanted}."
            )

    @guarded
    def commit(self) -> int:
        version = self._next
        truth.purge(self._connection, version)
        truth.set_version(self._connection, version, self._before)
        dictionary = self._dictionary or self._learnt()
        self._connection.execute("COMMIT")
        self._dictionary = dictionary
        if self._codes is not None:
            fresh = [
                (num, vectors)
                for num, vectors in self._added.items()
                if vectors is not None and len(vectors)
            ]
            self._codes.append(iter(fresh))
        self._words.delete(self._ended)
        self._words.commit(version)
        self._begin()
        return version

    def _learnt(self) -> bytes:
        """The archive's dictionary, once it has the articles to learn it of.

        Where their texts repeat nothing, it is tried again with twice as many, of the newest.
        """
        there = truth.last_num(self._connection)
        if there < LEARNT_FROM or there < 2 * dictionaries.tried_at(self._connection):
            return b""
        texts = truth.last_bodies(self._connection, LEARNT_FROM, LEARNT_OF_EACH)
        learnt = learn(texts)
        if learnt is None:
            if texts:
                dictionaries.tried(self._connection, there)
            return b""
        dictionaries.keep(self._connection, *learnt)
        return learnt[1]

    @guarded
    def close(self) -> None:
        """Discards what was not committed."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._words.close()
