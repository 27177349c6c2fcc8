"""An archive into another, whichever engines store them, and proof that two are equal.

Both are read in the order of their ids, side by side, so memory stays bounded; whatever the
target has already is left as it is. So a copy that was broken off is completed by running it
again, and one that is done again writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from byline.engines.base import Engine, Finding, Reader, Severity, Writer
from byline.engines.open import create_engine, open_engine
from byline.errors import ArchiveNotFound, BadArchiveAddress, ModelMismatch
from byline.records import Manifest, StoredArticle
from byline.settings import Settings
from byline.wording.numbers import counted

Progress = Callable[[int, int], None]

#: Articles, and bytes of text and vectors, of one commit of the target.
_BATCH = 500
_BATCH_BYTES = 24_000_000
#: Ids kept for a message, of however many there are.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Copied:
    """What was done to the target. ``beyond``: articles it has that the source does not."""

    added: int
    updated: int
    unchanged: int
    removed: int
    beyond: int


@dataclass(slots=True)
class Comparison:
    """How two archives differ; ids of the first few of each kind.

    ``different``: id → which parts of it are not the same.
    """

    equal: int = 0
    only_first: int = 0
    only_second: int = 0
    different: int = 0
    named_first: list[str] = field(default_factory=list)
    named_second: list[str] = field(default_factory=list)
    named_different: dict[str, tuple[str, ...]] = field(default_factory=dict)


def copy(
    source: Engine, target: Engine, *, prune: bool = False, progress: Progress | None = None
) -> Copied:
    """Make ``target`` hold what ``source`` holds, vectors included; nothing is encoded.

    Args:
        prune: remove from the target what the source does not have.
        progress: gets (done, total) in articles of the source.

    Raises:
        ModelMismatch: the target's vectors are of another model.
        ArchiveBusy: something else writes to the target.
    """
    with source.reader() as here, target.reader() as there, target.writer() as writer:
        _check_models(source, here.manifest, target, there.manifest)
        total = here.stats().articles
        counts = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0, "beyond": 0}
        batch = _Batch(writer)
        done = 0
        for ours, theirs in _side_by_side(here, there):
            if ours is None:
                assert theirs is not None  # noqa: S101 - one of both is there
                counts["removed" if prune else "beyond"] += 1
                if prune:
                    batch.remove(theirs.article.id)
                continue
            done += 1
            if theirs is not None and not differences(ours, theirs):
                counts["unchanged"] += 1
            else:
                counts["added" if theirs is None else "updated"] += 1
                batch.put(ours)
            if progress is not None:
                progress(done, max(done, total))
        batch.commit()
    return Copied(**counts)


class _Batch:
    """What the target is to have and to lose, committed as often as its bounds are reached."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._articles: list[StoredArticle] = []
        self._gone: list[str] = []
        self._size = 0

    def put(self, stored: StoredArticle) -> None:
        self._articles.append(stored)
        self._size += _size(stored)
        self._commit_if_full()

    def remove(self, article_id: str) -> None:
        self._gone.append(article_id)
        self._commit_if_full()

    def _commit_if_full(self) -> None:
        full = len(self._articles) + len(self._gone) >= _BATCH
        if full or self._size >= _BATCH_BYTES:
            self.commit()

    def commit(self) -> None:
        """Nothing where there is nothing."""
        if not self._articles and not self._gone:
            return
        self._writer.put(self._articles)
        self._writer.delete(self._gone)
        self._writer.commit()
        self._articles, self._gone, self._size = [], [], 0


def open_or_create(address: str, source: Engine, settings: Settings) -> Engine:
    """The archive to copy into; where there is none, one for vectors of the same model.

    Raises:
        BadArchiveAddress: it is the source itself.
    """
    try:
        target = open_engine(address, settings)
    except ArchiveNotFound:
        with source.reader() as reader:
            return create_engine(address, reader.manifest.model, settings)
    if target.address == source.address:
        target.close()
        raise BadArchiveAddress(
            f"{source.address} cannot be copied into itself.", remedy="Name another archive."
        )
    return target


