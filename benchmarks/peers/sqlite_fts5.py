"""SQLite: FTS5 for words, sqlite-vec for meaning, reciprocal rank fusion in SQL.

As Alex Garcia, who wrote sqlite-vec, describes it: a vec0 table with the filter's column as
metadata, an FTS5 table with the porter stemmer, both queried in one statement.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt
import sqlite_vec

from benchmarks.peers.protocol import DEPTH, RRF_K, Corpus, articles_of, main

_VECTORS = "SELECT number, distance FROM vectors WHERE embedding MATCH :vector AND k = :k"
_WORDS = "SELECT rowid AS number, rank FROM words WHERE words MATCH :text ORDER BY rank LIMIT :k"
_HYBRID = f"""
WITH near AS (SELECT number, row_number() OVER (ORDER BY distance) AS place FROM ({_VECTORS})),
     found AS (SELECT number, row_number() OVER (ORDER BY rank) AS place FROM ({_WORDS}))
SELECT article FROM near FULL OUTER JOIN found USING (number) JOIN passages USING (number)
ORDER BY coalesce(1.0 / ({RRF_K} + near.place), 0) + coalesce(1.0 / ({RRF_K} + found.place), 0) DESC
"""


class SqlitePeer:
    def __init__(self, folder: Path, _: Corpus) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Many a Python is built without extensions for its own sqlite3; apsw has them.
        self._connection = apsw.Connection(str(folder / "passages.sqlite"))
        self._connection.enable_load_extension(True)
        self._connection.load_extension(sqlite_vec.loadable_path())

    def index(self, corpus: Corpus) -> None:
        dimension = corpus.vectors.shape[1]
        self._run(
            "PRAGMA journal_mode = WAL;"
            "CREATE TABLE passages (number INTEGER PRIMARY KEY, article INTEGER, title TEXT, "
            "text TEXT, section TEXT);"
            "CREATE VIRTUAL TABLE words USING fts5(title, text, content='passages', "
            "content_rowid='number', tokenize='porter unicode61');"
            "CREATE VIRTUAL TABLE vectors USING vec0(number INTEGER PRIMARY KEY, "
            f"embedding float[{dimension}] distance_metric=cosine, section TEXT);"
        )
        with self._connection as connection:
            connection.executemany(
                "INSERT INTO passages VALUES (:number, :article, :title, :text, :section)",
                corpus.passages,
            )
            connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
            connection.executemany(
                "INSERT INTO vectors VALUES (?, ?, ?)",
                (
                    (row["number"], vector.tobytes(), row["section"])
                    for row, vector in zip(corpus.passages, corpus.vectors, strict=True)
                ),
            )
        self._run("INSERT INTO words (words) VALUES ('optimize'); PRAGMA wal_checkpoint(TRUNCATE);")

    def _run(self, statements: str) -> None:
        # apsw goes on to the next statement as rows are taken.
        self._connection.execute(statements).fetchall()

    def open(self) -> None:
        pass

    def keyword(self, text: str) -> list[int]:
        query = f"SELECT article FROM ({_WORDS}) JOIN passages USING (number) ORDER BY rank"
        return self._articles(query, text=_any_word(text))

    def semantic(self, vector: npt.NDArray[np.float32]) -> list[int]:
        query = f"SELECT article FROM ({_VECTORS}) JOIN passages USING (number) ORDER BY distance"
        return self._articles(query, vector=vector.tobytes())

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> list[int]:
        near = f"{_VECTORS} AND section = :section"
        query = f"SELECT article FROM ({near}) JOIN passages USING (number) ORDER BY distance"
        return self._articles(query, vector=vector.tobytes(), section=section)

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> list[int]:
        return self._articles(_HYBRID, text=_any_word(text), vector=vector.tobytes())

    def _articles(self, query: str, **values: Any) -> list[int]:
        rows = self._connection.execute(query, {"k": DEPTH, **values})
        return articles_of(article for (article,) in rows)

    def about(self) -> dict[str, Any]:
        (version,) = self._connection.execute("SELECT vec_version()").fetchone()
        return {
            "name": "SQLite FTS5 + sqlite-vec",
            "versions": f"SQLite {apsw.sqlite_lib_version()}, sqlite-vec {version}",
            "settings": "porter unicode61; exhaustive float32; RRF in SQL",
        }


def _any_word(text: str) -> str:
    return " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))


if __name__ == "__main__":
    main(SqlitePeer)
