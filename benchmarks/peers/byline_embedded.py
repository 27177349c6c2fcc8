"""Byline's embedded engine, whole searches: articles with their passages and highlights.

The passages and vectors come out of the archive as they are; query vectors are given, as they
are to every peer.
"""

from __future__ import annotations

from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.peers.protocol import SHOWN, Corpus, main
from byline.archive import Archive
from byline.engines.open import create_engine, open_engine
from byline.query import parse
from byline.query.tree import Query, Value, ValueField
from byline.records import ModelIdentity, StoredArticle
from byline.request import Mode, SearchRequest
from byline.search import search

_BATCH = 1000


class _Given:
    """Stands for the model: gives the vector that was given."""

    note = None

    def __init__(self, identity: ModelIdentity, vector: npt.NDArray[np.float32]) -> None:
        self.identity = identity
        self.nearness = identity.nearness
        self._vector = vector

    def embed_query(self, _: str, /) -> npt.NDArray[np.float32]:
        return self._vector


class BylinePeer:
    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self._folder = folder
        self._stored: list[StoredArticle] = []
        if corpus.passages:
            with open_engine(corpus.archive).reader() as reader:
                self._stored = list(reader.scan())

    def index(self, corpus: Corpus) -> None:
        with open_engine(corpus.archive).reader() as reader:
            engine = create_engine(str(self._folder), reader.manifest.model)
        articles = iter(self._stored)
        with engine.writer() as writer:
            while batch := list(islice(articles, _BATCH)):
                writer.put(batch)
                writer.commit()

    def open(self) -> None:
        self._archive = Archive.open(self._folder)
        self._model = self._archive.manifest.model

    def _ids(self, query: Query, mode: Mode, vector: npt.NDArray[np.float32] | None) -> list[str]:
        if self._model is None:
            raise SystemExit("the archive has no vectors")
        given = None if vector is None else _Given(self._model, vector)
        request = SearchRequest(query, mode, limit=SHOWN)
        with self._archive.engine.reader() as reader:
            answer = search(reader, request, None if given is None else lambda _: given)
        return [hit.article.id for hit in answer.hits]

    def keyword(self, text: str) -> list[str]:
        return self._ids(parse(text), Mode.KEYWORD, None)

    def semantic(self, vector: npt.NDArray[np.float32]) -> list[str]:
        return self._ids(Query("q", meaning="q"), Mode.SEMANTIC, vector)

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> list[str]:
        query = Query("q", Value(ValueField.SECTION, section), meaning="q")
        return self._ids(query, Mode.SEMANTIC, vector)

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> list[str]:
        return self._ids(parse(text), Mode.HYBRID, vector)

    def about(self) -> dict[str, Any]:
        return {
            "name": "Byline, embedded",
            "versions": f"byline {version('byline')}",
            "settings": "as it comes; answers are articles with passages and highlights",
        }


if __name__ == "__main__":
    main(BylinePeer)
