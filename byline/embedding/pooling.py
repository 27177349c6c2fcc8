"""From a transformer's token vectors to a passage's vector and its sentences' signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def pooled(
    states: npt.NDArray[np.float32], mask: npt.NDArray[np.int64], pooling: str
) -> npt.NDArray[np.float32]:
    """float32 ``[texts, dimension]`` of unit length.

    Args:
        states: ``[texts, tokens, dimension]``.
        mask: ``[texts, tokens]``, 1 for a token and 0 for padding.
        pooling: ``mean`` or ``cls``.
    """
    if pooling == "cls":
        vectors = states[:, 0]
    else:
        weights = mask.astype(np.float32)
        sums = np.einsum("btd,bt->bd", states, weights)
        vectors = sums / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
    return unit


def signs(states: npt.NDArray[np.float32], runs: Sequence[slice]) -> npt.NDArray[np.uint8]:
    """uint8 ``[runs, ceil(dimension / 8)]``: the signs of the mean of each run of tokens.

    Args:
        states: ``[tokens, dimension]`` of one text.
        runs: tokens of one sentence each, not empty.
    """
    means = np.stack([states[run].mean(axis=0) for run in runs])
    return np.packbits(means > 0, axis=1)
