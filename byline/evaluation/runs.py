"""Asking an archive each query of a set in each mode."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from byline.engines.base import ByKeys, Collection, Key, Reader, ResultSet
from byline.evaluation.judged import BeirFolder, Topics
from byline.request import Mode
from byline.search import ranking

if TYPE_CHECKING:
    from byline.archive import Archive
    from byline.records import Manifest

#: Query → (document, score), the best first.
Run: TypeAlias = dict[str, list[tuple[str, float]]]

#: Articles kept of each ranking, as TREC does.
DEPTH = 1000
_CHUNK = 200


class Names:
    """Ids of the articles of one reader, each looked up once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ids: dict[Key, str] = {}

    def of(self, keys: Iterable[Key]) -> list[str]:
        wanted = list(keys)
        unknown = [key for key in wanted if key not in self._ids]
        for start in range(0, len(unknown), _CHUNK):
            chunk = tuple(unknown[start : start + _CHUNK])
            page = self._reader.collect(Collection(ResultSet(None), ByKeys(chunk))).articles
            self._ids |= {found.key: found.stored.article.id for found in page}
        return [self._ids[key] for key in wanted]


def modes_of(manifest: Manifest) -> tuple[Mode, ...]:
    """The modes that an archive can be searched in: without vectors, by words alone."""
    return tuple(Mode) if manifest.model is not None else (Mode.KEYWORD,)


def run_queries(
    archive: Archive,
    queries: Topics,
    modes: Iterable[Mode],
    *,
    documents: Mapping[str, tuple[str, ...]] | None = None,
    depth: int = DEPTH,
    watch: Callable[[int, int], None] | None = None,
) -> dict[Mode, Run]:
    """Each mode's run, all from one commit of the archive.

    Args:
        documents: article id → the documents of the set that it stands for, where one text
            came under several names; an article that is not in it stands for itself.
        watch: called with (queries done, queries in all).
    """
    wanted = list(modes)
    runs: dict[Mode, Run] = {mode: {} for mode in wanted}
    with archive.engine.reader() as reader:
        names = Names(reader)
        for done, (query, text) in enumerate(queries.items(), start=1):
            request = archive.request(text)
            for mode in wanted:
                found = ranking(reader, replace(request, mode=mode), archive.embedder)[:depth]
                ids = names.of(key for key, _ in found)
                scored = zip(ids, (score for _, score in found), strict=True)
                runs[mode][query] = list(_documents(scored, documents or {}))[:depth]
            if watch is not None:
                watch(done, len(queries))
    return runs


def _documents(
    found: Iterable[tuple[str, float]], documents: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, float]]:
    for article, score in found:
        for document in documents.get(article, (article,)):
            yield document, score


def documents_of(reader: Reader, folder: BeirFolder) -> dict[str, tuple[str, ...]]:
    """Article id → the documents of the corpus that became it, as the ledger has it."""
    by_record = dict(folder.documents())
    # As the indexer names its sources: links and all, but no "..".
    source = os.path.abspath(folder.corpus)
    found: dict[str, list[str]] = {}
    for entry in reader.ledger(source):
        document = by_record.get(entry.record)
        if document is not None:
            found.setdefault(entry.article_id, []).append(document)
    return {article: tuple(names) for article, names in found.items()}


def write_run(path: Path, run: Run, tag: str) -> None:
    """TREC's form: query, Q0, document, rank, score, tag.

    Scores fall with the rank. Programs that read runs order them by score alone, in single
    precision, so equal ones become a little less than the one before.
    """
    with path.open("w", encoding="utf-8") as file:
        for query, found in run.items():
            before = np.float32(np.inf)
            for rank, (document, score) in enumerate(found, start=1):
                before = min(np.float32(score), np.nextafter(before, np.float32(-np.inf)))
                file.write(f"{query}\tQ0\t{document}\t{rank}\t{before:#.9g}\t{tag}\n")
