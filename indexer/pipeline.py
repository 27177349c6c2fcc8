"""Sources into an archive: read, resolve, encode, write, batch by batch."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from byline.derivation import derive
from byline.embedding import Embedder, open_embedder
from byline.engines.base import Engine, LedgerEntry, Reader, Writer
from byline.engines.open import create_engine, open_engine
from byline.errors import ArchiveNotFound, BylineError, ModelMismatch
from byline.records import Article, ModelIdentity, StoredArticle
from byline.settings import Settings
from indexer.commits import Commits, committing
from indexer.drafts import Draft, Drafts
from indexer.report import Report, Tally
from indexer.resolution import Resolvable, Resolver
from indexer.sources import (
    STDIN,
    Finished,
    Found,
    Noted,
    ReadOptions,
    Rejected,
    any_file,
    read_sources,
    total_bytes,
)

#: Records a batch, and characters. With a model they take some seconds, which is what a crash or
#: Ctrl-C can cost; without one it is memory that sets the bounds.
_BATCH_WITH_MODEL = 128
_CHARACTERS_WITH_MODEL = 300_000
_BATCH_WITHOUT = 1000
_CHARACTERS_WITHOUT = 16_000_000
#: ``--model none``: an archive for words alone.
NO_MODEL = "none"


@dataclass(frozen=True, slots=True)
class Progress:
    """``bytes_done`` of ``bytes_total`` of the sources are read, and what stood in them is
    encoded; about, since nobody counts them exactly. The other counts are of this run."""

    bytes_done: int
    bytes_total: int
    records: int
    passages: int


Watch = Callable[[Progress], None]


def index(
    sources: Sequence[str],
    address: str,
    *,
    settings: Settings | None = None,
    model: str | None = None,
    options: ReadOptions | None = None,
    prune: bool = False,
    stdin: BinaryIO | None = None,
    watch: Watch | None = None,
) -> Report:
    """Take sources into the archive at ``address``, making it if there is none.

    Args:
        model: for a new archive, ``none`` for one without vectors; for one that exists it must
            be the archive's own. ``None``: the archive's own, else the settings'.
        prune: remove what has vanished from these sources since they were indexed.
        watch: called now and then.

    Returns:
        What was done. After Ctrl-C or SIGTERM its ``interrupted`` is set: what was committed
        stays, and running again continues.

    Raises:
        ModelMismatch: ``model`` is not the archive's.
        UsageError, ArchiveError, ModelError: see their docs. What was committed stays.
    """
    chosen = settings or Settings.load()
    reading = options or ReadOptions()
    run = _Run(sources, reading, chosen, model, prune, stdin, watch)
    engine = run.open(address)
    if engine is None:
        return run.nothing_to_read()
    try:
        return run.report(engine)
    finally:
        engine.close()


class _Run:
    """One call of :func:`index`."""

    def __init__(
        self,
        sources: Sequence[str],
        options: ReadOptions,
        settings: Settings,
        model: str | None,
        prune: bool,
        stdin: BinaryIO | None,
        watch: Watch | None,
    ) -> None:
        self._sources = sources
        self._options = options
        self._settings = settings
        self._model = model
        self._prune = prune
        self._stdin = stdin
        self._watch = watch
        self._embedder: Embedder | None = None
        self._tally = Tally()
        self._total = total_bytes(sources)
        self._done = 0
        self._within = 0
        self._pending = 0
        self._passages = 0
        self._records = 0
        self._read: dict[str, bool] = {}

    def open(self, address: str) -> Engine | None:
        """The archive's engine; the model is known to fit. ``None`` where there is no archive
        and nothing to make one of."""
        try:
            engine = open_engine(address, self._settings)
        except ArchiveNotFound:
            if not any_file(self._sources):
                return None
            name = self._model or self._settings.model
            identity = None if name == NO_MODEL else self._encoder(name).identity
            return create_engine(address, identity, self._settings)
        with engine.reader() as reader:
            identity = reader.manifest.model
        self._check_model(identity)
        return engine

    def _check_model(self, identity: ModelIdentity | None) -> None:
        if identity is None:
            if self._model not in (None, NO_MODEL):
                raise ModelMismatch(
                    "The archive was made without vectors.",
                    remedy=f"Add them with `byline reembed --model {self._model}`.",
                )
            return
        if self._model == NO_MODEL:
            raise ModelMismatch(
                f"The archive has vectors of {identity.name}.",
                remedy="Leave out --model, or drop them with `byline reembed --model none`.",
            )
        self._encoder(self._model or identity.name, identity)

    def _encoder(self, name: str, expected: ModelIdentity | None = None) -> Embedder:
        if self._embedder is None:
            self._embedder = open_model(name, self._settings, expected)
            if self._embedder.note:
                self._tally.notes.append(Noted(name, "", "slow-model", self._embedder.note))
        return self._embedder

    def nothing_to_read(self) -> Report:
        """What was named is not there: no archive is made of that."""
        for _ in self._batches(1, 1):
            pass
        return self._tally.report()

    def report(self, engine: Engine) -> Report:
        bounds = (_BATCH_WITH_MODEL, _CHARACTERS_WITH_MODEL)
        if self._embedder is None:
            bounds = (_BATCH_WITHOUT, _CHARACTERS_WITHOUT)
        with _interruptible(), engine.writer() as writer:
            try:
                with committing(writer.commit, self._tally.commit) as commits:
                    self._take_in(engine, writer, commits, bounds)
            except KeyboardInterrupt:
                return self._tally.report(interrupted=True)
            except BylineError as error:
                error.message += self._so_far()
                raise
        return self._tally.report()

    def _take_in(
        self, engine: Engine, writer: Writer, commits: Commits, bounds: tuple[int, int]
    ) -> None:
        resolver = Resolver(self._tally, self._has_vanished)
        for events in self._batches(*bounds):
            commits.wait()
            with engine.reader() as reader:
                drafts = resolver.resolve(events, reader)
            self._write(writer, drafts, commits)
        if self._prune:
            commits.wait()
            self._remove_vanished(engine, writer, resolver.missing)

    def _so_far(self) -> str:
        done = self._tally.committed("added") + self._tally.committed("updated")
        return f" {done} articles of this run are safely in the archive." if done else ""

    def _batches(self, most_records: int, most_characters: int) -> Iterator[list[Resolvable]]:
        """What is to be resolved, in batches, as it is read."""
        waiting: list[Resolvable] = []
        records = characters = 0
        for event in read_sources(self._sources, self._options, self._stdin):
            match event:
                case Found():
                    self._found(event)
                    waiting.append(event)
                    records += 1
                    characters += len(event.article.body)
                    if records >= most_records or characters >= most_characters:
                        yield waiting
                        waiting, records, characters = [], 0, 0
                case Rejected():
                    self._tally.rejected.append(event)
                    waiting.append(event)
                case Noted():
                    self._tally.notes.append(event)
                case Finished():
                    waiting.append(event)
                    self._done += event.size
                    self._within = 0
                    self._read[event.source] = event.complete
                    self._say()
        yield waiting

    def _found(self, event: Found) -> None:
        self._records += 1
        # Near enough for a bar that would else stand still through a large file.
        self._within += len(event.article.body)
        self._pending += len(event.article.body)
        self._tally.unused.update(event.unused)

    def _say(self) -> None:
        if self._watch is not None:
            # What was read but waits to be encoded is not done: that is what takes the time.
            done = max(0, min(self._total, self._done + self._within) - self._pending)
            self._watch(Progress(done, self._total, self._records, self._passages))

    def _write(self, writer: Writer, drafts: Drafts, commits: Commits) -> None:
        if drafts.changed or drafts.deleted:
            writer.delete(sorted(drafts.deleted))
            for stored in self._stored(drafts.changed.values()):
                writer.put([stored])
            commits.begin()
        else:
            self._tally.commit()
        self._pending = 0
        self._say()

    def _stored(self, drafts: Iterable[Draft]) -> Iterator[StoredArticle]:
        """What was encoded before is kept; the rest is encoded together."""
        fresh: list[Article] = []
        for draft in drafts:
            if draft.stored is None or draft.needs_deriving():
                fresh.append(draft.article)
            else:
                yield replace(draft.stored, article=draft.article)
        for stored in derive(fresh, self._embedder, watch=self._encoded):
            self._tally.count("passages", len(stored.passages))
            yield stored

    def _encoded(self, passages: int, characters: int) -> None:
        self._passages += passages
        # Passages overlap, so that this is a little more than the text.
        self._pending = max(0, self._pending - characters)
        self._say()

    def _remove_vanished(
        self, engine: Engine, writer: Writer, missing: dict[str, set[tuple[str, str]]]
    ) -> None:
        """Records that these sources had before and have no more."""
        gone: dict[str, set[tuple[str, str, str]]] = {}
        with engine.reader() as reader:
            for source in self._roots():
                for entry in reader.ledger(source):
                    if self._is_missing(entry, missing):
                        places = gone.setdefault(entry.article_id, set())
                        places.add((entry.source, entry.record, entry.sha256))
            self._tally.unpruned = [
                source for source, whole in self._read.items() if not whole or source == STDIN
            ]
            if gone:
                self._take_away(reader, writer, gone)
        self._tally.commit()

    def _roots(self) -> list[str]:
        """What was named, as origins have it: files and folders by their absolute paths."""
        paths = [source for source in self._sources if source != STDIN]
        roots = {str(Path(os.path.abspath(Path(path).expanduser()))) for path in paths}
        return sorted(roots | (self._read.keys() - {STDIN}))

    def _is_missing(self, entry: LedgerEntry, missing: dict[str, set[tuple[str, str]]]) -> bool:
        if entry.source in self._read:
            return (entry.record, entry.sha256) in missing.get(entry.source, ())
        # A file below a folder that was named.
        return self._has_vanished(entry.source)

    def _has_vanished(self, source: str) -> bool:
        """Whether a file is there no more. Of one that cannot be looked at that is not known, and
        a source that is no file, such as standard input, never vanishes."""
        if not Path(source).is_absolute():
            return False
        try:
            os.lstat(source)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except (OSError, ValueError):
            return False
        return False

    def _take_away(
        self, reader: Reader, writer: Writer, gone: dict[str, set[tuple[str, str, str]]]
    ) -> None:
        stored = reader.fetch(sorted(gone))
        for article_id, places in sorted(gone.items()):
            before = stored[article_id]
            origins = tuple(
                origin
                for origin in before.article.origins
                if (origin.source, origin.record, origin.sha256) not in places
            )
            if origins:
                writer.put([replace(before, article=replace(before.article, origins=origins))])
            else:
                writer.delete([article_id])
                self._tally.count("removed")
        writer.commit()


def open_model(name: str, settings: Settings, expected: ModelIdentity | None = None) -> Embedder:
    """Raises ModelNotFound, ModelMismatch."""
    cache = Path(settings.cache) if settings.cache else None
    return open_embedder(name, threads=settings.threads, cache=cache, expected=expected)


def remove(ids: Sequence[str], engine: Engine) -> tuple[int, tuple[str, ...]]:
    """Remove articles by id: how many were removed, and the ids that no article has."""
    with engine.reader() as reader:
        there = reader.fetch(ids)
    with engine.writer() as writer:
        removed = writer.delete(dict.fromkeys(ids))
        writer.commit()
    return removed, tuple(article_id for article_id in ids if article_id not in there)


def reembed(
    engine: Engine,
    model: str,
    settings: Settings,
    watch: Callable[[int, int], None] | None = None,
) -> int:
    """Cut and encode every article anew with ``model`` (``none``: drop the vectors).

    Until it is done searches use the old vectors; stopped before, nothing has changed.

    Args:
        watch: called with (articles done, articles in all).

    Returns:
        How many articles were encoded.
    """
    embedder = None if model == NO_MODEL else open_model(model, settings)
    with engine.reader() as reader:
        total = reader.stats().articles
    done = 0

    def renewed(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
        nonlocal done
        for stored in derive((old.article for old in articles), embedder):
            done += 1
            if watch is not None:
                watch(done, total)
            yield stored

    with _interruptible():
        engine.replace_model(embedder.identity if embedder else None, renewed)
    return done


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does, so that what runs jobs can stop it cleanly."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, before)
