"""A Byline archive's passages and vectors as plain files that every peer reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from byline.archive import Archive


def write(address: str, folder: Path, queries: Sequence[str], section: str = "") -> list[str]:
    """Write the corpus; the articles' ids, in the order of their numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    ids: list[str] = []
    vectors = []
    number = 0
    with Archive.open(address) as archive:
        with (
            archive.engine.reader() as reader,
            (folder / "passages.jsonl").open("w", encoding="utf-8") as file,
        ):
            for stored in reader.scan():
                article = stored.article
                for passage in stored.passages:
                    row = {
                        "number": number,
                        "article": len(ids),
                        "title": article.title,
                        "text": article.body[passage.start : passage.end],
                        "section": article.section or "",
                    }
                    file.write(json.dumps(row) + "\n")
                    number += 1
                ids.append(article.id)
                if stored.vectors is not None and len(stored.vectors):
                    vectors.append(stored.vectors)
        embedder = archive.embedder()
        query_vectors = np.stack([embedder.embed_query(query) for query in queries])
    np.save(folder / "vectors.npy", np.concatenate(vectors))
    np.save(folder / "queries.npy", query_vectors)
    about = {"queries": list(queries), "section": section, "archive": str(Path(address).resolve())}
    (folder / "about.json").write_text(json.dumps(about), "utf-8")
    (folder / "ids.json").write_text(json.dumps(ids), "utf-8")
    return ids
