"""Evaluating as the command line does it: indexing with a bar, searching with a bar."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from byline.archive import Archive
from byline.errors import UsageError
from byline.evaluation.comparison import Evaluation, evaluated
from byline.evaluation.judged import DEFAULT_SPLIT, BeirFolder, JudgedSet, read_qrels, read_topics
from byline.evaluation.runs import Run, documents_of, modes_of, run_queries, write_run
from byline.records import ModelIdentity
from byline.request import Mode
from byline.settings import Settings
from byline.wording.numbers import counted
from cli.archives import open_archive
from cli.indexing import index_with_progress
from cli.progress import counting
from cli.terminal import complain
from cli.writing import check_writable
from indexer.sources import Format


@dataclass(frozen=True, slots=True)
class Evaluated:
    evaluation: Evaluation
    runs: dict[Mode, Run]
    model: ModelIdentity | None

    def write_runs(self, path: Path) -> None:
        """``out.run`` → ``out.keyword.run``, ``out.semantic.run``, ``out.hybrid.run``."""
        for mode, run in self.runs.items():
            write_run(run_file(path, mode), run, f"byline-{mode.value}")


def run_file(path: Path, mode: Mode) -> Path:
    """Where ``--run path`` puts one mode's ranking."""
    return path.with_name(f"{path.stem}.{mode.value}{path.suffix}")


def check_run_files(path: Path) -> None:
    """Raises UsageError or OSError where the rankings could not be written."""
    if not path.name:
        raise UsageError(f"--run {path} names no file.", remedy="Say --run out.run.")
    for mode in Mode:
        check_writable(run_file(path, mode), "--run")


def evaluate_folder(
    folder: Path, split: str | None, archive: str | None, model: str | None
) -> Evaluated:
    """Index a folder in BEIR's layout, unless that is done, and evaluate by it.

    Raises:
        BadJudgments, ArchiveError, ModelError.
        KeyboardInterrupt: indexing was stopped; what was done is kept.
    """
    beir = BeirFolder(folder)
    judged = beir.judged(split or DEFAULT_SPLIT)
    settings = Settings.load()
    name = model or str(settings.model)
    address = archive or str(cached_archive(folder, name, settings))
    report = index_with_progress(
        [str(beir.corpus)],
        address,
        settings=settings,
        model=model if archive else name,
        format=Format.JSONL,
        prune=True,
    )
    if report.interrupted:
        stopped = KeyboardInterrupt()
        stopped.add_note("What was indexed is kept; the same command again goes on from there.")
        raise stopped
    for rejected in report.rejected[:3]:
        complain(f"{rejected.source}, {rejected.record}: {rejected.message}")
    if len(report.rejected) > 3:
        more = counted(len(report.rejected) - 3, "more document")
        complain(f"… and {more} that cannot be indexed.")
    with Archive.open(address, settings) as opened:
        with opened.engine.reader() as reader:
            documents = documents_of(reader, beir)
        held = {name for names in documents.values() for name in names}
        return _evaluated(opened, judged, documents, len(judged.relevant() - held))


def evaluate_archive(archive: str | None, topics: Path, qrels: Path) -> Evaluated:
    """Evaluate an archive by queries and judgments of its articles.

    Raises:
        BadJudgments, ArchiveError, ModelError.
    """
    judged = JudgedSet.of(qrels.name, read_topics(topics), read_qrels(qrels))
    with open_archive(archive) as opened:
        wanted = judged.relevant()
        with opened.engine.reader() as reader:
            held = reader.fetch(sorted(wanted))
        return _evaluated(opened, judged, {}, len(wanted) - len(held))


def _evaluated(
    archive: Archive, judged: JudgedSet, documents: dict[str, tuple[str, ...]], missing: int
) -> Evaluated:
    manifest = archive.manifest
    with counting("Searching", "queries") as watch:
        runs = run_queries(
            archive, judged.queries, modes_of(manifest), documents=documents, watch=watch
        )
    return Evaluated(evaluated(judged, runs, missing=missing), runs, manifest.model)


def cached_archive(folder: Path, model: str, settings: Settings) -> Path:
    """Where the folder's archive is kept: one for each folder and model."""
    from byline.embedding.export import cache_folder

    place = folder.resolve()
    key = hashlib.sha256(f"{place}\n{model}".encode()).hexdigest()[:12]
    base = cache_folder(Path(settings.cache) if settings.cache else None)
    return base / "evaluation" / f"{place.name}-{key}"
