"""``make bench-peers``: Byline and its peers in one run, one table.

``python -m benchmarks.peers.run --archive DIR [--scifact-archive DIR] [--articles N]
[--only NAME …] [--data ../shared] [--write]``. Speed and size over N articles recombined from an
archive with vectors; nDCG@10 over SciFact, indexed the way any archive is. Each peer has a virtual
environment of its own, made from its pinned requirements; Elasticsearch runs where
``$ELASTICSEARCH_URL`` names a server, or below the server kit of the test data. ``--write`` puts
the table between the marks in docs/peers.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import large, table
from benchmarks.peers import corpus
from benchmarks.queries import QUERIES
from benchmarks.table import Row
from byline.archive import Archive
from byline.evaluation.judged import BeirFolder
from byline.evaluation.measures import MAIN, measured
from byline.evaluation.runs import documents_of
from indexer.pipeline import index

HERE = Path(__file__).parent
#: Module → the environment it needs; ``None`` is Byline's own.
PEERS = {
    "byline_embedded": None,
    "sqlite_fts5": "sqlite",
    "lance": "lancedb",
    "txtai_hybrid": "txtai",
    "bm25s_numpy": "bm25s",
    "elastic": None,
}
ARTICLES = 10_000
PAGE = HERE.parent.parent / "docs" / "peers.md"
_BEGIN, _END = "<!-- peers: begin -->", "<!-- peers: end -->"
#: LanceDB warns at each hybrid search of a change to come.
_QUIET = {"LANCEDB_LOG": "error"}
_SECTION = "a tenth"
_COLD_STARTS = 3


class PeerFailed(Exception):
    """A peer's process ended with an error, which it has printed."""


def python_of(name: str | None, environments: Path) -> str:
    """The interpreter of a peer's environment, which is made if it is not there."""
    if name is None:
        return sys.executable
    python = environments / name / "bin" / "python"
    requirements = HERE / f"requirements-{name}.txt"
    stamp = environments / name / ".installed"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        print(f"Installing {name} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(environments / name)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(requirements)], check=True)
        stamp.write_text(requirements.read_text())
    return str(python)


def ask(python: str, peer: str, what: str, source: Path, folder: Path) -> dict[str, Any]:
    """What the peer's process printed; its wall time as ``wall``."""
    command = [python, "-m", f"benchmarks.peers.{peer}", what, str(source), str(folder)]
    started = time.perf_counter()
    ran = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=False, env=os.environ | _QUIET
    )
    wall = time.perf_counter() - started
    if ran.returncode:
        raise PeerFailed(f"{peer} could not {what}")
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer | {"wall": wall}


def speed(python: str, peer: str, source: Path, folder: Path, passages: int) -> dict[str, Any]:
    made = ask(python, peer, "index", source, folder)
    about = made["about"]
    disk = about.get("disk") or sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    cold = [ask(python, peer, "once", source, folder)["wall"] for _ in range(_COLD_STARTS)]
    found = ask(python, peer, "search", source, folder)
    memory = found["memory"]
    figures = {
        "passages/s": passages / made["seconds"],
        "disk MB": disk / 1e6,
        "own MB": memory["RssAnon"],
        "mapped MB": memory["RssFile"],
        "cold s": min(cold),
    }
    if found["about"].get("server"):
        figures["server MB"] = found["about"]["server"]
    for mode in ("keyword", "semantic", "filtered", "hybrid"):
        figures[f"{mode} p50"] = found[mode]["p50"]
        figures[f"{mode} p95"] = found[mode]["p95"]
    return {"about": about, "figures": figures}


def quality(
    python: str, peer: str, source: Path, folder: Path, judged: BeirFolder, address: str
) -> dict[str, float]:
    """nDCG@10 in each mode."""
    with Archive.open(address) as archive, archive.engine.reader() as reader:
        documents = documents_of(reader, judged)
    ids: list[str] = json.loads((source / "ids.json").read_text("utf-8"))
    ask(python, peer, "index", source, folder)
    ranked = ask(python, peer, "rank", source, folder)
    chosen = judged.judged()
    scores = {}
    for mode in ("keyword", "semantic", "hybrid"):
        run = {}
        for query, found in zip(chosen.queries, ranked[mode], strict=True):
            articles = [ids[one] if isinstance(one, int) else one for one in found]
            names = [name for article in articles for name in documents.get(article, (article,))]
            run[query] = [(name, float(-rank)) for rank, name in enumerate(names[:10])]
        figures = measured(run, chosen.qrels)[MAIN]
        scores[f"nDCG@10 {mode}"] = sum(figures.values()) / len(figures)
    return scores


