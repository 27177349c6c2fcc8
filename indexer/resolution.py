"""What becomes of each record: a new article, a new version of one, or one more origin.

An article has one text, and a text has one article. Which article a record is follows from its
id, and only where it has none of its own from its place (source and line). Lines are put in and
taken out, so what stands on line 7 today need not be what stood there yesterday: a record without
an id that is not known waits until its source has been read. If what stood in its place has come
up elsewhere by then, or comes up nowhere since the source could not be read to its end, the
record is new; else it is that article changed.

Records are resolved in the order in which they are read, a batch at a time, against the archive
as it was at the last commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from byline.engines.base import Reader
from byline.fingerprint import fingerprint
from byline.records import Article, Origin
from indexer.drafts import Draft, Drafts, Superseded
from indexer.ledger import SourceLedger
from indexer.report import Copy, Tally
from indexer.sources import STDIN, Finished, Found, Rejected, place_id

Resolvable: TypeAlias = Found | Rejected | Finished

#: Characters that wait for the end of their source; with more, they are taken for changed.
_MOST_WAITING = 8_000_000


@dataclass(frozen=True, slots=True)
class Former:
    """An article, and that of its origins which is an earlier state of a record."""

    draft: Draft
    origin: Origin

    @property
    def is_first(self) -> bool:
        """Whether the article is as this origin has it; it is a copy there otherwise."""
        return self.origin is self.draft.article.origins[0]


class Resolver:
    """Resolves the records of one run.

    Args:
        has_vanished: whether a source is there no more, and not only unreadable.

    Attributes:
        missing: source → record and digest of what was indexed from it before and is not in it
            now, of sources that were read to their end.
    """

    def __init__(self, tally: Tally, has_vanished: Callable[[str], bool]) -> None:
        self._tally = tally
        self._has_vanished = has_vanished
        self._ledgers: dict[str, SourceLedger] = {}
        self._claimed: set[str] = set()
        self._split: dict[Origin, str] = {}
        self._superseded = Superseded()
        self.missing: dict[str, set[tuple[str, str]]] = {}

    def resolve(self, events: Sequence[Resolvable], reader: Reader) -> Drafts:
        """What is to be written."""
        self._reader = reader
        self._drafts = Drafts(reader, self._superseded)
        self._prefetch(events)
        for event in events:
            match event:
                case Found():
                    self._found(event.article)
                case Rejected():
                    if event.record:
                        self._ledger(event.source).keep(event.record)
                case Finished():
                    self._finish(event)
                case _:
                    assert_never(event)
        return self._drafts

    def _ledger(self, source: str) -> SourceLedger:
        if source not in self._ledgers:
            self._ledgers[source] = SourceLedger(source, self._reader.ledger(source))
        return self._ledgers[source]

    def _prefetch(self, events: Sequence[Resolvable]) -> None:
        """All that the batch will look at, in two calls of the engine."""
        articles = [event.article for event in events if isinstance(event, Found)]
        for event in events:
            if isinstance(event, Finished):
                articles += self._ledger(event.source).waiting
        ids, texts = set[str](), list[str]()
        for article in articles:
            origin = article.origins[0]
            ledger = self._ledger(origin.source)
            if ledger.unchanged(origin) is None:
                ids.add(article.id)
                ids.update(entry.article_id for entry in ledger.at(origin.record))
                ids.update(entry.article_id for entry in ledger.moved(origin))
                texts.append(fingerprint(article))
        if ids:
            self._drafts.prefetch(ids, texts)

    # One record.

    def _found(self, article: Article) -> None:
        origin = article.origins[0]
        ledger = self._ledger(origin.source)
        ledger.see(origin)
        entry = ledger.unchanged(origin)
        if entry is not None:
            if entry.article_id == article.id:
                self._claimed.add(article.id)
            self._tally.count("unchanged")
        elif self._move(article, ledger):
            self._tally.count("unchanged")
        elif origin.record and _is_placed(article) and self._at_place(article, ledger):
            if ledger.wait(article) > _MOST_WAITING:
                self._decide(ledger)
        else:
            self._resolve(article, ledger)

    def _move(self, article: Article, ledger: SourceLedger) -> bool:
        """Whether it is a record that stood in another place of its source before."""
        origin = article.origins[0]
        for entry in ledger.moved(origin):
            draft = self._drafts.now(entry.article_id)
            before = draft and _at(draft.article.origins, origin.source, entry.record)
            if draft and before and before.sha256 == origin.sha256:
                self._put_with(draft, _instead(draft.article.origins, before, origin))
                ledger.give_up(before)
                if draft.article.id == article.id:
                    self._claimed.add(article.id)
                return True
        return False

    def _decide(self, ledger: SourceLedger, *, complete: bool = True) -> None:
        """What waited is new if what stood in its place has come up elsewhere (then the ledger
        has nothing in that place any more), else it is that article changed."""
        for article in ledger.waited():
            self._resolve(article, ledger, replaces=complete)

    def _resolve(self, article: Article, ledger: SourceLedger, *, replaces: bool = True) -> None:
        """``replaces``: whether it may take the place of what stood there before."""
        former = self._former(article, ledger) if replaces else None
        twin = self._drafts.with_text(fingerprint(article))
        if twin is not None:
            self._join(twin, former, article, ledger)
        else:
            self._renew_or_add(former, article, ledger)

    def _former(self, article: Article, ledger: SourceLedger) -> Former | None:
        """The article that the record was before: by its id, else by its place."""
        if _is_placed(article):
            return self._at_place(article, ledger)
        own = self._drafts.now(article.id)
        origin = own and _earlier(own.article, article.origins[0], ledger)
        return Former(own, origin) if own and origin else None

    def _at_place(self, article: Article, ledger: SourceLedger) -> Former | None:
        """What stands at the record's place in the archive; where records have moved that can be
        several, of which the one read last is meant."""
        place = article.origins[0]
        held: list[Former] = []
        for entry in ledger.at(place.record):
            draft = self._drafts.now(entry.article_id)
            origin = draft and _at(draft.article.origins, place.source, place.record)
            if draft and origin and origin.sha256 == entry.sha256:
                held.append(Former(draft, origin))
        return max(held, key=lambda former: former.origin.fetched_at, default=None)

    def _join(
        self, twin: Draft, former: Former | None, article: Article, ledger: SourceLedger
    ) -> None:
        """The text is there already: as this record's own article, or as another's."""
        origin = article.origins[0]
        origins = twin.article.origins
        before = _at(origins, origin.source, origin.record)
        if before is None and (twin.article.id == article.id or _is_placed(article)):
            before = _earlier(twin.article, origin, ledger)
        if before is None:
            if former is not None:
                self._take_off(former, ledger)
            self._put_with(twin, (*origins, origin))
            self._tally.copy(Copy(origin.source, origin.record, twin.article.id))
            return
        ledger.give_up(before)
        if before is origins[0]:
            self._rename(twin, replace(article, origins=(origin, *origins[1:])))
        else:
            # What the article says is the first origin's to say.
            self._put_with(twin, _instead(origins, before, origin))
        self._claimed.add(article.id)
        self._tally.count("updated")

    def _rename(self, twin: Draft, renewed: Article) -> None:
        """The article under the id that its record has now, if it is its own and free."""
        old = twin.article.id
        free = renewed.id not in self._claimed and self._drafts.now(renewed.id) is None
        if renewed.id == old or _is_placed(renewed) or not free:
            self._drafts.put(replace(renewed, id=old), like=twin)
            return
        self._drafts.put(renewed, like=twin)
        self._drafts.remove(old)

    def _renew_or_add(self, former: Former | None, article: Article, ledger: SourceLedger) -> None:
        """A text that no article has: a new version of an article, or a new one."""
        placed = _is_placed(article)
        own = None if placed else self._drafts.now(article.id)
        if own and article.id in self._claimed:
            self._refuse(article, ledger, "Another record of this run has this id and another text")
        elif former and former.is_first:
            self._keep_for_others(former)
            ledger.give_up(former.origin)
            # A placed article keeps the id that it got where its record stood first.
            self._add(replace(article, id=former.draft.article.id), "updated")
        elif own and self._is_abandoned(own.article, former):
            self._add(article, "updated")
        elif own:
            holder = own.article.origins[0]
            place = f"{holder.source}, {holder.record}" if holder.record else holder.source
            self._refuse(article, ledger, f"The archive has an article with this id from {place}")
        else:
            if former:
                self._take_off(former, ledger)
            if placed:
                article = replace(article, id=self._free_id(article.origins[0], article))
            self._add(article, "added")

    def _add(self, article: Article, counted: str) -> None:
        self._drafts.put(article)
        self._claimed.add(article.id)
        self._tally.count(counted)

    def _is_abandoned(self, article: Article, former: Former | None) -> bool:
        """Whether all places that hold the article, but for that of the record, are no more."""
        others = _without(article.origins, former.origin) if former else article.origins
        return all(self._has_vanished(origin.source) for origin in others)

    def _take_off(self, former: Former, ledger: SourceLedger) -> None:
        """A record has left its article, for the text of another."""
        ledger.give_up(former.origin)
        article = former.draft.article
        others = _without(article.origins, former.origin)
        if others:
            self._put_with(former.draft, others)
        else:
            self._drafts.remove(article.id)

    def _keep_for_others(self, former: Former) -> None:
        """The old text stays for the other places that hold it, under an id of its own."""
        others = _without(former.draft.article.origins, former.origin)
        if others:
            article = former.draft.article
            name = self._free_id(others[0], article)
            self._split.update(dict.fromkeys(others, name))
            self._drafts.put(replace(article, id=name, origins=others), like=former.draft)

    def _free_id(self, origin: Origin, article: Article) -> str:
        """Of a place, or if another article has that one, of the place and the text."""
        placed = place_id(origin.source, origin.record)
        if placed not in self._claimed and self._drafts.now(placed) is None:
            return placed
        return place_id(origin.source, f"{origin.record}\n{fingerprint(article)}")

    def _put_with(self, draft: Draft, origins: tuple[Origin, ...]) -> None:
        self._drafts.put(replace(draft.article, origins=origins), like=draft)

    def _refuse(self, article: Article, ledger: SourceLedger, why: str) -> None:
        origin = article.origins[0]
        ledger.keep(origin.record)
        message = (
            f"{why}, {article.id!r}; give the records ids of their own to keep both, or remove "
            "the one that is out of date and run the same command again."
        )
        self._tally.rejected.append(Rejected(origin.source, origin.record, "id-conflict", message))

    # The end of a source.

    def _finish(self, event: Finished) -> None:
        ledger = self._ledger(event.source)
        self._decide(ledger, complete=event.complete)
        del self._ledgers[event.source]
        if event.source == STDIN or not event.complete:
            return
        missing = list(ledger.missing())
        if missing:
            self._drafts.prefetch((entry.article_id for entry in missing), ())
            self.missing[event.source] = {(entry.record, entry.sha256) for entry in missing}
        split = {
            (o.record, o.sha256): n for o, n in self._split.items() if o.source == event.source
        }
        for entry in missing:
            name = split.get((entry.record, entry.sha256), entry.article_id)
            draft = self._drafts.now(name)
            origin = draft and _at(draft.article.origins, entry.source, entry.record)
            if draft and origin and origin.sha256 == entry.sha256:
                self._forget(Former(draft, origin), ledger)

    def _forget(self, former: Former, ledger: SourceLedger) -> None:
        """An article is not remembered where something else stands now. With its last place it
        goes by ``--prune`` alone, unless it was split from one that changed in all its places."""
        others = _without(former.draft.article.origins, former.origin)
        replaced = ledger.has_seen(former.origin.record)
        if (others and replaced) or former.origin in self._split:
            self._take_off(former, ledger)


def _is_placed(article: Article) -> bool:
    """Whether the record had no id of its own, so that its id was made of its place."""
    origin = article.origins[0]
    return origin.source != STDIN and article.id == place_id(origin.source, origin.record)


def _earlier(held: Article, origin: Origin, ledger: SourceLedger) -> Origin | None:
    """The origin of ``held`` that can be an earlier state of the record at ``origin``."""
    same_place = _at(held.origins, origin.source, origin.record)
    if same_place is not None:
        return same_place
    same_source = (other for other in held.origins if other.source == origin.source)
    return next((other for other in same_source if not ledger.is_current(other)), None)


def _at(origins: Sequence[Origin], source: str, record: str) -> Origin | None:
    return next((o for o in origins if (o.source, o.record) == (source, record)), None)


def _instead(origins: Sequence[Origin], old: Origin, new: Origin) -> tuple[Origin, ...]:
    return tuple(new if origin is old else origin for origin in origins)


def _without(origins: Sequence[Origin], leaving: Origin) -> tuple[Origin, ...]:
    return tuple(origin for origin in origins if origin is not leaving)
