"""What must hold of each stored article, whichever engine has it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from byline.fingerprint import fingerprint
from byline.records import ModelIdentity, StoredArticle
from byline.wording.numbers import counted

REEMBED = "Run `byline reembed`."
REINDEX = "Restore the archive from a copy, or index its sources into a new one."
#: Half-precision numbers leave a unit vector this close to length 1.
_UNIT_TOLERANCE = 2e-3
#: Bytes of codes that a model does not make all zero: each bit is the sign of a number.
_SOME_CODES = 8


def faults(stored: StoredArticle, model: ModelIdentity | None) -> Iterator[tuple[str, str]]:
    """Each thing that is wrong with it, as a clause, and what mends it."""
    if stored.fingerprint != fingerprint(stored.article):
        yield "the fingerprint is not that of the text", REINDEX
    if not stored.article.origins:
        yield "no origin is known", REINDEX
    spans = (*stored.passages, *stored.sentences)
    length = len(stored.article.body)
    if not all(0 <= span.start < span.end <= length for span in spans):
        yield "a passage or sentence lies outside the body", REEMBED
    elif not _covered(stored):
        yield "a part of the body is in no passage", REEMBED
    if model is not None:
        yield from _vector_faults(stored, model)


def all_sound(articles: int) -> str:
    """What is said where none has a fault."""
    has = "has" if articles == 1 else "have"
    return f"{counted(articles, 'article')} {has} sound passages and vectors."


def _covered(stored: StoredArticle) -> bool:
    body = stored.article.body
    covered = np.zeros(len(body), bool)
    for passage in stored.passages:
        covered[passage.start : passage.end] = True
    return all(body[place].isspace() for place in np.flatnonzero(~covered))


def _vector_faults(stored: StoredArticle, model: ModelIdentity) -> Iterator[tuple[str, str]]:
    vectors, codes = stored.vectors, stored.sentence_codes
    if vectors is None or len(vectors) != len(stored.passages):
        yield "passages have no vectors", REEMBED
    elif len(vectors) and vectors.shape[1] != model.dimension:
        yield "vectors have another dimension than the model's", REEMBED
    elif len(vectors):
        lengths = np.linalg.norm(vectors.astype(np.float32), axis=1)
        if not np.all(np.abs(lengths - 1) < _UNIT_TOLERANCE):
            yield "vectors are not of unit length", REEMBED
    if codes is None or len(codes) != len(stored.sentences):
        yield "sentences have no codes", REEMBED
    elif codes.size >= _SOME_CODES and not codes.any():
        yield "the sentences' codes are all zero", REEMBED
