"""The archive as a batch will leave it, on top of how the last commit left it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from byline.engines.base import Reader
from byline.fingerprint import fingerprint
from byline.records import Article, StoredArticle

#: Characters of replaced texts that are kept in memory (see :class:`Superseded`).
_KEPT = 24_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """An article, its fingerprint, and what was derived from it before, if its text is that."""

    article: Article
    text: str
    stored: StoredArticle | None

    def needs_deriving(self) -> bool:
        """Whether what the model reads has changed: the body, or the title before it."""
        if self.stored is None:
            return True
        before = self.stored.article
        return (before.body, before.title) != (self.article.body, self.article.title)


class Superseded:
    """Articles that were replaced or deleted lately: their texts may come again in this run,
    under another id, and need not be encoded again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, StoredArticle] = OrderedDict()
        self._characters = 0

    def keep(self, stored: StoredArticle | None) -> None:
        if stored is None or stored.fingerprint in self._kept:
            return
        self._kept[stored.fingerprint] = stored
        self._characters += len(stored.article.body)
        while self._characters > _KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._characters -= len(oldest.article.body)

    def get(self, text: str) -> StoredArticle | None:
        return self._kept.get(text)


class Drafts:
    """``changed`` and ``deleted`` say what is to be written."""

    def __init__(self, reader: Reader, superseded: Superseded) -> None:
        self._reader = reader
        self._superseded = superseded
        self._stored: dict[str, StoredArticle | None] = {}
        self._texts: dict[str, str | None] = {}
        self.changed: dict[str, Draft] = {}
        self.deleted: set[str] = set()

    def prefetch(self, ids: Iterable[str], texts: Iterable[str]) -> None:
        """In one call each what :meth:`now` and :meth:`with_text` will be asked for."""
        wanted = [text for text in dict.fromkeys(texts) if text not in self._texts]
        known = self._reader.fingerprints(wanted) if wanted else {}
        self._texts.update({text: known.get(text) for text in wanted})
        all_ids = sorted({*ids, *known.values()} - self._stored.keys())
        found = self._reader.fetch(all_ids) if all_ids else {}
        self._stored.update({article_id: found.get(article_id) for article_id in all_ids})

    def now(self, article_id: str) -> Draft | None:
        if article_id in self.deleted:
            return None
        if article_id in self.changed:
            return self.changed[article_id]
        if article_id not in self._stored:
            self.prefetch([article_id], [])
        stored = self._stored[article_id]
        return None if stored is None else Draft(stored.article, stored.fingerprint, stored)

    def with_text(self, text: str) -> Draft | None:
        if text not in self._texts:
            self.prefetch([], [text])
        article_id = self._texts[text]
        draft = None if article_id is None else self.now(article_id)
        # The one that had this text in the archive may have another by now.
        return draft if draft is not None and draft.text == text else None

    def put(self, article: Article, like: Draft | None = None) -> None:
        """``like`` has the same body and what was derived from it."""
        text = fingerprint(article)
        self._displace(article.id, text)
        stored = like.stored if like is not None else self._superseded.get(text)
        self.changed[article.id] = Draft(article, text, stored)
        self.deleted.discard(article.id)
        self._texts[text] = article.id

    def remove(self, article_id: str) -> None:
        self._displace(article_id, "")
        self.changed.pop(article_id, None)
        self.deleted.add(article_id)

    def _displace(self, article_id: str, text: str) -> None:
        before = self.now(article_id)
        if before is not None and before.text != text:
            self._superseded.keep(before.stored)
            if self._texts.get(before.text) == article_id:
                self._texts[before.text] = None
