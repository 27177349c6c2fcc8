"""A small archive that can be searched, read and written without loading a model.

Its model knows what a few words mean (:data:`AXES`) and nothing else, which is enough to tell
what was found by meaning from what was found by words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from byline.archive import Archive
from byline.chunking import Sizes, cut, estimated_starts
from byline.derivation import derive
from byline.embedding.embedder import Cut, Encoded
from byline.engines.open import create_engine
from byline.records import Article, ModelIdentity
from byline.settings import Settings

if TYPE_CHECKING:
    import numpy.typing as npt

    from byline.embedding import Embedder

DIMENSION = 16
MODEL = ModelIdentity("a-few-words", "c" * 64, DIMENSION, "mean", "", "", "columns/1", 0.5)
#: Each of these words turns a text one way.
AXES = {
    "rent": 0,
    "landlord": 0,
    "tenant": 0,
    "river": 1,
    "flood": 1,
    "bus": 2,
    "tram": 2,
}


def _vector(text: str, unknown: int) -> npt.NDArray[np.float32]:
    vector = np.zeros(DIMENSION, np.float32)
    for word, axis in AXES.items():
        vector[axis] += text.lower().count(word)
    vector[unknown] = not vector.any()
    return vector / np.linalg.norm(vector)


class FewWords:
    """The model; a query that it knows nothing of is near nothing."""

    identity = MODEL
    nearness = MODEL.nearness
    note = None

    def embed_query(self, text: str) -> npt.NDArray[np.float32]:
        return _vector(text, DIMENSION - 1)

    def stay_light(self) -> None:
        """It is."""

    def cut(self, title: str, body: str) -> Cut:
        passages, sentences = cut(body, estimated_starts, Sizes(24, 0))
        return Cut(title, body, passages, sentences)

    def encode(
        self, items: list[Cut], watch: Callable[[int, int], None] | None = None
    ) -> list[Encoded]:
        del watch
        return [self._encoded(item) for item in items]

    def _encoded(self, item: Cut) -> Encoded:
        vectors = [_vector(item.body[p.start : p.end], DIMENSION - 2) for p in item.passages]
        signs = [_vector(item.body[s.start : s.end], DIMENSION - 2) > 0.1 for s in item.sentences]
        shape = (0, DIMENSION)
        return Encoded(
            np.array(vectors, np.float16) if vectors else np.empty(shape, np.float16),
            np.packbits(np.array(signs) if signs else np.empty(shape, bool), axis=1),
        )


class _Columns(Archive):
    def embedder(self, identity: ModelIdentity | None = None) -> Embedder:
        del identity
        return cast("Embedder", FewWords())


def columns_archive(
    address: Path | str, articles: Iterable[Article], environment: Mapping[str, str] | None = None
) -> Archive:
    """A new archive with ``articles``; settings come from ``environment`` alone.

    Args:
        address: a folder that does not exist yet, or ``elasticsearch://…``.
    """
    engine = create_engine(str(address), MODEL)
    with engine.writer() as writer:
        writer.put(derive(articles, FewWords()))
        writer.commit()
    return _Columns(engine, Settings.load(environment or {}, Path(address)))
