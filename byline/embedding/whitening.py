"""What a query's vector is multiplied by, so that what all texts share counts for less.

The vectors of a model differ in a few directions for nearly all texts, whatever these are about,
and in the others too little. Whitening divides each direction by how much texts differ in it (Su
et al., "Whitening Sentence Representations for Better Semantics and Faster Retrieval", 2021; Huang
et al., "WhiteningBERT", 2021). Here it is done to queries alone, so that what is stored stays as
the model made it, and by sentences of Byline's own, so that it is the model's and no archive's:
the same query has the same vector everywhere. How far to go was chosen on other data: see
docs/quality.md.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

#: Part of a covariance of which all directions are alike: 0 would whiten wholly, 1 not at all.
SHRINKAGE = 0.8


@cache
def sentences() -> tuple[str, ...]:
    """Those of the sample columns, as they were when this was chosen: other sentences would give
    every query another vector."""
    text = files("byline.embedding").joinpath("sentences.txt").read_text("utf-8")
    return tuple(text.splitlines())


def whitening(
    vectors: npt.NDArray[np.float32], shrinkage: float = SHRINKAGE
) -> npt.NDArray[np.float32]:
    """float32 ``[dimension, dimension]``, symmetric: the inverse root of the shrunk covariance.

    Args:
        vectors: float32 ``[texts, dimension]``, of texts that differ as much as texts do.
    """
    covariance = np.cov(vectors.T.astype(np.float64))
    dimension = len(covariance)
    even = np.eye(dimension) * (np.trace(covariance) / dimension)
    values, basis = np.linalg.eigh((1 - shrinkage) * covariance + shrinkage * even)
    root: npt.NDArray[np.float32] = ((basis / np.sqrt(values)) @ basis.T).astype(np.float32)
    return root


def whitened(
    vectors: npt.NDArray[np.float32], matrix: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """``vectors`` float32 ``[texts, dimension]`` by ``matrix``, of unit length again."""
    turned = vectors @ matrix
    # No matrix of this kind makes nothing of something, but a model may make nothing of a text.
    lengths = np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
    unit: npt.NDArray[np.float32] = (turned / lengths).astype(np.float32)
    return unit
