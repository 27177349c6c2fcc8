"""bm25s for words, numpy for meaning: what one would write by hand, all of it in memory.

The index is saved and loaded with ``mmap``, as its documentation recommends; texts are stemmed by
PyStemmer and English stop words left out, as in its first example.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

from benchmarks.peers.protocol import DEPTH, Corpus, articles_of, main, reciprocal_ranks


class Bm25sPeer:
    def __init__(self, folder: Path, _: Corpus) -> None:
        self._folder = folder
        self._stemmer = Stemmer.Stemmer("english")

    def index(self, corpus: Corpus) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        texts = [f"{row['title']}\n{row['text']}" for row in corpus.passages]
        retriever = bm25s.BM25()
        retriever.index(self._tokens(texts), show_progress=False)
        retriever.save(str(self._folder / "words"))
        np.save(self._folder / "vectors.npy", corpus.vectors)
        np.save(self._folder / "owners.npy", [row["article"] for row in corpus.passages])
        np.save(self._folder / "sections.npy", [row["section"] for row in corpus.passages])

    def open(self) -> None:
        self._retriever = bm25s.BM25.load(str(self._folder / "words"), mmap=True)
        self._vectors = np.load(self._folder / "vectors.npy", mmap_mode="r")
        self._owners = np.load(self._folder / "owners.npy")
        self._sections = np.load(self._folder / "sections.npy")

    def _tokens(self, texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)

    def _words(self, text: str) -> list[int]:
        tokens = bm25s.tokenize(
            text, stopwords="en", stemmer=self._stemmer, show_progress=False, return_ids=False
        )
        depth = min(DEPTH, len(self._owners))
        found, scores = self._retriever.retrieve(tokens, k=depth, show_progress=False)
        numbers: list[int] = found[0][scores[0] > 0].tolist()
        return numbers

    def _near(
        self, vector: npt.NDArray[np.float32], rows: npt.NDArray[np.intp] | None = None
    ) -> list[int]:
        scores = (self._vectors if rows is None else self._vectors[rows]) @ vector
        depth = min(DEPTH, len(scores))
        best = np.argpartition(-scores, depth - 1)[:depth]
        best = best[np.argsort(-scores[best], kind="stable")]
        numbers: list[int] = (best if rows is None else rows[best]).tolist()
        return numbers

    def keyword(self, text: str) -> list[int]:
        return articles_of(self._owners[self._words(text)])

    def semantic(self, vector: npt.NDArray[np.float32]) -> list[int]:
        return articles_of(self._owners[self._near(vector)])

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> list[int]:
        rows = np.flatnonzero(self._sections == section)
        return articles_of(self._owners[self._near(vector, rows)])

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> list[int]:
        return articles_of(self._owners[reciprocal_ranks(self._words(text), self._near(vector))])

    def about(self) -> dict[str, Any]:
        return {
            "name": "bm25s + numpy",
            "versions": f"bm25s {version('bm25s')}, numpy {np.__version__}",
            "settings": "Porter2, English stop words; exhaustive float32; RRF; stores no texts",
        }


if __name__ == "__main__":
    main(Bm25sPeer)
