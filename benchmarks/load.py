"""`byline serve` under load: how many requests a second, how long each takes, what memory it holds.

The server and what asks it are two processes on one machine, so they share its processors. Every
query is another, put together from the words of :mod:`benchmarks.queries`, so that nothing is
answered from what was asked before; rate limits are lifted. An answer that is not 200 counts as
an error.

``python -m benchmarks.load --archive DIR [--requests N] [--many N]`` measures by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote, urlencode

import httpx2

from benchmarks import table
from benchmarks.processes import ENVIRONMENT
from benchmarks.queries import QUERIES
from benchmarks.table import Row
from byline.request import Mode

CLIENTS = (1, 8, 32)
#: Of each mode at each number of clients; of the mix, with its memory after so many.
REQUESTS = 600
MANY = 20_000
LOOKS = (0.05, 0.25, 0.5, 1.0)
_STARTS = 5
_SEED = 20
_API = "/api/v1"
_UNLIMITED = "1000000/second"


@dataclass(frozen=True, slots=True)
class Server:
    process: subprocess.Popen[bytes]
    address: str
    #: Seconds from the start of the process until /health/live had answered.
    started: float

    def memory(self) -> dict[str, float]:
        """MB resident: what is its own, and what it maps of files and shares."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        kilobytes = {
            name: int(rest.split()[0])
            for name, _, rest in (line.partition(":") for line in status.splitlines())
            if name in ("RssAnon", "RssFile", "RssShmem")
        }
        own = kilobytes["RssAnon"] / 1024
        return {"MB own": own, "MB mapped": sum(kilobytes.values()) / 1024 - own}

    def worked(self) -> float:
        """Seconds of processor that it has used so far."""
        fields = (
            Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(archive: str) -> Iterator[Server]:
    """`byline serve` as anybody starts it, but for the limits."""
    unlimited = {"BYLINE_API_RATE": _UNLIMITED, "BYLINE_API_KEY_RATE": _UNLIMITED}
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "serve", "--port", "0", "--archive", archive],
            stderr=log,
            env={**ENVIRONMENT, **unlimited},
        )
        try:
            address = _address(process, log.name)
            httpx2.get(f"{address}{_API}/health/live").raise_for_status()
            yield Server(process, address, time.perf_counter() - begun)
        finally:
            process.terminate()
            process.wait(60)


def _address(process: subprocess.Popen[bytes], log: str) -> str:
    """What the log's first line says."""
    while process.poll() is None:
        first, ended, _ = Path(log).read_text("utf-8").partition("\n")
        if ended:
            return str(json.loads(first)["address"]).rstrip("/")
        time.sleep(0.002)
    raise SystemExit(f"The server did not start: {Path(log).read_text('utf-8')}")


def measure(
    archive: str, requests: int = REQUESTS, many: int = MANY
) -> Iterator[tuple[str, list[Row]]]:
    """Tables for the archive, each as soon as it is measured."""
    yield "Serving, start", [_start(archive)]
    chance = random.Random(_SEED)
    with serving(archive) as server:
        at_start = server.memory()
        # The model is loaded by the first query that needs it.
        _load(server, 1, [_search(chance, Mode.HYBRID) for _ in range(20)])
        rows = []
        for mode in Mode:
            for clients in CLIENTS:
                paths = [_search(chance, mode) for _ in range(requests)]
                rows.append(Row(f"{mode.value}, {clients} at once", _load(server, clients, paths)))
        prefixes = [_suggest(chance) for _ in range(requests)]
        rows.append(Row("suggestions, 1 at once", _load(server, 1, prefixes)))
        yield "Serving, under load", rows
    with serving(archive) as server:
        yield "Serving, memory", [Row("at start", at_start), *_memory(server, chance, many)]


def _start(archive: str) -> Row:
    seconds = []
    for _ in range(_STARTS):
        with serving(archive) as server:
            seconds.append(server.started)
    return Row(
        "from the process's start to its first answer",
        {"s median": median(seconds), "s most": max(seconds)},
    )


def _memory(server: Server, chance: random.Random, many: int) -> Iterator[Row]:
    ids = _ids(server)
    done, errors = 0, 0.0
    for share in LOOKS:
        upto = int(many * share)
        paths = [_any(chance, ids) for _ in range(upto - done)]
        errors += _load(server, 8, paths)["errors"]
        done = upto
        yield Row(f"after {done:,} requests of every kind", {**server.memory(), "errors": errors})


def _load(server: Server, clients: int, paths: Sequence[str]) -> dict[str, float]:
    before = server.worked()
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.generator", server.address, str(clients)],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(ran.stdout)
    cuts = quantiles(told["ms"], n=100)
    return {
        "per s": len(paths) / told["seconds"],
        "p50 ms": cuts[49],
        "p95 ms": cuts[94],
        "p99 ms": cuts[98],
        "CPU ms each": (server.worked() - before) * 1000 / len(paths),
        "errors": sum(told["answers"].values()) - told["answers"].get("200", 0),
    }


_WORDS = sorted({word for query in QUERIES for word in query.split() if len(word) > 2})


def _words(chance: random.Random) -> str:
    return " ".join(chance.sample(_WORDS, chance.randint(2, 5)))


def _at(path: str, **asked: object) -> str:
    return f"{_API}/{path}?{urlencode(asked)}"


def _search(chance: random.Random, mode: Mode, **more: object) -> str:
    return _at("search", q=_words(chance), mode=mode.value, facet="author", timeline="year", **more)


def _suggest(chance: random.Random) -> str:
    word = chance.choice(_WORDS)
    return _at("suggest", prefix=word[: chance.randint(1, len(word))])


def _any(chance: random.Random, ids: Sequence[str]) -> str:
    """What readers, feeds and other programs ask for."""
    article = chance.choice(ids)
    match chance.randrange(10):
        case 0 | 1 | 2 | 3:
            return _search(chance, chance.choice(list(Mode)), offset=chance.choice((0, 0, 20)))
        case 4:
            return _suggest(chance)
        case 5:
            return _at(f"articles/{article}", q=_words(chance), highlight="html")
        case 6:
            return _at(f"articles/{article}/similar", limit=5)
        case 7:
            return _at(chance.choice(("feed.atom", "feed.json")), q=_words(chance), mode="keyword")
        case 8:
            return f"/search?{urlencode({'q': _words(chance)})}"
        case _:
            return _at("authors", prefix=chance.choice(_WORDS)[:2])


def _ids(server: Server) -> list[str]:
    found = httpx2.get(f"{server.address}{_API}/articles?limit=100").raise_for_status().json()
    return [quote(row["id"], safe="") for row in found["articles"]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--many", type=int, default=MANY)
    given = parser.parse_args()
    for title, figures in measure(given.archive, given.requests, given.many):
        table.show(title, figures)
