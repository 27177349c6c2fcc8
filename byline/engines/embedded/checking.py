"""Everything in an archive against everything else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from byline.engines.base import Finding, Severity
from byline.engines.embedded import schema, truth, words_files
from byline.engines.embedded.scan import CodesSnapshot
from byline.engines.embedded.words import WordsSnapshot
from byline.engines.soundness import REEMBED, REINDEX, all_sound, faults
from byline.records import Manifest, ModelIdentity
from byline.wording.numbers import counted

_REBUILD = "Run `byline rebuild`; nothing has to be encoded again."


def check(
    folder: Path,
    connection: sqlite3.Connection,
    manifest: Manifest,
    words: WordsSnapshot,
    codes: CodesSnapshot | None,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    yield from _database(connection)
    broken = words_files.broken(folder)
    # What lies in broken files is not asked: Tantivy would give up, or answer anything.
    indexed = {} if broken else words.digests()
    yield from _articles(connection, manifest.model, words.version, indexed, progress)
    live = {num for chunk in truth.scan_nums(connection, words.version) for num in chunk}
    yield from _words(indexed.keys(), live, broken)
    if manifest.model is not None:
        yield from _codes(connection, codes, live, manifest.model.dimension)


def _ok(code: str, message: str) -> Finding:
    return Finding(code, Severity.OK, message)


def _damage(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.DAMAGE, message, remedy)


def _database(connection: sqlite3.Connection) -> Iterator[Finding]:
    rows = [text for (text,) in connection.execute("PRAGMA integrity_check(20)")]
    if rows == ["ok"]:
        yield _ok("database", "The database file is whole.")
    else:
        yield _damage("database", f"The database is damaged: {'; '.join(rows)}.", REINDEX)
    lacking = truth.lacking_indexes(connection)
    if lacking:
        message = f"The database lacks its own indexes {', '.join(lacking)}."
        yield _damage("database", message, _REBUILD)
    orphans = truth.orphan_origins(connection)
    if orphans:
        message = f"The database holds {counted(orphans, 'origin')} of no article."
        yield _damage("database", message, _REBUILD)


def _articles(
    connection: sqlite3.Connection,
    model: ModelIdentity | None,
    version: int,
    indexed: Mapping[int, int],
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    """One finding for each kind of fault, with the articles that have it."""
    found: dict[tuple[str, str], list[str]] = {}
    counts = dict(connection.execute("SELECT num, passages FROM articles"))
    nums = [num for chunk in truth.scan_nums(connection, version) for num in chunk]
    for done, num in enumerate(nums, start=1):
        try:
            stored = truth.fetch(connection, [num])[num]
        except (ValueError, TypeError) as error:
            unreadable, named = _unreadable(connection, num, error)
            found.setdefault(unreadable, []).append(named)
            continue
        wrong = list(faults(stored, model))
        if counts[num] != len(stored.passages):
            wrong.append(("another number of passages is counted than there are", _REBUILD))
        if indexed.get(num) not in (None, schema.digest(stored.article)):
            wrong.append(("the words index holds another text or author, or other facts", _REBUILD))
        for one in wrong:
            found.setdefault(one, []).append(stored.article.id)
        if progress:
            progress(done, len(nums))
    for (fault, remedy), ids in found.items():
        named = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        yield _damage("articles", f"{counted(len(ids), 'article')}: {fault}: {named}.", remedy)
    if not found:
        yield _ok("articles", all_sound(len(nums)))


def _unreadable(
    connection: sqlite3.Connection, num: int, error: Exception
) -> tuple[tuple[str, str], str]:
    """The fault with what mends it, and the article's name: what a model made of a text can be
    made again, as long as that is there."""
    try:
        article = truth.fetch(connection, [num], passages=False)[num].article
    except (ValueError, TypeError):
        return (f"cannot be read ({error})", REINDEX), f"number {num}"
    fault = f"its text is whole, its passages or vectors cannot be read ({error})"
    return (fault, REEMBED), article.id


def _words(there: AbstractSet[int], live: set[int], broken: list[str]) -> Iterator[Finding]:
    if broken:
        message = f"Files of the words index are not as they were written: {', '.join(broken)}."
        yield _damage("words-index", message, _REBUILD)
        return
    if there == live:
        yield _ok("words-index", f"The words index holds the {counted(len(live), 'article')}.")
        return
    message = (
        f"The words index lacks {len(live - there)} articles and holds {len(there - live)} "
        "that are not stored."
    )
    yield _damage("words-index", message, _REBUILD)


def _codes(
    connection: sqlite3.Connection, codes: CodesSnapshot | None, live: set[int], dimension: int
) -> Iterator[Finding]:
    there = set(codes.nums.tolist()) if codes is not None else set()
    # Of vectors that cannot be read the articles' check tells.
    rows = connection.execute(
        "SELECT num FROM articles WHERE length(vectors) > 0 AND length(vectors) % ? = 0",
        (2 * dimension,),
    )
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
