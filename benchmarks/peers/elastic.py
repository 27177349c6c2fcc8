"""Elasticsearch by itself, a document a passage: english analyzer, int8 HNSW, filtered kNN.

At ``$ELASTICSEARCH_URL``. Its own RRF retriever needs a paid licence, so both searches go in one
``_msearch`` and the ranks are fused here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from elasticsearch import Elasticsearch, helpers

from benchmarks.peers.protocol import DEPTH, Corpus, articles_of, main, reciprocal_ranks

_INDEX = "byline-bench-peer"


class ElasticPeer:
    def __init__(self, folder: Path, _: Corpus) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._index = f"{_INDEX}-{folder.name}"
        self._client = Elasticsearch(os.environ["ELASTICSEARCH_URL"], request_timeout=600)

    def index(self, corpus: Corpus) -> None:
        self._client.options(ignore_status=404).indices.delete(index=self._index)
        text = {"type": "text", "analyzer": "english"}
        vector = {
            "type": "dense_vector",
            "dims": corpus.vectors.shape[1],
            "similarity": "cosine",
            "index_options": {"type": "int8_hnsw"},
        }
        fields = {
            "article": {"type": "integer"},
            "title": text,
            "text": text,
            "section": {"type": "keyword"},
            "vector": vector,
        }
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1}
        self._client.indices.create(
            index=self._index, mappings={"properties": fields}, settings=settings
        )

        def actions() -> Iterator[dict[str, Any]]:
            for row, values in zip(corpus.passages, corpus.vectors, strict=True):
                source = {name: row[name] for name in ("article", "title", "text", "section")}
                yield {
                    "_index": self._index,
                    "_id": str(row["number"]),
                    "_source": source | {"vector": values.tolist()},
                }

        for _ in helpers.streaming_bulk(self._client, actions(), chunk_size=500):
            pass
        self._client.indices.refresh(index=self._index)
        self._client.indices.flush(index=self._index)

    def open(self) -> None:
        pass

    def _words(self, text: str) -> dict[str, Any]:
        fields = ["title", "text"]
        query = {"multi_match": {"query": text, "fields": fields, "type": "cross_fields"}}
        return {"query": query} | _FIELDS

    def _near(self, vector: npt.NDArray[np.float32], section: str = "") -> dict[str, Any]:
        knn: dict[str, Any] = {
            "field": "vector",
            "query_vector": vector.tolist(),
            "k": DEPTH,
            "num_candidates": 2 * DEPTH,
        }
        if section:
            knn["filter"] = {"term": {"section": section}}
        return {"knn": knn} | _FIELDS

    def _found(self, *bodies: dict[str, Any]) -> list[list[tuple[int, int]]]:
        """(passage, article) of each body's hits."""
        searches = [part for body in bodies for part in ({"index": self._index}, body)]
        answers = self._client.msearch(searches=searches)["responses"]
        return [
            [(int(hit["_id"]), hit["fields"]["article"][0]) for hit in answer["hits"]["hits"]]
            for answer in answers
        ]

    def keyword(self, text: str) -> list[int]:
        return articles_of(article for _, article in self._found(self._words(text))[0])

    def semantic(self, vector: npt.NDArray[np.float32]) -> list[int]:
        return articles_of(article for _, article in self._found(self._near(vector))[0])

    def filtered(self, vector: npt.NDArray[np.float32], section: str) -> list[int]:
        return articles_of(article for _, article in self._found(self._near(vector, section))[0])

    def hybrid(self, text: str, vector: npt.NDArray[np.float32]) -> list[int]:
        words, near = self._found(self._words(text), self._near(vector))
        owners = dict(words) | dict(near)
        ranked = reciprocal_ranks(dict(words), dict(near))
        return articles_of(owners[number] for number in ranked)

    def about(self) -> dict[str, Any]:
        stats = self._client.indices.stats(index=self._index)
        (node,) = self._client.nodes.info(metric="process")["nodes"].values()
        status = Path(f"/proc/{node['process']['id']}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        resident = [int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS")]
        return {
            "name": "Elasticsearch",
            "versions": f"Elasticsearch {self._client.info()['version']['number']}",
            "settings": "a document a passage; english analyzer, cross_fields; int8_hnsw, "
            "200 candidates; RRF in the client",
            "disk": stats["_all"]["total"]["store"]["size_in_bytes"],
            "server": resident[0] if resident else None,
        }


_FIELDS: dict[str, Any] = {"size": DEPTH, "_source": False, "fields": ["article"]}

if __name__ == "__main__":
    main(ElasticPeer)
