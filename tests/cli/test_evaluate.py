"""``byline evaluate``: judged folders, archives with judgments, and judging without a terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from byline.evaluation.judged import read_qrels

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def judged(columns: Path, tmp_path: Path) -> Path:
    """Six invented columns in BEIR's layout, one of them twice, and three judged queries."""
    folder = tmp_path / "ledger"
    (folder / "qrels").mkdir(parents=True)
    rows = [json.loads(line) for line in columns.read_text("utf-8").splitlines()]
    documents = [
        {"_id": row["id"], "title": row["title"], "text": row["text"]}
        for row in [*rows[:6], {**rows[0], "id": "twin"}]
    ]
    queries = [
        {"_id": "trams", "text": "late trams"},
        {"_id": "bread", "text": "bread and mills"},
        {"_id": "gone", "text": "walking"},
        {"_id": "unjudged", "text": "anything"},
    ]
    for name, lines in (("corpus", documents), ("queries", queries)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\ntrams\tledger-5\t1\nbread\tledger-1\t2\nbread\ttwin\t1\n"
        "gone\tnot-there\t1\n",
        "utf-8",
    )
    return folder


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive without a model is enough to see how things are done."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("BYLINE_CACHE", str(cache))
    monkeypatch.setenv("BYLINE_MODEL", "none")
    return cache / "evaluation"


