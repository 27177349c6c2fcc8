"""Meaning asked once more, together with what came first.

What ranks first by words and meaning together is most often about what was meant, and says it in
more words than a query. So the passages of the first articles that are nearest to the query are
added to its vector, and the nearest articles are compared with that (pseudo-relevance feedback:
Rocchio, 1971; by vectors: Li et al., "Pseudo Relevance Feedback with Deep Language Models and
Dense Retrievers", 2023). Which articles are near is still told by the query alone. How many, and
how much they weigh, was chosen on data that nothing is measured on: see docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from byline.engines.base import Key
from byline.engines.cosines import dots, of_best
from byline.joining import Scores, in_order, values

#: Articles that are asked along.
FIRST = 3
#: What all of them weigh beside the query, and how fast the share of each falls with its score,
#: as a power of e.
WEIGHT = 0.5
SHARPNESS = 40.0
#: The nearest articles, which are compared anew. Those below keep their order, and stay below.
_COMPARED = 100

Vectors = Mapping[Key, npt.NDArray[np.float16]]


def asked_again(
    vector: npt.NDArray[np.float32],
    meaning: Mapping[Key, float],
    scores: Scores,
    vectors_of: Callable[[Sequence[Key]], Vectors],
    *,
    first: int = FIRST,
    weight: float = WEIGHT,
) -> Scores:
    """What each article of ``meaning`` scores by the second question, in the same order.

    Args:
        vector: float32 ``[dimension]``, unit length, the query's.
        meaning: cosines to it, falling.
        scores: 0–1, what each of ``meaning`` ranks by so far.
        vectors_of: articles' passages' vectors; what has none may be left out.
        first: how many articles are asked along.
        weight: what they weigh together; the query weighs 1.
    """
    found = values(meaning)
    compared = list(islice(meaning, _COMPARED))
    keys = list(meaning)
    # Of those that rank alike, the nearest.
    along = [(keys[place], float(scores[place])) for place in in_order(scores)[:first].tolist()]
    vectors = vectors_of(list(dict.fromkeys((*compared, *(key for key, _ in along)))))
    passages = [(score, _nearest(vectors[key], vector)) for key, score in along if key in vectors]
    there = [place for place, key in enumerate(compared) if key in vectors]
    if not passages or not there:
        return found
    again = _together(vector, passages, weight)
    best = of_best([vectors[compared[place]] for place in there], again)
    below = np.ones(len(found), bool)
    below[there] = False
    if below.any():
        found[below] += best.min() - found[below][0]
    found[there] = best
    return found


def _nearest(
    vectors: npt.NDArray[np.float16], vector: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The one of ``vectors`` that is nearest."""
    nearest: npt.NDArray[np.float32] = vectors[int(dots(vectors, vector).argmax())].astype("f4")
    return nearest


def _together(
    vector: npt.NDArray[np.float32],
    passages: Sequence[tuple[float, npt.NDArray[np.float32]]],
    weight: float,
) -> npt.NDArray[np.float32]:
    """The query's vector with the passages', each by its score; unit length."""
    scores = np.array([score for score, _ in passages], np.float32)
    shares = np.exp(SHARPNESS * (scores - scores.max()))
    middle = shares @ np.stack([passage for _, passage in passages])
    both = vector + weight * middle / max(float(np.linalg.norm(middle)), 1e-6)
    together: npt.NDArray[np.float32] = (both / np.linalg.norm(both)).astype(np.float32)
    return together
