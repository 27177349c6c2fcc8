"""LanceDB: its full-text index, its vector index, its hybrid search with its RRF reranker.

A scalar index on the filter's column; filters come before neighbours are chosen.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from lancedb.index import FTS, Bitmap, IvfHnswSq
from lancedb.rerankers import RRFReranker

from benchmarks.peers.protocol import DEPTH, Corpus, articles_of, main


class LancePeer:
    def __init__(self, folder: Path, _: Corpus) -> None:
        self._folder = folder

    def index(self, corpus: Corpus) -> None:
        dimension = corpus.vectors.shape[1]
        flat = pa.array(corpus.vectors.reshape(-1))
        columns = {
            name: [row[name] for row in corpus.passages]
            for name in ("number", "article", "title", "section")
        }
        columns["text"] = [f"{row['title']}\n{row['text']}" for row in corpus.passages]
        table = pa.table(columns).append_column(
            "vector", pa.FixedSizeListArray.from_arrays(flat, dimension)
        )
        made = lancedb.connect(self._folder).create_table("passages", table)
        made.create_index("text", config=FTS())
        made.create_index("vector", config=IvfHnswSq(distance_type="cosine"))
        made.create_index("section", config=Bitmap())
        made.optimize()

    def open(self) -> None:
        self._table = lancedb.connect(self._folder).open_table("passages")
        self._reranker = RRFReranker()

    def _vector(self, vector: npt.NDArray[np.float32]) -> Any:
        # Its documentation recommends refining a quantised index by the full vectors.
        return (
            self._table.search(vector, vector_column_name="vector", query_type="vector")
            .distance_type("cosine")
            .refine_factor(2)
            .select(["article", "_distance"])
            .limit(DEPTH)
        )

    def keyword(self, text: str) -> list[int]:
        found = self._table.search(text, query_type="fts", fts_columns="text")
        rows = found.select(["article", "_score"]).limit(DEPTH).to_arrow()
        return articles_of(rows["article"].to_pylist())

    def semantic(self, vector: npt.NDArray[np.float32]) -> list[int]:
        return articles_of(self._vector(vector).to_arrow()["article"].to_pylist())

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> list[int]:
        found = self._vector(vector).where(f"section = '{section}'", prefilter=True)
        return articles_of(found.to_arrow()["article"].to_pylist())

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> list[int]:
        found = (
            self._table.search(query_type="hybrid", vector_column_name="vector", fts_columns="text")
            .vector(vector)
            .text(text)
            .distance_type("cosine")
            .refine_factor(2)
            .rerank(self._reranker)
            .select(["article"])
            .limit(DEPTH)
        )
        return articles_of(found.to_arrow()["article"].to_pylist())

    def about(self) -> dict[str, Any]:
        return {
            "name": "LanceDB",
            "versions": f"lancedb {version('lancedb')}",
            "settings": "FTS as it comes; IvfHnswSq, cosine, refine_factor 2; RRFReranker",
        }


if __name__ == "__main__":
    main(LancePeer)
