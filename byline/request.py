"""What to search, and how to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from byline.engines.base import DEFAULT_DEPTH, FacetWanted, Period
from byline.fusion import Fusion
from byline.query.tree import Query
from byline.records import ModelIdentity, Nearness

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Mode(StrEnum):
    KEYWORD = "keyword"
    SEMANTIC = "semantic"
    HYBRID = "hybrid"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class QueryEncoder(Protocol):
    """What turns a query into a vector; :class:`byline.embedding.Embedder` is one."""

    @property
    def identity(self) -> ModelIdentity: ...

    @property
    def note(self) -> str | None:
        """What whoever searches should know of how the model is run."""
        ...

    @property
    def nearness(self) -> Nearness:
        """From which cosine to a query's vector on a passage is near."""
        ...

    def embed_query(self, text: str) -> npt.NDArray[np.float32]:
        """float32 ``[dimension]``, unit length."""
        ...


#: The model that an archive names, ready to encode.
EncoderOf: TypeAlias = Callable[[ModelIdentity], QueryEncoder]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to search and how to show it.

    Attributes:
        limit, offset: which articles of the ranking; ``limit`` 0 counts without showing any.
        passages: how many passages of each article, at most.
        depth: articles of each leg that are considered.
        meaning_weight: 0–1, in hybrid mode.
    """

    query: Query
    mode: Mode = Mode.HYBRID
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    offset: int = 0
    passages: int = 2
    facets: tuple[FacetWanted, ...] = ()
    timeline: Period | None = None
    depth: int = DEFAULT_DEPTH
    fusion: Fusion = Fusion.SCALED
    meaning_weight: float = 0.5
