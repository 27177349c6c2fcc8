"""An archive of 100,000 articles: what it costs to make, to search, to add to and to keep.

``python -m benchmarks.large build SOURCE ADDRESS [--articles N]`` makes one out of an archive
with vectors (:mod:`benchmarks.recombined`); ``measure ADDRESS [--small SOURCE]`` measures it;
``search ADDRESS`` measures searching alone, in the process in which it is called.

Sections are replaced by ones that keep a known share of the articles, to be filtered by.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from benchmarks import table
from benchmarks.processes import ENVIRONMENT, as_served
from benchmarks.queries import ELSEWHERE, QUERIES, unremembered
from benchmarks.recombined import recombined
from benchmarks.table import Row
from byline.archive import Archive
from byline.embedding import open_embedder
from byline.engines.base import (
    ByKeys,
    Collection,
    FacetWanted,
    Matching,
    Period,
    Reader,
    ResultSet,
    Retrieval,
)
from byline.engines.open import create_engine, open_engine
from byline.query.tree import Node, Value, ValueField
from byline.records import Article, StoredArticle
from byline.request import Mode, SearchRequest
from indexer.pipeline import index

ARTICLES = 100_000
_BATCH = 1000
_PROCESSES = 7
_ROUNDS = 3
_RECALL_AT = 100
_ADDED = 100
#: Articles indexed without encoding.
_WITHOUT = 20_000
#: Section → one in how many articles is in it. What none of them takes is in no section.
SHARES = {"a thousandth": 1000, "a hundredth": 100, "a tenth": 10, "half": 2}


def with_shares(articles: Iterator[StoredArticle]) -> Iterator[StoredArticle]:
    """Each article in the first section whose turn it is; the shares come out a little below."""
    for number, stored in enumerate(articles):
        section = next((name for name, one_in in SHARES.items() if number % one_in == 0), None)
        yield replace(stored, article=replace(stored.article, section=section))


def build(source: str, address: str, count: int) -> list[Row]:
    """Make the archive; what makes the articles is not counted."""
    with open_engine(source).reader() as reader:
        model, real = reader.manifest.model, list(reader.scan())
    if model is None:
        sys.exit(f"{source} has no vectors")
    shutil.rmtree(address, ignore_errors=True)
    engine = create_engine(address, model)
    seconds, text, passages = 0.0, 0, 0
    articles = with_shares(recombined(real, count))
    with engine.writer() as writer:
        while batch := list(islice(articles, _BATCH)):
            text += sum(_text_bytes(stored.article) for stored in batch)
            passages += sum(len(stored.passages) for stored in batch)
            started = time.perf_counter()
            writer.put(batch)
            writer.commit()
            seconds += time.perf_counter() - started
        started = time.perf_counter()
    seconds += time.perf_counter() - started
    with engine.reader() as reader:
        sizes = reader.stats().bytes
    least = text + passages * model.dimension * 2
    parts = {f"{part} MB": size / 1e6 for part, size in sizes.items()}
    return [
        Row("articles and passages", {"articles": count, "passages": passages}),
        Row("indexing, vectors given", {"articles/s": count / seconds, "s": seconds}),
        Row("disk", {**parts, "MB": sum(sizes.values()) / 1e6}),
        Row("disk over text + vectors in 16 bits", {"ratio": sum(sizes.values()) / least}),
    ]


def _text_bytes(article: Article) -> int:
    values = (article.publication, article.section, article.url)
    words = (article.title, *article.authors, *article.summary, *article.topics, article.body)
    return sum(len(text.encode()) for text in (*words, *values) if text)


def measure(address: str, small: str | None) -> list[Row]:
    """Searching in a process of its own, ``byline search`` as a process, adding articles."""
    rows = searching(address)
    for mode in (Mode.KEYWORD, Mode.HYBRID):
        for what, archive in (("large", address), ("small", small)):
            if archive is not None:
                rows.append(Row(f"byline search, {mode.value}, {what}", _process(archive, mode)))
    return rows + adding(address) + without_encoding(address, _WITHOUT)


def searching(address: str) -> list[Row]:
    """As :func:`search_here`, in a process that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.large", "search", address]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return [Row(row["what"], row["figures"]) for row in json.loads(ran.stdout)]


