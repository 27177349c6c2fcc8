"""``make bench``: speed and size on the real archives; a table, and JSON beside it.

``python -m benchmarks.run [--data ../shared] [--archive DIR] [--parts PART …] [--out FILE]``. With
``--archive`` an archive that exists is searched; without, the archives are indexed first, which
takes as long as encoding them does. The parts: ``indexing``, ``encoding`` and ``searching`` of the
real articles; ``load``, the web API over them; ``large``, 100,000 recombined ones in the embedded
engine; ``engines``, both engines side by side, where there is an Elasticsearch.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from benchmarks import encoding, engines, indexing, large, load, search, table
from benchmarks.table import Row
from indexer.pipeline import index

Tables: TypeAlias = dict[str, Sequence[table.Row]]
#: Articles put together from those of the archive, for both engines.
RECOMBINED = 100_000


PARTS = ("indexing", "encoding", "searching", "load", "large", "engines")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--archive", help="the real articles, indexed with a model")
    parser.add_argument("--large", help="where the large archive is or is to be")
    parser.add_argument("--articles", type=int, default=RECOMBINED, help="of the large archive")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/bench.json"))
    given = parser.parse_args()
    archives = given.data / "data" / "archives"
    if not archives.is_dir():
        parser.error(f"{archives} is not there; name the folder with --data")
    with tempfile.TemporaryDirectory() as folder:
        tables = _measured(given, archives, Path(folder))
    table.write(given.out, tables)
    print(f"\nWritten to {given.out}")


def _measured(given: argparse.Namespace, archives: Path, folder: Path) -> Tables:
    sources = [str(path) for path in sorted(archives.glob("*.jsonl"))]
    address = given.archive or str(folder / "archive")
    if given.archive is None and set(given.parts) - {"indexing"}:
        index(sources, address)
    tables: Tables = {}

    def add(title: str, rows: Sequence[table.Row]) -> None:
        tables[title] = rows
        table.show(title, rows)

    # Before and after (with what is written), as its speed may change meanwhile.
    add("Machine", [Row("ten million additions in Python", {"s": table.yardstick()})])
    if "indexing" in given.parts:
        add("Indexing", indexing.measure(sources, str(archives / "federalist.jsonl")))
    if "encoding" in given.parts:
        add("Encoding", encoding.measure(address))
    if "searching" in given.parts:
        add("Searching", search.measure(address))
    if "load" in given.parts:
        for title, rows in load.measure(address):
            add(title, rows)
    if "large" in given.parts:
        many = given.large or str(folder / "large")
        if not Path(many).exists():
            add("Large archive, made", large.build(address, many, given.articles))
        add("Large archive", large.measure(many, address))
        add("Large archive, recall", large.recall(many))
    if "engines" in given.parts:
        with engines.server(given.data / "elasticsearch" / "server") as url:
            if url is None:
                print("\nNo Elasticsearch was measured: set ELASTICSEARCH_URL to a server.")
            else:
                tables |= engines.measure(url, address, RECOMBINED)
    return tables


if __name__ == "__main__":
    main()
