"""The documentation holds: README's examples run, what it links to is there."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from byline.archive import Archive
from byline.embedding import open_embedder
from byline.query import parse
from indexer.pipeline import index
from sample import folder

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
#: Without those of an archive on a server: tests/test_compose.py runs what README says of it.
SEARCHES = re.findall(r"^byline search (?!.*elasticsearch://).+$", README, re.MULTILINE)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the sample archive where README's commands find it."""
    home = tmp_path_factory.mktemp("readme")
    report = index([str(folder())], str(home / "byline-archive"))
    assert report.rejected == ()
    return home


def run(place: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("line", SEARCHES)
def test_every_search_in_the_readme_finds_something(place, line):
    command = [sys.executable, "-m", "cli.main", *shlex.split(line)[1:]]
    done = run(place, command)
    assert done.returncode == 0, done.stderr
    assert re.search(r'^ *1  \S|"rank": 1\b', done.stdout, re.MULTILINE)


#: Of each real archive: enough to be read as it is, few enough to be read in seconds.
_PART = 30


def _archives(shared: Path, home: Path) -> dict[str, int]:
    """A part of each real archive under the names of README's example; how many articles each."""
    data = shared / "data"

    def part(name: str) -> list[str]:
        return (data / "archives" / name).read_text("utf-8").splitlines()[:_PART]

    columns, posts = home / "columns", home / "posts" / "2014"
    columns.mkdir()
    posts.mkdir(parents=True)
    shutil.copy(data / "articles" / "iran-europe.txt", columns)
    (columns / "essays.jsonl").write_text("\n".join(part("essays.jsonl")), "utf-8")
    with gzip.open(home / "export.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(part("federalist.jsonl")))
    for post in sorted((data / "archives" / "18f-posts").glob("*.md"))[:_PART]:
        shutil.copy(post, posts)
    rows = [json.loads(line) for line in part("digitalgov.jsonl")]
    with (home / "old-site.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["title", "date", "text"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return {"columns": _PART + 1, "export.jsonl.gz": _PART, "posts": _PART, "old-site.csv": _PART}


def test_the_readme_indexes_real_archives(shared, tmp_path, monkeypatch):
    """Without vectors, which the searches below README's example have over the sample."""
    monkeypatch.setenv("BYLINE_MODEL", "none")
    expected = _archives(shared, tmp_path)
    (line,) = re.findall(r"^byline index (?=columns/ ).+$", README, re.MULTILINE)
    # As a shell would: the pattern is in quotes, so that Byline is given it.
    command = [sys.executable, "-m", "cli.main", *shlex.split(line)[1:], "--strict", "--json"]
    done = run(tmp_path, command)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["added"] == sum(expected.values())
    everything = [sys.executable, "-m", "cli.main", "search", "*", "--limit", "1000", "--jsonl"]
    hits = [json.loads(row) for row in run(tmp_path, everything).stdout.splitlines()]
    with Archive.open(str(tmp_path / "byline-archive")) as archive:
        articles = [archive.article(hit["article"]["id"]).article for hit in hits]
    places = [tmp_path / article.origins[0].source for article in articles]
    assert Counter(place.relative_to(tmp_path).parts[0] for place in places) == expected
    again = json.loads(run(tmp_path, command).stdout)
    assert (again["added"], again["updated"]) == (0, 0)


@pytest.mark.parametrize("code", PYTHON)
def test_python_in_the_readme_runs(place, code):
    done = run(place, [sys.executable, "-W", "error", "-c", code])
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_answer_that_the_readme_shows_is_the_one_that_is_given(place):
    shown = re.search(r"```console\n\$ (.+?)\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    done = run(place, [sys.executable, "-m", "cli.main", *shlex.split(shown[1])[1:]])
    flat = " ".join(done.stdout.replace("│", " ").split())
    for part in shown[2].replace("│", " ").split("…"):
        assert " ".join(part.split()) in flat


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_example_of_the_query_language_is_read_without_a_note():
    table = (ROOT / "docs" / "query.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    examples = [example for row in rows for example in re.findall(r"`([^`]+)`", row)]
    assert len(examples) > 15
    for example in examples:
        assert parse(example).notes == (), example


def test_every_code_that_sources_report_is_documented():
    documented = (ROOT / "docs" / "sources.md").read_text("utf-8")
    used = set()
    for path in (ROOT / "indexer").rglob("*.py"):
        used |= set(
            re.findall(
                r'(?:Unreadable|Rejected|Noted)\(\s*(?:[^"]*?,\s*)?"([a-z-]+)"',
                path.read_text("utf-8"),
            )
        )
    assert len(used) > 10
    assert {code for code in used if f"`{code}`" not in documented} == set()


def test_the_documented_floor_is_the_models():
    embedder, page = open_embedder(), (ROOT / "docs" / "passages.md").read_text("utf-8")
    assert str(embedder.identity.floor) in page
    assert str(embedder.nearness.floor) in page


def test_make_targets_that_are_named_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make ([a-z-]+)", README)):
        assert f"\n{target}:" in makefile


def _dry(*arguments: str) -> str:
    """The lines that ``make`` would run in a checkout where it never ran."""
    command = ["make", "--dry-run", "VENV=not-there", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_takes_torch_from_where_the_readme_says():
    shown = re.search(r"^make (demo) (TORCH_INDEX=(\S+))$", README, re.MULTILINE)
    assert shown is not None
    told = [line for line in _dry(shown[1], shown[2]).splitlines() if "--index-url" in line]
    assert [line.endswith(f"--index-url {shown[3]} torch") for line in told] == [True]
    assert "--index-url" not in _dry(shown[1])