def test_a_folder_is_indexed_once_and_measured(
    byline: Callable[..., Any], judged: Path, cached: Path
) -> None:
    first = byline("evaluate", judged, "--json")
    assert first.status == 0, first.err
    document = json.loads(first.out)
    schema = json.loads((DOCS / "evaluate.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["name"] == "ledger test"
    assert list(document["modes"]) == ["keyword"]
    assert document["missing"] == 1
    assert [query["id"] for query in document["queries"]] == ["trams", "bread", "gone"]
    by_query = {query["id"]: query["modes"]["keyword"] for query in document["queries"]}
    assert by_query["trams"]["nDCG@10"] == pytest.approx(1)
    # The text that came under two names counts as both documents.
    assert by_query["bread"]["recall@100"] == pytest.approx(1)
    assert by_query["gone"]["AP"] == 0
    (archive,) = cached.iterdir()
    roundabout = judged / ".." / judged.name
    assert json.loads(byline("evaluate", roundabout, "--json").out)["missing"] == 1
    before = (archive / "archive.sqlite").stat().st_mtime_ns
    assert byline("evaluate", judged, "--json").out == first.out
    assert (archive / "archive.sqlite").stat().st_mtime_ns == before


def test_all_modes_are_compared_and_explained_and_written(
    byline: Callable[..., Any], judged: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    out = tmp_path / "out.run"
    ran = byline("evaluate", judged, "--archive", archive, "--explain", "--run", out)
    assert ran.status == 0, ran.err
    for name in ("keyword", "semantic", "hybrid"):
        assert any(line.startswith(name) for line in ran.out.splitlines())
        run = (tmp_path / f"out.{name}.run").read_text("utf-8").splitlines()
        assert run[0].split("\t")[:4] == ["trams", "Q0", "ledger-5", "1"]
    assert "paired randomisation test" in " ".join(ran.out.split())
    assert "hybrid against keyword" in ran.out
    assert "Not in the archive: 1 relevant document" in ran.out
    document = json.loads(byline("evaluate", judged, "--archive", archive, "--json").out)
    schema = json.loads((DOCS / "evaluate.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["modes"]["hybrid"]["nDCG@10"]["against"]["same"] >= 1


@pytest.mark.parametrize("place", ["nowhere/out.run", "."])
def test_rankings_that_cannot_be_written_are_told_of_before_anything_runs(
    byline: Callable[..., Any], judged: Path, cached: Path, place: str
) -> None:
    ran = byline("evaluate", judged, "--run", place)
    assert ran.status in (1, 2)
    assert place.split("/", maxsplit=1)[0] in ran.err
    assert not cached.exists()


def test_what_was_measured_before_is_kept_until_there_is_more(
    byline: Callable[..., Any], judged: Path, cached: Path, tmp_path: Path
) -> None:
    (tmp_path / "out.keyword.run").write_text("before", "utf-8")
    (judged / "qrels" / "test.tsv").unlink()
    assert byline("evaluate", judged, "--run", "out.run").status == 2
    assert (tmp_path / "out.keyword.run").read_text("utf-8") == "before"
    assert not (tmp_path / "out.run").exists()
    assert not (tmp_path / "out.hybrid.run").exists()


def test_judgments_that_cannot_be_kept_are_not_asked_for(
    byline: Callable[..., Any], archive: Path, tmp_path: Path, sent: Callable[[str], None]
) -> None:
    topics, qrels = tmp_path / "queries.txt", tmp_path / "nowhere" / "mine.qrels"
    topics.write_text("tram\n", "utf-8")
    sent("1\n")
    ran = byline("evaluate", "--archive", archive, "--topics", topics, "--qrels", qrels, "--judge")
    assert (ran.status, ran.out) == (1, "")
    assert "mine.qrels" in ran.err


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sends a text to standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_judging_keeps_each_answer_and_goes_on_where_it_stopped(
    byline: Callable[..., Any], archive: Path, tmp_path: Path, sent: Callable[[str], None]
) -> None:
    topics, qrels = tmp_path / "queries.txt", tmp_path / "mine.qrels"
    topics.write_text("tram\nbread\n", "utf-8")
    given = ("--archive", archive, "--topics", topics, "--qrels", qrels)
    sent("2\nmaybe\n1\nb\n0\n")
    first = byline("evaluate", *given, "--judge")
    assert first.status == 0, first.err
    assert "The last tram" in first.out
    assert "'maybe' is no answer." in first.out
    assert "2 judgments made, 2 to go" in " ".join(first.out.split())
    kept = read_qrels(qrels)
    assert kept["1"] == {"ledger-5": 2}
    assert list(kept["2"].values()) == [0]
    sent("s\n1\n")
    second = byline("evaluate", *given, "--judge")
    assert "1 of 2" in second.out
    assert "The last tram" not in second.out
    assert "1 judgment made, 1 to go" in " ".join(second.out.split())
    measured = byline("evaluate", *given, "--json")
    assert measured.status == 0, measured.err
    assert json.loads(measured.out)["modes"]["keyword"]["MRR@10"]["mean"] > 0


def test_whoever_judges_is_told_the_id_and_can_read_the_whole(
    byline: Callable[..., Any], archive: Path, tmp_path: Path, sent: Callable[[str], None]
) -> None:
    topics, qrels = tmp_path / "queries.txt", tmp_path / "mine.qrels"
    topics.write_text("tram\n", "utf-8")
    given = ("evaluate", "--archive", archive, "--topics", topics, "--qrels", qrels, "--judge")
    sent("q\n")
    shown = byline(*given).out
    assert "The last tram" in shown
    assert "id ledger-5\n" in shown
    assert "r read it" in shown
    sent("r\n2\n")
    read = byline(*given)
    assert read.status == 0, read.err
    text = " ".join(byline("show", "ledger-5", "--archive", archive).out.split())
    assert text in " ".join(read.out.split())
    assert text not in " ".join(shown.split())
    assert read_qrels(qrels) == {"1": {"ledger-5": 2}}


def test_the_first_judgment_cannot_be_taken_back(
    byline: Callable[..., Any], archive: Path, tmp_path: Path, sent: Callable[[str], None]
) -> None:
    topics, qrels = tmp_path / "queries.txt", tmp_path / "mine.qrels"
    topics.write_text("tram\n", "utf-8")
    sent("b\nq\n")
    ran = byline("evaluate", "--archive", archive, "--topics", topics, "--qrels", qrels, "--judge")
    assert ran.status == 0, ran.err
    assert "Nothing has been judged here yet." in ran.out
    assert not qrels.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to evaluate by"),
        (("x", "--topics", "t"), "queries and judgments of its own"),
        (("--topics", "t", "--qrels", "q", "--split", "dev"), "--split is for a folder"),
        (("x", "--judge"), "To judge takes an archive"),
        (("--topics", "t", "--qrels", "q", "--judge", "--json"), "--judge and --json do not go"),
        (("--topics", "t", "--qrels", "q", "--judge", "--run", "r"), "--judge and --run do not"),
        (("--topics", "t", "--qrels", "q", "--judge", "--explain"), "--judge and --explain do"),
        (("--topics", "t", "--qrels", "q", "--pool", "3"), "--pool is for judging"),
        (("nowhere",), "no folder nowhere"),
        (("--topics", "t", "--qrels", "q"), "no file"),
    ],
)
def test_what_does_not_go_together_is_refused(
    byline: Callable[..., Any], arguments: tuple[str, ...], said: str
) -> None:
    ran = byline("evaluate", *arguments)
    assert ran.status == 2
    assert said in ran.err
