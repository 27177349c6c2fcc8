"""What programs are given: valid against the schemas, and nothing that they do not name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from byline import wire
from byline.engines.base import Finding, Severity, Stats, ValueSummary
from byline.query import parse
from byline.records import Article, Manifest, ModelIdentity, Passage, Span, StoredArticle
from byline.request import SearchRequest
from byline.search import Answer, Hit
from cli.render import programs

DOCS = Path(__file__).resolve().parents[2] / "docs"
MODEL = ModelIdentity("m", "ab", 4, "mean", "", "", "sentences-1", 0.2)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((DOCS / f"{name}.schema.json").read_text("utf-8")))


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from _objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _objects(part)


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.schema.json")), ids=lambda path: path.name)
def test_schemas_are_valid_and_closed(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"]["const"] == wire.SCHEMA
    assert all(part["additionalProperties"] is False for part in _objects(schema))


def _documents(answer: Answer, article: Article) -> dict[str, dict[str, Any]]:
    stored = StoredArticle(article, "f", (Passage(0, 20),))
    stats = Stats(2, 3, 1, 1, 1, "1908", "2022-07-29", {"articles": 4096})
    manifest = Manifest(1, "2026-01-02T03:04:05Z", "0.1.0", MODEL)
    findings = [Finding("counts", Severity.DAMAGE, "Two are missing.", "Run `byline rebuild`.")]
    return {
        "search": wire.search_document(answer),
        "show": wire.article_document(stored, [Span(1, 2)]),
        "stats": wire.stats_document(stats, manifest, "somewhere", 7),
        "authors": wire.authors_document([ValueSummary("A", 2, "1908", None)]),
        "check": wire.check_document(findings),
    }


@pytest.mark.parametrize("name", ["search", "show", "stats", "authors", "check"])
def test_documents_keep_to_their_schema(name: str, answer: Answer, article: Article) -> None:
    document = _documents(answer, article)[name]
    validator(name).validate(document)
    json.dumps(document, allow_nan=False)
    with pytest.raises(ValidationError):
        validator(name).validate({**document, "more": 1})


def test_a_hit_without_anything_keeps_to_the_schema(answer: Answer) -> None:
    bare = Hit(1, 0.0, None, None, None, Article("x", "", "text"), (), ())
    document = wire.search_document(replace(answer, hits=(bare,), facets={}, timeline=None))
    validator("search").validate(document)
    assert document["timeline"] == []
    assert document["undated"] is None


def test_the_promised_keys_are_there(answer: Answer) -> None:
    document = wire.search_document(answer)
    assert {"schema", "query", "total", "took_ms", "hits", "facets", "timeline"} <= set(document)
    first = document["hits"][0]
    assert first["words"] == {"rank": 2, "score": 7.25}
    assert document["hits"][1]["words"] is None
    passage = first["passages"][0]
    body = answer.hits[0].article.body
    assert body[passage["start"] : passage["end"]] == passage["text"]
    marked = [body[mark["start"] : mark["end"]] for mark in passage["highlights"]]
    assert "freeze" in marked


def _search(count: int, answer: Answer) -> Callable[[SearchRequest], Answer]:
    """A search over ``count`` hits that serves any page of them."""
    hits = [replace(answer.hits[0], rank=rank) for rank in range(1, count + 1)]

    def search(request: SearchRequest) -> Answer:
        assert request.limit <= 200
        return replace(answer, hits=tuple(hits[request.offset : request.offset + request.limit]))

    return search


@pytest.mark.parametrize(
    ("limit", "offset", "expected"), [(450, 0, 450), (900, 30, 470), (3, 9, 3)]
)
def test_json_lines_walk_through_as_many_hits_as_wanted(
    answer: Answer, capsys: pytest.CaptureFixture[str], limit: int, offset: int, expected: int
) -> None:
    request = SearchRequest(parse("rent"), limit=limit, offset=offset)
    programs.print_hits_jsonl(_search(500, answer), request)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["rank"] for line in lines] == list(range(offset + 1, offset + expected + 1))
    schema = json.loads((DOCS / "search.schema.json").read_text("utf-8"))
    of_hit = {"$ref": "#/$defs/hit", "$defs": schema["$defs"]}
    Draft202012Validator(of_hit).validate(lines[0])


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_a_hit(answer: Answer, capfd: pytest.CaptureFixture[str]) -> None:
    request = SearchRequest(parse("rent"), limit=2)
    programs.print_hits_csv(lambda _: answer, request)
    rows = _rows(capfd.readouterr().out)
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert rows[0]["authors"] == "Ada Quill; Tomás Reyé"
    assert rows[0]["date"] == "2022-07-29T05:00"
    assert rows[1]["words_rank"] == ""
    assert rows[0]["passage"] == answer.hits[0].passages[0].text


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_of_csv_is_a_formula(
    title: str, answer: Answer, capfd: pytest.CaptureFixture[str]
) -> None:
    hit = replace(answer.hits[0], article=replace(answer.hits[0].article, title=title))
    programs.print_hits_csv(
        lambda _: replace(answer, hits=(hit,)), SearchRequest(parse("rent"), limit=1)
    )
    assert _rows(capfd.readouterr().out)[0]["title"] == f"'{title}"


def test_json_is_ascii_where_the_terminal_has_no_unicode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr("sys.stdout", stream)
    programs.print_json({"title": "“Größe” 漢"})
    stream.flush()
    raw = stream.buffer.getvalue()  # type: ignore[attr-defined]
    assert raw.isascii()
    assert json.loads(raw) == {"title": "“Größe” 漢"}
