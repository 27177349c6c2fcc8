"""What becomes of each record: a new article, a new version of one, or one more origin.

An article has one text; a text has one article. A record is known by its origin (source and
place in it). A batch of records is resolved against the archive as it was at the last commit,
in the order in which they were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from byline.engines.base import LedgerEntry, Reader
from byline.fingerprint import fingerprint
from byline.records import Article, Origin, StoredArticle
from indexer.report import Tally
from indexer.sources import Found, Rejected
from indexer.sources.fields import Where, made_id


@dataclass(slots=True)
class Draft:
    """An article as this batch leaves it. ``stored`` has its passages, if its text is as it was."""

    article: Article
    stored: StoredArticle | None

    def needs_encoding(self) -> bool:
        """Whether what the model reads has changed: the body, or the title before it."""
        if self.stored is None:
            return True
        before = self.stored.article
        return (before.body, before.title) != (self.article.body, self.article.title)


@dataclass(slots=True)
class Ledgers:
    """What is known of the records of each source, looked up once a source."""

    reader_of_run: dict[str, dict[str, LedgerEntry]] = field(default_factory=dict)

    def of(self, source: str, reader: Reader) -> dict[str, LedgerEntry]:
        if source not in self.reader_of_run:
            entries = {
                entry.record: entry for entry in reader.ledger(source) if entry.source == source
            }
            self.reader_of_run[source] = entries
        return self.reader_of_run[source]


class Batch:
    """Resolves some records and says what to put and what to delete."""

    def __init__(self, reader: Reader, ledgers: Ledgers, tally: Tally, run: dict[str, str]) -> None:
        """``run``: id → fingerprint of the articles that this run has read so far."""
        self._reader = reader
        self._ledgers = ledgers
        self._tally = tally
        self._run = run
        self.drafts: dict[str, Draft] = {}
        self.deleted: set[str] = set()
        self._by_text: dict[str, str] = {}

    def resolve(self, records: Sequence[Found]) -> None:
        texts = [fingerprint(found.article) for found in records]
        self._by_text = self._reader.fingerprints(list(dict.fromkeys(texts)))
        self._prefetch(records)
        for found, text in zip(records, texts, strict=True):
            self._one(found.article, text)

    def _prefetch(self, records: Sequence[Found]) -> None:
        """All articles that the batch may touch, in one call of the engine."""
        ids = {found.article.id for found in records} | set(self._by_text.values())
        for found in records:
            prior = self._prior(found.article.origins[0])
            if prior is not None:
                ids.add(prior.article_id)
        self._stored = self._reader.fetch(sorted(ids))

    def _prior(self, origin: Origin) -> LedgerEntry | None:
        return self._ledgers.of(origin.source, self._reader).get(origin.record)

    def _now(self, article_id: str) -> Draft | None:
        """The article as it is after what this batch did so far."""
        if article_id in self.deleted:
            return None
        draft = self.drafts.get(article_id)
        if draft is not None:
            return draft
        stored = self._stored.get(article_id)
        return None if stored is None else Draft(stored.article, stored)

    def _one(self, article: Article, text: str) -> None:
        origin = article.origins[0]
        prior = self._prior(origin)
        if prior is not None and prior.sha256 == origin.sha256:
            self._run.setdefault(prior.article_id, text)
            self._tally.count("unchanged")
            return
        twin_id = self._by_text.get(text)
        twin = self._now(twin_id) if twin_id is not None else None
        if twin is not None and twin_id is not None:
            self._join(twin_id, twin, article, prior)
            return
        if self._run.get(article.id, text) != text:
            self._conflict(article)
            return
        self._run[article.id] = text
        self._add(article, text, prior)

    def _join(self, twin_id: str, twin: Draft, article: Article, prior: LedgerEntry | None) -> None:
        """The text is there already: as this record's own article, or as another's."""
        origin = article.origins[0]
        self._run.setdefault(twin_id, fingerprint(twin.article))
        same_record = prior is not None and prior.article_id == twin_id
        if same_record:
            others = _without(twin.article.origins, origin)
            renewed = replace(article, id=twin_id, origins=(origin, *others))
            self._tally.count("updated")
        else:
            if prior is not None:
                self._leave(prior.article_id, origin)
            others = _without(twin.article.origins, origin)
            renewed = replace(twin.article, origins=(*others, origin))
            self._tally.count("duplicates")
        self.drafts[twin_id] = Draft(renewed, twin.stored)

    def _add(self, article: Article, text: str, prior: LedgerEntry | None) -> None:
        """A text that no article has: a new article, or a new version of one."""
        origin = article.origins[0]
        if prior is not None and prior.article_id != article.id:
            self._leave(prior.article_id, origin)
        before = self._now(article.id)
        if before is not None and prior is not None:
            self._keep_for_others(before, origin)
        stored = before.stored if before is not None else None
        self.drafts[article.id] = Draft(article, stored)
        self.deleted.discard(article.id)
        self._by_text[text] = article.id
        self._tally.count("added" if before is None and prior is None else "updated")

    def _keep_for_others(self, before: Draft, origin: Origin) -> None:
        """The old text stays for the other sources that hold it, under an id of their own."""
        others = _without(before.article.origins, origin)
        if not others:
            return
        first = others[0]
        kept_id = made_id(Where(first.source, first.record, b""))
        kept = replace(before.article, id=kept_id, origins=others)
        self.drafts[kept_id] = Draft(kept, before.stored)
        self._by_text[fingerprint(kept)] = kept_id

    def _leave(self, article_id: str, origin: Origin) -> None:
        """A record no longer holds the text of an article."""
        before = self._now(article_id)
        if before is None:
            return
        others = _without(before.article.origins, origin)
        if others:
            self.drafts[article_id] = Draft(replace(before.article, origins=others), before.stored)
        else:
            self.drafts.pop(article_id, None)
            self.deleted.add(article_id)
            self._by_text = {
                text: known for text, known in self._by_text.items() if known != article_id
            }

    def _conflict(self, article: Article) -> None:
        origin = article.origins[0]
        message = (
            f"Another record of this run has the id {article.id!r} and a different text; give "
            "the records ids of their own, or index one of the sources into another archive."
        )
        self._tally.rejected.append(Rejected(origin.source, origin.record, "id-conflict", message))


def _without(origins: Sequence[Origin], origin: Origin) -> tuple[Origin, ...]:
    """``origins`` but for the record that ``origin`` names."""
    place = (origin.source, origin.record)
    return tuple(other for other in origins if (other.source, other.record) != place)
