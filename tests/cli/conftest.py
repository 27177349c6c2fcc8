"""A command line to run, an answer to lay out, and the files of golden output."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from byline.engines.base import Facet, FacetCount, Timeline, TimelineBin
from byline.engines.open import create_engine
from byline.fingerprint import fingerprint
from byline.fusion import Fused
from byline.passages import Highlight, HighlightKind, ShownPassage
from byline.plan import Leg, Total
from byline.query import describe, parse
from byline.query.tree import ValueField
from byline.records import Article, Origin, PartialDate, Passage, Span, StoredArticle
from byline.request import Mode, Sort
from byline.search import Answer, Hit
from cli.main import run

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def byline(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ran]:
    """Runs one command line in this process, in an empty folder, 80 columns wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path) -> Ran:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Ran(status, captured.out, captured.err)

    return call


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares text with a stored file; ``UPDATE_GOLDEN=1`` stores it anew."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no {path}; run with UPDATE_GOLDEN=1 and look at it"
        assert text == path.read_text(encoding="utf-8")

    return compare


RENTS = Article(
    id="harbour-2022-07-29-rents",
    title="Who gains when rents are frozen",
    body=(
        "The council met on Tuesday. Nobody had expected much of it. Then the mayor proposed "
        "to freeze every rent in the old town for five years.\n\nLandlords in the gallery "
        "laughed, and the tenants did not. By midnight the motion had been carried by a single "
        "vote, and the city woke to a new law. What it will do to the houses themselves is "
        "another question, and it is asked too seldom.\n\nA house that earns nothing is mended "
        "by nobody. That is the whole of the landlords’ case, and it is a better one than the "
        "mayor allows."
    ),
    authors=("Ada Quill", "Tomás Reyé"),
    publication="The Harbour Ledger",
    date=PartialDate(2022, 7, 29, 5, 0),
    url="https://ledger.example/2022/rents",
    summary=("A freeze helps those who already have a flat.",),
    topics=("housing", "city"),
    section="Opinion",
    language="en",
)
PIERS = Article(
    id="ledger 1908/12",
    title="",
    body="A pier is a street that has changed its mind. It sets out for the sea and stops.",
    authors=("Old Mr. Tarn",),
    date=PartialDate(1908),
)


def _passage(article: Article, piece: str, words: list[str], meaning: str = "") -> ShownPassage:
    start = article.body.index(piece)
    marks = []
    for word in words:
        place = article.body.index(word, start)
        marks.append(Highlight(place, place + len(word), HighlightKind.WORDS))
    if meaning:
        place = article.body.index(meaning)
        marks.append(Highlight(place, place + len(meaning), HighlightKind.MEANING))
    marks.sort(key=lambda mark: (mark.start, -mark.end))
    return ShownPassage(start, start + len(piece), piece, tuple(marks))


@pytest.fixture
def answer() -> Answer:
    """A hybrid answer with everything that one can have."""
    query = parse('rent freeze "old town')
    first = RENTS.body.split("\n\n", maxsplit=1)[0]
    last = RENTS.body.rsplit("\n\n", maxsplit=1)[1]
    return Answer(
        query=query,
        mode=Mode.HYBRID,
        sort=Sort.RELEVANCE,
        description=describe(query, semantic=True),
        notes=query.notes,
        total=Total(articles=14, by_words=12, by_meaning_only=2),
        hits=(
            Hit(
                rank=1,
                score=0.9375,
                words=Leg(2, 7.25),
                meaning=Leg(1, 0.625),
                shares=Fused(0.4375, 0.5),
                article=RENTS,
                title_highlights=(Span(15, 20),),
                passages=(
                    _passage(RENTS, first, ["freeze", "rent", "old", "town"], first[28:60].strip()),
                    _passage(RENTS, last, [], "A house that earns nothing is mended by nobody."),
                ),
            ),
            Hit(
                rank=2,
                score=0.25,
                words=None,
                meaning=Leg(9, 0.375),
                shares=Fused(0.0, 0.25),
                article=PIERS,
                title_highlights=(),
                passages=(_passage(PIERS, PIERS.body, []),),
            ),
        ),
        facets={
            ValueField.AUTHOR: Facet(
                (FacetCount("Ada Quill", 9), FacetCount("Old Mr. Tarn", 1)), distinct=4, missing=1
            ),
            ValueField.SECTION: Facet((), distinct=0, missing=14),
        },
        timeline=Timeline((TimelineBin("1908", 1), TimelineBin("2022", 12)), undated=1),
        took=0.0421,
        version=3,
    )


@pytest.fixture
def article() -> Article:
    return RENTS


@pytest.fixture(scope="session")
def columns() -> Path:
    """Eight invented columns as JSON Lines."""
    return Path(__file__).parent / "columns.jsonl"


@pytest.fixture(scope="session")
def archive(columns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The columns as an archive without vectors. Not to be written to."""
    folder = tmp_path_factory.mktemp("cli") / "columns"
    engine = create_engine(str(folder), None)
    with engine.writer() as writer, columns.open(encoding="utf-8") as lines:
        writer.put(_stored(number, json.loads(line)) for number, line in enumerate(lines, start=1))
        writer.commit()
    engine.close()
    return folder


def _stored(number: int, row: dict[str, Any]) -> StoredArticle:
    read = "2026-01-02T03:04:05Z"
    article = Article(
        id=row["id"],
        title=row["title"],
        body=row["text"],
        authors=(row["author"],) if "author" in row else (),
        publication=row["publication"],
        date=PartialDate.parse(row["date"]) if "date" in row else None,
        topics=tuple(row.get("topics", ())),
        language=row["language"],
        origins=(Origin("/columns/ledger.jsonl", f"line {number}", "0" * 64, read),),
    )
    return StoredArticle(article, fingerprint(article), (Passage(0, len(article.body)),))
