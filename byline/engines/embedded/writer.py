"""The one writer of an archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from byline.engines.embedded import codes, dictionaries, truth, vector_files, words
from byline.engines.embedded.compression import LEARNT_FROM, LEARNT_OF_EACH, learn
from byline.engines.embedded.failures import guarded
from byline.engines.embedded.words import WordsWriter
from byline.errors import ModelMismatch
from byline.records import Manifest, StoredArticle

#: Characters of bodies that wait to be stored.
_MOST_WAITING = 32_000_000


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
        self._before = self._num = truth.last_num(self._connection)
        self._added: dict[int, npt.NDArray[np.float16] | None] = {}
        self._ended: list[int] = []
        self._waiting: dict[str, tuple[int, StoredArticle]] = {}
        self._characters = 0

    def put(self, articles: Iterable[StoredArticle]) -> None:
        for stored in articles:
            self._put(stored)

    @guarded
    def _put(self, stored: StoredArticle) -> None:
        """It waits to be stored: SQLite and zstd work on many articles in one go, which a commit
        does while whoever indexes reads on."""
        self._check(stored)
        article = stored.article
        self._withdraw(article.id)
        self._num += 1
        self._waiting[article.id] = self._num, stored
        self._added[self._num] = stored.vectors
        self._words.add(self._num, article)
        self._characters += len(article.body)
        if self._characters > _MOST_WAITING:
            self._store()

    def _store(self) -> None:
        self._end(list(self._waiting))
        truth.insert(self._connection, self._waiting.values(), self._dictionary)
        self._waiting.clear()
        self._characters = 0

    @guarded
    def delete(self, ids: Iterable[str]) -> int:
        wanted = list(dict.fromkeys(ids))
        withdrawn = {article_id for article_id in wanted if self._withdraw(article_id)}
        return len(withdrawn | self._end(wanted))

    def _withdraw(self, article_id: str) -> bool:
        """Whether it was put since the last commit and was not stored yet."""
        num, _ = self._waiting.pop(article_id, (None, None))
        if num is None:
            return False
        self._has_ended(num)
        return True

    def _end(self, ids: Sequence[str]) -> set[str]:
        """The ids of those that were stored."""
        ended = truth.end(self._connection, ids, self._next)
        for num in ended.values():
            self._has_ended(num)
        return set(ended)

    def _has_ended(self, num: int) -> None:
        self._added.pop(num, None)
        self._ended.append(num)

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
        self._store()
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
