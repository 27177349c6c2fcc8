"""Encoding: Byline's embedder against a plain ``SentenceTransformer.encode`` of the same texts.

``python -m benchmarks.encoding ARCHIVE [--articles N]`` takes articles of an archive. Both get the
same passages with their titles; Byline also works out the sentences' codes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from itertools import islice

import numpy as np

from benchmarks import table
from benchmarks.table import Row
from byline.archive import Archive
from byline.embedding.export import load_sentence_transformer
from byline.embedding.models import find_model

_ARTICLES = 60
_ROUNDS = 2


def measure(address: str, count: int = _ARTICLES) -> list[Row]:
    with Archive.open(address) as archive:
        embedder = archive.embedder()
        with archive.engine.reader() as reader:
            articles = [stored.article for stored in islice(reader.scan(), 10 * count)]
        chosen = random.Random(7).sample(articles, min(count, len(articles)))
    cuts = [embedder.cut(article.title, article.body) for article in chosen]
    texts = [
        f"{cut.title.strip()}\n{cut.body[span.start : span.end]}"
        for cut in cuts
        for span in cut.passages
    ]
    plain = load_sentence_transformer(find_model(embedder.identity.name))
    plain.encode(texts[:32], show_progress_bar=False)
    embedder.encode(cuts[:2])
    ours = _best(lambda: embedder.encode(cuts))
    theirs = _best(lambda: plain.encode(texts, show_progress_bar=False))
    vectors = np.concatenate([one.vectors for one in embedder.encode(cuts)]).astype(np.float32)
    cosines = (vectors * plain.encode(texts, normalize_embeddings=True)).sum(axis=1)
    count = len(texts)
    return [
        Row("Byline", {"passages/s": count / ours}),
        Row("SentenceTransformer.encode", {"passages/s": count / theirs}),
        Row("Byline over plain", {"ratio": theirs / ours, "least cosine": float(cosines.min())}),
    ]


def _best(call: Callable[[], object]) -> float:
    """Seconds of the quicker of two rounds."""
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive")
    parser.add_argument("--articles", type=int, default=_ARTICLES)
    given = parser.parse_args()
    table.show("Encoding", measure(given.archive, given.articles))


if __name__ == "__main__":
    main()
