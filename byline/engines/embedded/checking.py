"""Everything in an archive against everything else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import numpy as np

from byline.engines.base import Finding, Severity
from byline.engines.embedded import truth
from byline.engines.embedded.scan import CodesSnapshot
from byline.engines.embedded.words import WordsSnapshot
from byline.engines.soundness import all_sound
from byline.fingerprint import fingerprint
from byline.records import Manifest, ModelIdentity, StoredArticle
from byline.wording.numbers import counted

_REBUILD = "Run `byline rebuild`; nothing has to be encoded again."
_REEMBED = "Run `byline reembed`."
_REINDEX = "Restore the archive from a copy, or index its sources into a new one."
#: Half-precision numbers leave a unit vector this close to length 1.
_UNIT_TOLERANCE = 2e-3


def check(
    connection: sqlite3.Connection,
    manifest: Manifest,
    words: WordsSnapshot,
    codes: CodesSnapshot | None,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    yield from _database(connection)
    yield from _articles(connection, manifest.model, words.version, progress)
    live = {num for chunk in truth.scan_nums(connection, words.version) for num in chunk}
    yield from _words(words, live)
    if manifest.model is not None:
        yield from _codes(connection, codes, live)


def _ok(code: str, message: str) -> Finding:
    return Finding(code, Severity.OK, message)


def _damage(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.DAMAGE, message, remedy)


def _database(connection: sqlite3.Connection) -> Iterator[Finding]:
    rows = [text for (text,) in connection.execute("PRAGMA integrity_check(20)")]
    if rows == ["ok"]:
        yield _ok("database", "The database file is whole.")
    else:
        yield _damage("database", f"The database is damaged: {'; '.join(rows)}.", _REINDEX)


def _articles(
    connection: sqlite3.Connection,
    model: ModelIdentity | None,
    version: int,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    """One finding for each kind of fault, with the articles that have it."""
    faults: dict[tuple[str, str], list[str]] = {}
    nums = [num for chunk in truth.scan_nums(connection, version) for num in chunk]
    for done, num in enumerate(nums, start=1):
        try:
            stored = truth.fetch(connection, [num])[num]
        except (ValueError, TypeError) as error:
            faults.setdefault((f"cannot be read ({error})", _REINDEX), []).append(f"number {num}")
            continue
        for fault, remedy in _faults(stored, model):
            faults.setdefault((fault, remedy), []).append(stored.article.id)
        if progress:
            progress(done, len(nums))
    for (fault, remedy), ids in faults.items():
        named = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        yield _damage("articles", f"{counted(len(ids), 'article')}: {fault}: {named}.", remedy)
    if not faults:
        yield _ok("articles", all_sound(len(nums)))


def _faults(stored: StoredArticle, model: ModelIdentity | None) -> Iterator[tuple[str, str]]:
    body = stored.article.body
    if stored.fingerprint != fingerprint(stored.article):
        yield "the fingerprint is not that of the text", _REINDEX
    if not stored.article.origins:
        yield "no origin is known", _REINDEX
    covered = np.zeros(len(body), bool)
    for span in (*stored.passages, *stored.sentences):
        if not 0 <= span.start < span.end <= len(body):
            yield "a passage or sentence lies outside the body", _REEMBED
            return
    for passage in stored.passages:
        covered[passage.start : passage.end] = True
    if any(not body[place].isspace() for place in np.flatnonzero(~covered)):
        yield "a part of the body is in no passage", _REEMBED
    if model is None:
        return
    vectors, codes = stored.vectors, stored.sentence_codes
    if vectors is None or len(vectors) != len(stored.passages):
        yield "passages have no vectors", _REEMBED
    elif len(vectors) and vectors.shape[1] != model.dimension:
        yield "vectors have another dimension than the model's", _REEMBED
    elif len(vectors):
        lengths = np.linalg.norm(vectors.astype(np.float32), axis=1)
        if not np.all(np.abs(lengths - 1) < _UNIT_TOLERANCE):
            yield "vectors are not of unit length", _REEMBED
    if codes is None or len(codes) != len(stored.sentences):
        yield "sentences have no codes", _REEMBED


def _words(words: WordsSnapshot, live: set[int]) -> Iterator[Finding]:
    there = set(words.nums(words.compiler.everything()).tolist())
    if there == live:
        yield _ok("words-index", f"The words index holds the {counted(len(live), 'article')}.")
        return
    message = (
        f"The words index lacks {len(live - there)} articles and holds {len(there - live)} "
        "that are not stored."
    )
    yield _damage("words-index", message, _REBUILD)


def _codes(
    connection: sqlite3.Connection, codes: CodesSnapshot | None, live: set[int]
) -> Iterator[Finding]:
    there = set(codes.nums.tolist()) if codes is not None else set()
    rows = connection.execute("SELECT num FROM articles WHERE length(vectors) > 0")
    wanted = {num for (num,) in rows} & live
    if codes is None or wanted - there:
        message = f"The vector index lacks {len(wanted - there)} articles."
        yield _damage("vector-index", message, _REBUILD)
        return
    wrong = codes.mismatches(truth.vectors_of(connection, sorted(wanted)))
    if wrong:
        message = f"The vector index holds other vectors than are stored for {wrong} articles."
        yield _damage("vector-index", message, _REBUILD)
    else:
        yield _ok("vector-index", f"The vector index holds the {counted(len(wanted), 'article')}.")
