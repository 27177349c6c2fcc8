"""Exports of whole results, read by programs that are not ours."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from byline import exporting
from byline.derivation import derive
from byline.engines.open import create_engine
from byline.exporting import ExportFormat, all_hits, export, safe_cell
from byline.query import parse
from byline.records import Article, PartialDate
from byline.request import SearchRequest
from byline.search import Answer, Hit

EXPORT = "/api/v1/export"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "\0=1", "\ufeff=1")


def columns() -> list[Article]:
    return [
        Article(
            f"c{number:03d}",
            f"{FORMULAS[number % len(FORMULAS)]} rent {number}",
            f"=Rent is due, number {number}.",
            (f"Ada Quill{number}", "@Board"),
            "Courier",
            PartialDate(2000 + number % 20, 1 + number % 12),
        )
        for number in range(450)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("export") / "columns"
    engine = create_engine(str(folder), None)
    with engine.writer() as writer:
        writer.put(derive(columns(), None))
        writer.commit()
    engine.close()
    return folder


@pytest.fixture
def client(folder: Path, desk: Any) -> TestClient:
    desk.folder = folder
    return desk.client()


def ids_of(form: ExportFormat, text: str) -> list[str]:
    match form:
        case ExportFormat.CSV:
            return [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))]
        case ExportFormat.JSONL:
            return [json.loads(line)["article"]["id"] for line in text.splitlines()]
        case ExportFormat.RIS:
            return [record["accession_number"] for record in rispy.loads(text)]
        case ExportFormat.BIBTEX:
            entries = bibtexparser.parse_string(text).entries
            return [f"c{re.search('rent ([0-9]+)', e['title'])[1]:>03}" for e in entries]
        case ExportFormat.CSL_JSON:
            return [item["id"] for item in json.loads(text)]


@pytest.mark.parametrize("form", list(ExportFormat))
def test_a_whole_result_in_the_order_of_its_search(client: TestClient, form: ExportFormat) -> None:
    asked = {"q": "rent", "mode": "keyword", "sort": "oldest"}
    answer = client.get(EXPORT, params={**asked, "format": form.value})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == exporting.media_type(form)
    found = ids_of(form, answer.content.decode("utf-8"))
    searched: list[str] = []
    while len(searched) < 450:
        page = {**asked, "limit": 100, "offset": len(searched), "passages": 0}
        hits = client.get("/api/v1/search", params=page).json()["hits"]
        searched += [hit["article"]["id"] for hit in hits]
    assert found == searched


@pytest.mark.parametrize("form", list(ExportFormat))
def test_an_export_of_nothing_is_a_file(client: TestClient, form: ExportFormat) -> None:
    answer = client.get(EXPORT, params={"q": "absentword", "format": form.value})
    assert answer.status_code == 200
    assert ids_of(form, answer.text) == []


def test_filters_hold(client: TestClient) -> None:
    asked = {"q": "rent", "author": "Ada Quill7", "format": "csv"}
    assert ids_of(ExportFormat.CSV, client.get(EXPORT, params=asked).text) == ["c007"]


def test_no_cell_is_a_formula(client: TestClient) -> None:
    text = client.get(EXPORT, params={"q": "rent", "format": "csv"}).content.decode("utf-8")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        for name in ("title", "authors", "passage"):
            assert not row[name].lstrip("\ufeff \t\r\n\0").startswith(("=", "+", "-", "@", "＝"))


@given(text=st.text(max_size=12) | st.sampled_from(FORMULAS))
def test_a_cell_says_the_same_and_never_computes(text: str) -> None:
    cell = safe_cell(text)
    assert cell in (text.replace("\0", ""), "'" + text.replace("\0", ""))
    assert not cell.strip("\ufeff \t\r\n\0").startswith(
        ("=", "+", "-", "@", "＝", "＋", "－", "＠")
    )


def test_files_have_sensible_names(client: TestClient) -> None:
    def name(**asked: str) -> str:
        said = client.get(EXPORT, params=asked).headers["content-disposition"]
        found = re.fullmatch(r'attachment; filename="([a-z0-9.-]+)"', said)
        assert found is not None, said
        return found[1]

    assert re.fullmatch(
        r"byline-rent-control-\d{4}-\d\d-\d\d\.csv", name(q='"Rent" control', format="csv")
    )
    assert name(q='x"\r\nSet-Cookie: a/../b; é 日本', format="ris").endswith(".ris")
    assert name(q="", format="bibtex").endswith(".bib")
    assert len(name(q="word " * 200, format="csl-json")) < 120


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"q": "rent"}, 400, "bad-parameter"),
        ({"q": "rent", "format": "xml"}, 400, "bad-parameter"),
        ({"q": "rent", "format": "csv", "after": "x"}, 400, "bad-date"),
        ({"q": "rent", "format": "csv", "mode": "semantic"}, 409, "no-vectors"),
    ],
)
def test_what_is_wrong_is_said_before_the_file_begins(
    client: TestClient,
    problem: Callable[[Any], Any],
    asked: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = client.get(EXPORT, params=asked)
    assert answer.status_code == status
    assert problem(answer)["code"] == code


def test_hits_are_fetched_as_they_are_written() -> None:
    """However long a result is, no more than a page of it is held."""
    asked: list[tuple[int, int]] = []
    hit = Hit(1, 1.0, None, None, None, Article("x", "T", "B"), (), ())

    def search(request: SearchRequest) -> Answer:
        asked.append((request.offset, request.limit))
        ranks = range(request.offset + 1, request.offset + request.limit + 1)
        return _answer(tuple(replace(hit, rank=rank) for rank in ranks))

    pieces = export(all_hits(search, SearchRequest(parse("x"), limit=10**12)), ExportFormat.JSONL)
    for _ in range(401):
        next(pieces)
    assert asked == [(0, 200), (200, 200), (400, 200)]


def _answer(hits: tuple[Hit, ...]) -> Answer:
    from byline.plan import Total
    from byline.request import Mode, Sort

    query = parse("x")
    total = Total(10**12, 10**12, 0)
    return Answer(query, Mode.KEYWORD, Sort.RELEVANCE, "", (), total, hits, {}, None, 0.0, 1)
