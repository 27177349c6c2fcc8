"""txtai: its hybrid index (faiss and its own BM25), content in SQLite.

Vectors are given from outside, by the way that its documentation calls external vectors. Filters
are SQL over the candidates that similarity gives. A hybrid index runs both of its searches in
every mode; weights of 0 and 1 choose between them.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from txtai import Embeddings

from benchmarks.peers.protocol import DEPTH, Corpus, articles_of, main

#: Text → its vector, as long as the index is made; then the vector of the query at hand.
_given: dict[str, npt.NDArray[np.float32]] = {}
_QUERY = "the query at hand"


def transform(texts: list[str]) -> npt.NDArray[np.float32]:
    """What txtai calls for the vectors of texts."""
    return np.stack([_given.get(text, _given[_QUERY]) for text in texts])


class TxtaiPeer:
    def __init__(self, folder: Path, _: Corpus) -> None:
        self._path = str(folder / "index")

    def index(self, corpus: Corpus) -> None:
        made = Embeddings(method="external", transform=transform, hybrid=True, content=True)
        rows = []
        for row, vector in zip(corpus.passages, corpus.vectors, strict=True):
            text = f"{row['title']}\n{row['text']}"
            _given[text] = vector
            rows.append(
                (
                    row["number"],
                    {"text": text, "article": row["article"], "section": row["section"]},
                )
            )
        _given[_QUERY] = corpus.vectors[0]
        made.index(rows)
        made.config.pop("transform")
        made.save(self._path)

    def open(self) -> None:
        self._embeddings = Embeddings()
        self._embeddings.load(self._path, config={"transform": transform})

    def _articles(
        self,
        text: str,
        vector: npt.NDArray[np.float32] | None,
        weights: list[float],
        condition: str = "",
    ) -> list[int]:
        # Words alone need no vector, but one is asked for.
        some = np.eye(1, self._embeddings.config["dimensions"], dtype=np.float32)[0]
        _given[_QUERY] = some if vector is None else vector
        query = f"select article, score from txtai where similar(:text) {condition}"
        found = self._embeddings.search(query, DEPTH, weights=weights, parameters={"text": text})
        return articles_of(row["article"] for row in found)

    def keyword(self, text: str) -> list[int]:
        return self._articles(text, None, [0.0, 1.0])

    def semantic(self, vector: npt.NDArray[np.float32]) -> list[int]:
        return self._articles(_QUERY, vector, [1.0, 0.0])

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> list[int]:
        return self._articles(_QUERY, vector, [1.0, 0.0], f"and section = '{section}'")

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> list[int]:
        return self._articles(text, vector, [0.5, 0.5])

    def about(self) -> dict[str, Any]:
        return {
            "name": "txtai",
            "versions": f"txtai {version('txtai')}, faiss-cpu {version('faiss-cpu')}",
            "settings": "hybrid, content, external vectors; both searches in every mode; "
            "filters after neighbours",
        }


if __name__ == "__main__":
    main(TxtaiPeer)