def search_here(address: str) -> list[Row]:
    facets = tuple(FacetWanted(field) for field in (ValueField.AUTHOR, ValueField.TOPIC))
    with Archive.open(address) as archive:
        requests = [
            replace(archive.request(text), facets=facets, timeline=Period.YEAR) for text in QUERIES
        ]
        as_served()
        rows = [
            Row(mode.value, _latencies(archive, requests, mode))
            for mode in (Mode.KEYWORD, Mode.SEMANTIC, Mode.HYBRID)
        ]
        for mode in (Mode.KEYWORD, Mode.HYBRID):
            for name, one_in in SHARES.items():
                narrowed = [
                    replace(one, query=replace(one.query, condition=_section(name)))
                    for one in requests
                ]
                figures = _latencies(archive, narrowed, mode)
                rows.append(Row(f"{mode.value}, filter keeps {100 / one_in:g} %", figures))
        every = [replace(one, mode=mode) for one in requests for mode in Mode]
        rows.append(Row("memory, peak", _peak_memory(lambda: _times(archive, every))))
    return rows


def _section(name: str | None) -> Node | None:
    return None if name is None else Value(ValueField.SECTION, name)


def _times(archive: Archive, requests: Sequence[SearchRequest]) -> list[float]:
    times = []
    for request in requests:
        started = time.perf_counter()
        archive.search(request)
        times.append((time.perf_counter() - started) * 1000)
    return times


def _latencies(archive: Archive, requests: Sequence[SearchRequest], mode: Mode) -> dict[str, float]:
    """After a round that warms what stays warm in a server."""
    times: list[float] = []
    for turn in range(_ROUNDS + 1):
        fresh = [unremembered(replace(one, mode=mode)) for one in requests]
        taken = _times(archive, fresh)
        times += taken if turn else []
    return {"p50 ms": median(times), "p95 ms": quantiles(times, n=20)[-1]}


def recall(address: str) -> list[Row]:
    """Of the nearest articles by the stored vectors, how many the meaning leg finds."""
    with Archive.open(address) as archive, archive.engine.reader() as reader:
        stored = _stored(reader)
        return [
            row
            for about, queries in (("", QUERIES), (", of something else", ELSEWHERE))
            for row in _recalled(archive, reader, stored, queries, about)
        ]


def _recalled(
    archive: Archive, reader: Reader, stored: _Stored, queries: Sequence[str], about: str
) -> list[Row]:
    ids, sections, owners, vectors = stored
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    shares: dict[str | None, list[float]] = {name: [] for name in (None, *SHARES)}
    for text in queries:
        query = archive.embedder().embed_query(text)
        best = np.maximum.reduceat(_dots(vectors, query), starts)
        for name, found in shares.items():
            allowed = np.flatnonzero([name in (None, section) for section in sections])
            exact = allowed[np.argsort(-best[allowed], kind="stable")[:_RECALL_AT]]
            got = _nearest(reader, _section(name), query)
            found.append(len(got & {ids[place] for place in exact}) / len(exact))
    return [
        Row(
            ("no filter" if name is None else f"filter keeps {100 / SHARES[name]:g} %") + about,
            {f"recall@{_RECALL_AT}": float(np.mean(found)), "least": min(found)},
        )
        for name, found in shares.items()
    ]


def _nearest(reader: Reader, condition: Node | None, query: npt.NDArray[np.float32]) -> set[str]:
    wanted = Retrieval(Matching(condition), want_words=False, vector=query)
    keys = tuple(reader.retrieve(wanted).meaning)[:_RECALL_AT]
    page = reader.collect(Collection(ResultSet(None, keys), ByKeys(keys)))
    return {found.stored.article.id for found in page.articles}


#: Ids and sections of all articles; owner and vector of each passage.
_Stored: TypeAlias = tuple[
    list[str], list[str | None], npt.NDArray[np.int64], npt.NDArray[np.float16]
]