def compare(first: Reader, second: Reader, progress: Progress | None = None) -> Comparison:
    """Article by article; equal means byte for byte, vectors and origins included."""
    found = Comparison()
    total = max(first.stats().articles, second.stats().articles)
    for done, (one, other) in enumerate(_side_by_side(first, second), start=1):
        if one is None:
            found.only_second += 1
            if other is not None and len(found.named_second) < _NAMED:
                found.named_second.append(other.article.id)
        elif other is None:
            found.only_first += 1
            if len(found.named_first) < _NAMED:
                found.named_first.append(one.article.id)
        elif parts := differences(one, other):
            found.different += 1
            if len(found.named_different) < _NAMED:
                found.named_different[one.article.id] = parts
        else:
            found.equal += 1
        if progress is not None:
            progress(done, max(done, total))
    return found


def findings_against(
    engine: Engine, other: Engine, progress: Progress | None = None
) -> Iterator[Finding]:
    """What ``byline check --against`` says: that both are equal, or how they differ."""
    remedy = f"Run `byline copy {engine.address} {other.address}`."
    prune = f"Run `byline copy {engine.address} {other.address} --prune`."
    with engine.reader() as first, other.reader() as second:
        mismatch = _model_difference(first.manifest, second.manifest)
        if mismatch:
            message = f"The models differ: {mismatch}."
            yield Finding("models", Severity.DAMAGE, message, "Copy into a new archive instead.")
        else:
            yield Finding("models", Severity.OK, "Both have vectors of the same model.")
        found = compare(first, second, progress)
    changed = [f"{name} ({', '.join(parts)})" for name, parts in found.named_different.items()]
    rows = (
        ("lacking", found.only_first, f"{other.address} lacks", found.named_first, remedy),
        ("beyond", found.only_second, f"{engine.address} lacks", found.named_second, prune),
        ("different", found.different, "Not the same in both:", changed, remedy),
    )
    for code, count, text, named, mends in rows:
        if count:
            more = f" and {count - len(named):,} more" if count > len(named) else ""
            message = f"{text} {counted(count, 'article')}: {', '.join(named)}{more}."
            yield Finding(code, Severity.DAMAGE, message, mends)
    if not found.only_first and not found.only_second and not found.different:
        are = "is" if found.equal == 1 else "are"
        message = f"{counted(found.equal, 'article')} {are} the same in both, byte for byte."
        yield Finding("equal", Severity.OK, message)


def differences(one: StoredArticle, other: StoredArticle) -> tuple[str, ...]:
    """Names of the parts that are not the same."""
    parts = {
        "article": one.article == other.article,
        "fingerprint": one.fingerprint == other.fingerprint,
        "passages": one.passages == other.passages,
        "vectors": _same(one.vectors, other.vectors),
        "sentences": one.sentences == other.sentences,
        "sentence codes": _same(one.sentence_codes, other.sentence_codes),
    }
    return tuple(name for name, same in parts.items() if not same)


def _same(one: npt.NDArray[np.generic] | None, other: npt.NDArray[np.generic] | None) -> bool:
    if one is None or other is None:
        return one is other
    if not one.size and not other.size:
        return len(one) == len(other)
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _side_by_side(
    first: Reader, second: Reader
) -> Iterator[tuple[StoredArticle | None, StoredArticle | None]]:
    """Each id once, with what either has of it."""
    left, right = first.scan(), second.scan()
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.article.id < other.article.id):
            yield one, None
            one = next(left, None)
        elif one is None or other.article.id < one.article.id:
            yield None, other
            other = next(right, None)
        else:
            yield one, other
            one, other = next(left, None), next(right, None)


def _check_models(source: Engine, here: Manifest, target: Engine, there: Manifest) -> None:
    mismatch = _model_difference(here, there)
    if mismatch:
        raise ModelMismatch(
            f"{source.address} and {target.address} have different models: {mismatch}.",
            remedy="Copy into a new archive, or encode one of them anew with `byline reembed`.",
        )


def _model_difference(here: Manifest, there: Manifest) -> str:
    """In words; empty where their vectors can be compared."""
    if here.model is None or there.model is None:
        if here.model is there.model:
            return ""
        return f"only {'the second' if here.model is None else 'the first'} has vectors"
    pairs = here.model.differences(there.model)
    return "; ".join(f"{name} {ours!r} and {theirs!r}" for name, (ours, theirs) in pairs.items())


def _size(stored: StoredArticle) -> int:
    vectors = 0 if stored.vectors is None else stored.vectors.nbytes
    return len(stored.article.body) + vectors
