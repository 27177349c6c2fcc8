"""The sentences of one article that are nearest to a query in meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byline.engines.cosines import dots
from byline.highlight import nearest_sentence
from byline.records import Span, StoredArticle

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def nearest_sentences(
    stored: StoredArticle, vector: npt.NDArray[np.float32], floor: float, limit: int
) -> tuple[Span, ...]:
    """Of each of the article's nearest passages the nearest sentence, the nearest first.

    Args:
        vector: float32 ``[dimension]``, the query's.
        floor: cosine under which a passage is not near.
        limit: how many, at most; none overlaps another.
    """
    if stored.vectors is None or stored.sentence_codes is None or not len(stored.vectors):
        return ()
    near = dots(stored.vectors, vector)
    chosen: list[Span] = []
    for place in (-near).argsort(kind="stable"):
        if near[place] < floor or len(chosen) == limit:
            break
        passage = stored.passages[int(place)]
        sentence = nearest_sentence(vector, passage, stored.sentences, stored.sentence_codes)
        if sentence is not None and not any(sentence.overlaps(other) for other in chosen):
            chosen.append(sentence)
    return tuple(chosen)