def _stored(reader: Reader) -> _Stored:
    ids, sections, counts, vectors = [], [], [], []
    for stored in reader.scan():
        if stored.vectors is not None and len(stored.vectors):
            ids.append(stored.article.id)
            sections.append(stored.article.section)
            counts.append(len(stored.vectors))
            vectors.append(stored.vectors)
    return ids, sections, np.repeat(np.arange(len(ids)), counts), np.concatenate(vectors)


def _dots(
    vectors: npt.NDArray[np.float16], query: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    parts = np.array_split(vectors, len(vectors) // 20_000 + 1)
    return np.concatenate([part.astype(np.float32) @ query for part in parts])


def _process(address: str, mode: Mode) -> dict[str, float]:
    """``byline search`` from start to end."""
    times = []
    for text in QUERIES[: _PROCESSES + 1]:
        command = [sys.executable, "-m", "cli.main", "search", "--archive", address,
                   "--mode", mode.value, text]  # fmt: skip
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
        times.append((time.perf_counter() - started) * 1000)
    return {"p50 ms": median(times[1:]), "most ms": max(times[1:])}


def adding(address: str) -> list[Row]:
    """``byline index`` of 100 articles, and the encoder alone over their passages.

    They are removed again.
    """
    with open_engine(address).reader() as reader:
        first = [stored.article for stored in islice(reader.scan(), _ADDED)]
    fresh = [
        {"id": f"added-{number}", "title": one.title, "text": f"{one.body}\n\nNumber {number}."}
        for number, one in enumerate(first)
    ]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "new.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in fresh), "utf-8")
        command = [sys.executable, "-m", "cli.main", "index", str(source), "--archive", address]
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
        whole = time.perf_counter() - started
        embedder = open_embedder()
        cuts = [embedder.cut(row["title"], row["text"]) for row in fresh]
        started = time.perf_counter()
        embedder.encode(cuts)
        encoding = time.perf_counter() - started
        started = time.perf_counter()
        ids = [row["id"] for row in fresh]
        removing = [sys.executable, "-m", "cli.main", "remove", *ids, "--archive", address]
        subprocess.run(removing, check=True, capture_output=True)
        removed = time.perf_counter() - started
    return [
        Row(
            f"byline index of {_ADDED} more articles",
            {"s": whole, "s encoding": encoding, "s besides": whole - encoding},
        ),
        Row(f"byline remove of {_ADDED} articles", {"s": removed}),
    ]


def without_encoding(address: str, count: int) -> list[Row]:
    """``byline index --model none`` of a file of articles out of the archive."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        with open_engine(address).reader() as reader, source.open("w", encoding="utf-8") as file:
            for stored in islice(reader.scan(), count):
                file.write(json.dumps(_record(stored.article)) + "\n")
        report = index([str(source)], f"{folder}/words", model="none")
    figures = {"articles/s": report.added / report.seconds, "s": report.seconds}
    return [Row(f"indexing {report.added:,} articles without encoding", figures)]


def _record(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": article.title,
        "authors": article.authors,
        "date": article.date.isoformat() if article.date else None,
        "publication": article.publication,
        "topics": article.topics,
        "text": article.body,
    }


def _peak_memory(work: Callable[[], object]) -> dict[str, float]:
    """While ``work`` is done, of this process: what is its own, and files it has mapped."""
    peaks = {"own MB": 0.0, "mapped files MB": 0.0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            status = dict(
                line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines()
            )
            for name, field in (("own MB", "RssAnon"), ("mapped files MB", "RssFile")):
                peaks[name] = max(peaks[name], int(status[field].split()[0]) / 1000)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return peaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("build", "measure", "search", "recall"))
    parser.add_argument("source", help="the archive to build from (build), else to measure")
    parser.add_argument("address", nargs="?", help="build: the archive to make")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--small", help="an archive to compare processes with")
    given = parser.parse_args()
    match given.what:
        case "build":
            table.show("Building", build(given.source, given.address, given.articles))
        case "search":
            print(
                json.dumps(
                    [{"what": r.what, "figures": r.figures} for r in search_here(given.source)]
                )
            )
        case "recall":
            table.show("Recall", recall(given.source))
        case _:
            table.show("Large archive", measure(given.source, given.small))


if __name__ == "__main__":
    main()
