"""A large archive made of a real one: its passages put together anew, its vectors moved a little.

Nothing has to be encoded. Seeded, so that two engines get the same articles.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from byline.fingerprint import fingerprint
from byline.records import Article, Origin, Passage, Sentence, StoredArticle

#: How far each vector is moved: about this share of its length.
_MOVE = 0.1
_LEAST, _MOST = 2, 8


def recombined(real: Sequence[StoredArticle], count: int, seed: int = 7) -> Iterator[StoredArticle]:
    """``count`` articles, each of up to eight passages out of articles of ``real``.

    Title, authors, date and the rest are those of one of them.
    """
    draw = random.Random(seed)
    numbers = np.random.default_rng(seed)
    usable = [stored for stored in real if stored.vectors is not None and len(stored.vectors)]
    for number in range(count):
        donors = draw.choices(usable, k=draw.randint(_LEAST, _MOST))
        parts: list[str] = []
        vectors: list[npt.NDArray[np.float16]] = []
        for donor in donors:
            assert donor.vectors is not None
            place = draw.randrange(len(donor.passages))
            passage = donor.passages[place]
            parts.append(donor.article.body[passage.start : passage.end])
            vectors.append(donor.vectors[place])
        yield _article(number, donors[0].article, parts, np.stack(vectors), numbers)


def _article(
    number: int,
    like: Article,
    parts: list[str],
    vectors: npt.NDArray[np.float16],
    numbers: np.random.Generator,
) -> StoredArticle:
    moved = vectors.astype(np.float32)
    moved += numbers.standard_normal(moved.shape, np.float32) * _MOVE / np.sqrt(moved.shape[1])
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    spans, start = [], 0
    for part in parts:
        spans.append((start, start + len(part)))
        start += len(part) + 2
    origin = Origin("/recombined", f"article {number}", "0" * 64, "2026-01-01T00:00:00Z")
    article = replace(
        like, id=f"{number:07d}", url=None, body="\n\n".join(parts), origins=(origin,)
    )
    return StoredArticle(
        article=article,
        fingerprint=fingerprint(article),
        passages=tuple(Passage(*span) for span in spans),
        vectors=moved.astype(np.float16),
        sentences=tuple(Sentence(*span) for span in spans),
        sentence_codes=np.packbits(moved > 0, axis=1),
    )
