"""One archive, ready to search: its engine, its model and the settings in force.

What the command line and the web API share, and what a Python program uses::

    from byline.archive import Archive

    with Archive.open("byline-archive") as archive:
        for hit in archive.search("rent control").hits:
            print(hit.article.title)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from byline.article_highlights import ArticleHighlights, article_highlights
from byline.engines.base import DEFAULT_DEPTH, Engine, Reader
from byline.engines.open import open_engine
from byline.errors import ArticleNotFound
from byline.fusion import Fusion
from byline.query import parse
from byline.query.tree import Node, Query
from byline.records import Manifest, ModelIdentity, StoredArticle
from byline.request import Mode, SearchRequest
from byline.restriction import RestrictedEngine
from byline.search import Answer, search
from byline.settings import Settings

if TYPE_CHECKING:
    from byline.embedding import Embedder


class Archive:
    """An open archive. Use as a context manager, or call :meth:`close`.

    Searching is safe from several threads: each search has a reader of its own.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        #: Told of each answer that :meth:`search` gives.
        self.observe: Callable[[Answer], None] | None = None
        self._whole: Archive | None = None
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, address: str | Path | None = None, settings: Settings | None = None) -> Self:
        """Open the archive at ``address``, else the settings' own.

        Raises:
            ArchiveNotFound, NotAnArchive, ArchiveTooNew, ArchiveDamaged, EngineUnavailable.
        """
        chosen = settings or Settings.load()
        return cls(open_engine(str(address or chosen.archive), chosen), chosen)

    def limited_to(self, condition: Node) -> Archive:
        """What of this archive satisfies ``condition``: nothing it answers tells of anything
        else. It shares this one's engine and model, and is not to be closed by itself."""
        limited = Archive(RestrictedEngine(self.engine, condition), self.settings)
        limited._whole = self
        limited.observe = self.observe
        return limited

    @property
    def manifest(self) -> Manifest:
        with self.engine.reader() as reader:
            return reader.manifest

    def embedder(self, identity: ModelIdentity | None = None) -> Embedder:
        """The archive's own model, opened at the first call, and again when `byline reembed`
        has given the archive another.

        Args:
            identity: the model as a reader of the archive has it, where one is open; else one
                is opened to ask.

        Raises:
            ModelNotFound: it is not on this machine.
            ModelMismatch: what bears its name here has other weights.
            NoVectors: the archive has no model.
        """
        # Imported late: a keyword search pays for no model.
        from byline.embedding import open_embedder
        from byline.errors import NoVectors

        if self._whole is not None:
            return self._whole.embedder(identity)
        identity = identity or self.manifest.model
        if identity is None:
            raise NoVectors("This archive was indexed without vectors.")
        with self._lock:
            if self._embedder is None or self._embedder.identity.differences(identity):
                cache = Path(self.settings.cache) if self.settings.cache else None
                self._embedder = open_embedder(
                    identity.name, threads=self.settings.threads, cache=cache, expected=identity
                )
            return self._embedder

    def request(self, text: str, *, strict: bool = False) -> SearchRequest:
        """A request for ``text`` with what the settings say; change it by ``replace``.

        Raises:
            BadQuery: ``strict`` and the text cannot be read to the letter.
        """
        return SearchRequest(
            query=parse(text, strict=strict),
            mode=Mode(self.settings.mode),
            limit=self.settings.limit,
            passages=self.settings.passages,
            depth=self.settings.depth or DEFAULT_DEPTH,
            fusion=Fusion(self.settings.fusion),
            meaning_weight=self.settings.meaning_weight,
        )

    def search(self, query: str | SearchRequest, *, mode: Mode | None = None) -> Answer:
        """Search for a text as the settings say, or for a request as it says."""
        request = self.request(query) if isinstance(query, str) else query
        if mode is not None:
            request = replace(request, mode=mode)
        with self.engine.reader() as reader:
            answer = search(reader, request, self.embedder)
        if self.observe is not None:
            self.observe(answer)
        return answer

    def article(self, article_id: str) -> StoredArticle:
        """Raises ArticleNotFound."""
        with self.engine.reader() as reader:
            return stored_article(reader, article_id)

    def highlights(
        self,
        stored: StoredArticle,
        query: Query,
        model: ModelIdentity | None,
        mode: Mode | None = None,
    ) -> ArticleHighlights:
        """Where one article matches a query, in all its texts.

        Args:
            model: as the reader that gave ``stored`` has it.
            mode: ``None`` where the settings' own is meant.
        """
        words_alone = (mode or Mode(self.settings.mode)) is Mode.KEYWORD
        embedder = None
        if model is not None and query.meaning and not words_alone:
            embedder = self.embedder(model)
        return article_highlights(stored, query, embedder)

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def stored_article(reader: Reader, article_id: str) -> StoredArticle:
    """Raises ArticleNotFound."""
    found = reader.fetch([article_id])
    if article_id not in found:
        raise ArticleNotFound(f"No article has the id {article_id!r}.")
    return found[article_id]
