"""Judged sets with both legs of every query, as an archive's own reader gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from byline.archive import Archive
from byline.embedding.whitening import sentences
from byline.engines.base import Key, Matching, Retrieval
from byline.evaluation.judged import BeirFolder, Qrels
from byline.evaluation.runs import Names, documents_of
from byline.query import parse

Scores: TypeAlias = dict[str, float]
Floats: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's legs, document → score; ``count`` is how many words the query has.

    ``vector`` is whitened, ``plain`` is as the model makes it.
    """

    split: str
    words: Scores
    meaning: Scores
    count: int
    vector: Floats
    plain: Floats


@dataclass(frozen=True, slots=True)
class Corpus:
    """One set under one model. ``vectors`` ``[passages, dimension]`` with their documents;
    ``sentences`` are those that whiten queries; ``places``: document → its rows."""

    name: str
    model: str
    qrels: dict[str, Qrels]
    asked: dict[str, Asked]
    vectors: Floats
    sentences: Floats
    owners: list[str]
    numbers: npt.NDArray[np.int64]
    places: dict[str, tuple[int, int]]
    floor: float

    def of(self, documents: Sequence[Key]) -> dict[Key, npt.NDArray[np.float16]]:
        """Documents' vectors."""
        found: dict[Key, npt.NDArray[np.float16]] = {}
        for name in documents:
            first, last = self.places[str(name)]
            found[name] = self.vectors[first:last].astype(np.float16)
        return found


def load(folder: Path, address: str) -> Corpus:
    """Every query's legs, as the archive's own reader gives them."""
    beir = BeirFolder(folder)
    asked: dict[str, Asked] = {}
    qrels: dict[str, Qrels] = {}
    with Archive.open(address) as archive, archive.engine.reader() as reader:
        embedder = archive.embedder()
        back = np.linalg.inv(embedder.whitening)
        model = reader.manifest.model
        assert model is not None
        documents, names = documents_of(reader, beir), Names(reader)
        for split in beir.splits:
            judged = beir.judged(split)
            qrels[split] = judged.qrels
            for query_id, text in judged.queries.items():
                query = parse(text)
                vector = embedder.embed_query(query.meaning)
                matching = Matching(query.condition, query.words, query.boosts)
                found = reader.retrieve(Retrieval(matching, vector=vector))
                legs = [
                    dict(zip(names.of(leg), leg.values(), strict=True))
                    for leg in (found.words, found.meaning)
                ]
                plain = back @ vector
                plain /= np.linalg.norm(plain)
                asked[query_id] = Asked(split, *legs, len(query.words), vector, plain)
        owners, vectors = [], []
        for stored in reader.scan():
            if stored.vectors is not None:
                vectors.append(stored.vectors.astype(np.float32))
                owners += [stored.article.id] * len(stored.vectors)
        cuts = [embedder.cut("", sentence) for sentence in sentences()]
        own = np.concatenate([one.vectors for one in embedder.encode(cuts)]).astype(np.float32)
    # A text that came under several names counts as its first: the others are not judged anew.
    first = {n: article for article, held in documents.items() for n in held}
    for split, judged_in in qrels.items():
        qrels[split] = {
            q: {first.get(n, n): r for n, r in found.items()} for q, found in judged_in.items()
        }
    name = "bge-small" if "bge" in model.name else "default"
    starts = [0, *(place for place, (a, b) in enumerate(pairwise(owners), 1) if a != b)]
    ends = [*starts[1:], len(owners)]
    places = {owners[first]: (first, last) for first, last in zip(starts, ends, strict=True)}
    numbers = np.cumsum([0, *(a != b for a, b in pairwise(owners))])
    return Corpus(
        name=folder.name,
        model=name,
        qrels=qrels,
        asked=asked,
        vectors=np.concatenate(vectors),
        sentences=own,
        owners=owners,
        numbers=numbers,
        places=places,
        floor=embedder.nearness.floor,
    )