def page(rows: list[Row], abouts: list[dict[str, Any]], articles: int, passages: int) -> str:
    """The rows as two tables, speed and ranking apart, and what each peer is."""
    memory = ("own MB", "mapped MB", "server MB", "cold s")
    modes = ("keyword", "semantic", "filtered", "hybrid")
    names = [about["name"] for about in abouts]
    heads = ["", "passages/s", "disk MB", *memory, *(f"{mode}, ms" for mode in modes)]
    lines = [
        f"{articles:,} articles, {passages:,} passages, {os.cpu_count()} cores; p50 / p95.",
        "",
    ]
    lines += ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for name, row in zip(names, rows, strict=True):
        found = row.figures
        cells = [name, f"{found['passages/s']:,.0f}", f"{found['disk MB']:,.0f}"]
        cells += [f"{found[one]:,.1f}" if one in found else "–" for one in memory]
        cells += [f"{found[f'{mode} p50']:,.1f} / {found[f'{mode} p95']:,.1f}" for mode in modes]
        lines.append("| " + " | ".join(cells) + " |")
    judged = ("keyword", "semantic", "hybrid")
    lines += ["", "| SciFact, nDCG@10 | " + " | ".join(judged) + " |", "|---|" + "---:|" * 3]
    for name, row in zip(names, rows, strict=True):
        cells = [name, *(f"{row.figures[f'nDCG@10 {mode}']:.4f}" for mode in judged)]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    lines += [f"- {about['name']}: {about['versions']}. {about['settings']}." for about in abouts]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--archive", required=True, help="an archive with vectors to recombine")
    parser.add_argument("--scifact-archive", help="SciFact indexed before; else it is now")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--environments", type=Path, default=Path(".venv-peers"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/peers.json"))
    parser.add_argument("--write", action="store_true", help="into docs/peers.md")
    given = parser.parse_args()
    server = given.data / "elasticsearch" / "server"
    if "elastic" in given.only and "ELASTICSEARCH_URL" not in os.environ:
        if server.exists():
            command = [sys.executable, "-m", "benchmarks.peers.run", *sys.argv[1:]]
            os.execv(sys.executable, [sys.executable, str(server), "run", "--", *command])
        print("Elasticsearch is left out: set ELASTICSEARCH_URL", file=sys.stderr)
        given.only.remove("elastic")
    rows: list[Row] = []
    abouts: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        large.build(given.archive, str(work / "many"), given.articles)
        corpus.write(str(work / "many"), work / "speed", QUERIES, _SECTION)
        passages = sum(1 for _ in (work / "speed" / "passages.jsonl").open())
        scifact = BeirFolder(given.data / "data" / "retrieval" / "scifact")
        address = given.scifact_archive or str(work / "scifact")
        if given.scifact_archive is None:
            index([str(scifact.corpus)], address)
        corpus.write(address, work / "judged", list(scifact.judged().queries.values()))
        for peer in given.only:
            python = python_of(PEERS[peer], given.environments)
            folders = work / f"{peer}-speed", work / f"{peer}-judged"
            try:
                found = speed(python, peer, work / "speed", folders[0], passages)
                scores = quality(python, peer, work / "judged", folders[1], scifact, address)
            except PeerFailed as error:
                # The others are still worth comparing.
                print(f"{error}; it is left out", file=sys.stderr)
                continue
            finally:
                for folder in folders:
                    shutil.rmtree(folder, ignore_errors=True)
            about = found["about"]
            what = f"{about['name']} ({about['versions']}; {about['settings']})"
            rows.append(Row(what, found["figures"] | scores))
            abouts.append(about)
            table.show(f"{peer}, {passages:,} passages", rows[-1:])
            table.write(given.out, {"Peers": rows})
    print(f"\nWritten to {given.out}")
    if given.write:
        text = PAGE.read_text("utf-8")
        head, tail = text.split(_BEGIN)[0], text.split(_END)[1]
        figures = page(rows, abouts, given.articles, passages)
        PAGE.write_text(f"{head}{_BEGIN}\n\n{figures}\n\n{_END}{tail}", "utf-8")


if __name__ == "__main__":
    main()
