"""``make bench``: speed and size on the real archives; a table, and JSON beside it.

``python -m benchmarks.run [--data ../shared] [--archive DIR] [--out FILE]``. With ``--archive``
an archive that exists is searched; without, the archives are indexed first, which takes as long
as encoding them does.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import engines, indexing, search, table
from indexer.pipeline import index

#: Articles put together from those of the archive, for both engines.
RECOMBINED = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--archive")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/bench.json"))
    given = parser.parse_args()
    archives = given.data / "data" / "archives"
    if not archives.is_dir():
        parser.error(f"{archives} is not there; name the folder with --data")
    sources = [str(path) for path in sorted(archives.glob("*.jsonl"))]
    tables: dict[str, Sequence[table.Row]] = {}
    tables["Indexing"] = indexing.measure(sources, str(archives / "federalist.jsonl"))
    table.show("Indexing", tables["Indexing"])
    with tempfile.TemporaryDirectory() as folder:
        address = given.archive or f"{folder}/archive"
        if given.archive is None:
            index(sources, address)
        tables["Searching"] = search.measure(address)
        table.show("Searching", tables["Searching"])
        with engines.server(given.data / "elasticsearch" / "server") as url:
            if url is None:
                print("\nNo Elasticsearch was measured: set ELASTICSEARCH_URL to a server.")
            else:
                tables |= engines.measure(url, address, RECOMBINED)
    table.write(given.out, tables)
    print(f"\nWritten to {given.out}")


if __name__ == "__main__":
    main()
