"""What people see, as stored in ``golden/`` and looked at by somebody."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from byline.engines.base import Facet, FacetCount, Period, Timeline, TimelineBin
from byline.plan import Total
from byline.query import parse
from byline.query.tree import ValueField
from byline.records import Article, PartialDate, Span
from byline.request import Mode
from byline.search import Answer
from byline.wording.dates import spoken, spoken_iso
from byline.wording.paragraphs import paragraphs
from byline.wording.totals import total_line
from cli.render import charts
from cli.render.answer import answer_for_people, explanation, shown_id
from cli.render.article import article_for_people
from cli.render.layout import fitted, table
from cli.terminal import Screen, screen

Golden = Callable[[str, str], None]


class Latin(io.StringIO):
    encoding = "latin-1"


class Unicode(io.StringIO):
    encoding = "utf-8"


def _print(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, *, columns: int, **options: object
) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = options.pop("stream", None) or Unicode()
    assert isinstance(stream, io.StringIO)
    answer_for_people(screen(stream), answer, offset=0, limit=2, **options)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_an_answer(
    answer: Answer, golden: Golden, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    text = _print(answer, monkeypatch, columns=columns, period=Period.YEAR, explain=columns > 40)
    golden(f"answer-{columns}.txt", text)
    assert all(len(line) <= min(columns, 100) for line in text.splitlines())
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_an_answer_in_colour(
    answer: Answer, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    golden("answer-colour.txt", _print(answer, monkeypatch, columns=80, archive="my archive"))


def test_without_colour_words_and_meaning_still_differ(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    text = _print(answer, monkeypatch, columns=80)
    codes = set(re.findall(r"\x1b\[([\d;]*)m", text))
    assert codes == {"0", "1", "2", "4", "1;4"}  # bold, dim, underlined; no colour


def test_where_the_terminal_has_no_unicode(
    answer: Answer, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _print(answer, monkeypatch, columns=80, stream=Latin(), period=Period.YEAR)
    golden("answer-latin-1.txt", text)
    drawn = {letter for letter in text if ord(letter) > 255}
    assert drawn <= {"“", "”", "’"}  # of the description and the article; the stream folds them


@pytest.mark.parametrize(
    ("mode", "query", "total", "line"),
    [
        (Mode.KEYWORD, "tax", (0, 0, 0), "Nothing was found."),
        (Mode.KEYWORD, "tax", (1, 1, 0), "1 article contains your words."),
        (Mode.KEYWORD, "tax", (1412, 1412, 0), "1,412 articles contain your words."),
        (Mode.KEYWORD, "date:1908", (1, 1, 0), "1 article satisfies this."),
        (Mode.HYBRID, "date:1908", (9, 9, 0), "9 articles satisfy this."),
        (
            Mode.HYBRID,
            "tax",
            (449, 412, 37),
            "412 articles contain your words, 37 more are close in meaning.",
        ),
        (
            Mode.HYBRID,
            "tax",
            (2, 1, 1),
            "1 article contains your words, 1 more is close in meaning.",
        ),
        (Mode.HYBRID, "tax", (3, 3, 0), "3 articles contain your words."),
        (
            Mode.HYBRID,
            "tax",
            (3, 0, 3),
            "No article contains your words; 3 articles are close in meaning.",
        ),
        (
            Mode.SEMANTIC,
            "tax",
            (5, 2, 3),
            "5 articles are close in meaning; 2 of them contain your words.",
        ),
        (
            Mode.SEMANTIC,
            "tax",
            (5, 1, 4),
            "5 articles are close in meaning; 1 of them contains your words.",
        ),
        (
            Mode.SEMANTIC,
            "tax",
            (5, 0, 5),
            "5 articles are close in meaning; none contains your words.",
        ),
        (
            Mode.SEMANTIC,
            "tax",
            (5, 5, 0),
            "5 articles are close in meaning; all contain your words.",
        ),
        (
            Mode.SEMANTIC,
            "tax",
            (1, 1, 0),
            "1 article is close in meaning; it contains your words.",
        ),
    ],
)
def test_totals_in_plain_words(
    answer: Answer, mode: Mode, query: str, total: tuple[int, int, int], line: str
) -> None:
    assert total_line(replace(answer, mode=mode, query=parse(query), total=Total(*total))) == line


def test_an_article(article: Article, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    stream = Unicode()
    article_for_people(screen(stream), article, [Span(4, 11)], [])
    golden("article.txt", stream.getvalue())


def test_paragraphs_leave_nothing_out() -> None:
    body = "\n\none\ntwo\n \n\t\nthree \n\n"
    assert [body[start:end] for start, end in paragraphs(body)] == ["one\ntwo", "three "]


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (PartialDate(1908), "1908"),
        (PartialDate(1908, 5), "May 1908"),
        (PartialDate(2022, 7, 29), "29 July 2022"),
        (PartialDate(2022, 7, 29, 5, 0), "29 July 2022, 05:00"),
        (PartialDate(2022, 7, 29, 5, 0, -330), "29 July 2022, 05:00 UTC-05:30"),
        (PartialDate(2022, 7, 29, 5, 0, 0), "29 July 2022, 05:00 UTC+00:00"),
    ],
)
def test_dates_are_as_precise_as_known(date: PartialDate, text: str) -> None:
    assert spoken(date, with_time=True) == text
    assert spoken_iso(date.isoformat()) == text.partition(",")[0]


def test_a_stored_date_that_is_none_is_shown_as_it_stands() -> None:
    assert spoken_iso("long ago") == "long ago"
    assert spoken_iso(None) == ""


def _chart(columns: int, times: Timeline, period: Period) -> str:
    stream = Unicode()
    page = screen(stream)
    charts.timeline(Screen(page.console, columns, page.glyphs), times, period)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "period", "starts"),
    [
        ("years-few", Period.YEAR, ["2019", "2022"]),
        ("years-many", Period.YEAR, [str(year) for year in range(1776, 1922, 3)]),
        ("months-many", Period.MONTH, ["2014-03", "2014-05", "2019-12"]),
        ("days-many", Period.DAY, ["2014-01-01", "2014-02-28", "2016-03-01"]),
    ],
)
def test_a_timeline(name: str, period: Period, starts: list[str], golden: Golden) -> None:
    bins = tuple(TimelineBin(start, 1 + place % 7) for place, start in enumerate(starts))
    text = _chart(80, Timeline(bins, 0), period)
    golden(f"timeline-{name}.txt", text)
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_timeline_of_nothing() -> None:
    assert "No article" in _chart(80, Timeline((), 4), Period.DAY)


def test_the_least_count_has_a_bar_and_the_most_a_whole_one() -> None:
    assert charts.bar(1, 100_000, 10, "▏▎▍▌▋▊▉█") == "▏"
    assert charts.bar(100_000, 100_000, 10, "▏▎▍▌▋▊▉█") == "█" * 10
    assert charts.bar(0, 5, 10, "▏▎▍▌▋▊▉█") == ""
    assert charts.bar(5, 10, 10, "#") == "#####"


def test_an_estimated_facet_says_so() -> None:
    stream = Unicode()
    counts = Facet((FacetCount("a\x1b[31m", 2),), distinct=900, missing=0, exact=False)
    charts.facet(screen(stream), ValueField.TOPIC, counts)
    assert "about 899 more" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_an_id_can_be_typed_again() -> None:
    assert shown_id("it's here.md") == "'it'\"'\"'s here.md'"
    assert shown_id("federalist-10") == "federalist-10"


def test_cells_are_cut_to_their_width() -> None:
    assert fitted("漢字漢字", 5, "…") == "漢字…"
    assert fitted("ab\ncd", 7, "…") == "ab cd  "


_LONG = "The Select Committee on the Reform of the Harbour Dues"
_HEADER = ("author", "articles", "first", "last")


def _table(columns: int, monkeypatch: pytest.MonkeyPatch, *names: str) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Unicode()
    rows = [(name, "1,201", "1901-02-03", "2019-04-05") for name in names]
    table(screen(stream), _HEADER, rows, right=frozenset({1}))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("columns", [40, 50, 60, 80])
def test_a_table_keeps_to_the_screen_and_loses_nothing(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = _table(columns, monkeypatch, _LONG, "漢字" * 12)
    assert max(map(cell_len, lines)) <= columns
    text = " ".join(lines)
    assert all(word in text for word in [*_LONG.split(), "1,201", "1901-02-03", "2019-04-05"])
    assert text.count("漢") == 12


def test_a_name_too_long_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _table(60, monkeypatch, _LONG, "Old Mr. Tarn") == [
        "author                      articles  first       last",
        "The Select Committee on        1,201  1901-02-03  2019-04-05",
        "the Reform of the Harbour",
        "Dues",
        "Old Mr. Tarn                   1,201  1901-02-03  2019-04-05",
    ]


def test_columns_that_cannot_stand_beside_each_other_are_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _table(40, monkeypatch, "Old Mr. Tarn") == [
        "author Old Mr. Tarn, articles 1,201,",
        "  first 1901-02-03, last 2019-04-05",
    ]


def test_a_long_query_leaves_room_for_what_it_found(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "Articles that contain " + "“tram”, " * 5000
    before = _print(answer, monkeypatch, columns=80).splitlines()
    lines = _print(replace(answer, description=long), monkeypatch, columns=80).splitlines()
    assert len(lines) < len(before) + 7
    assert lines[0].startswith("Articles that contain “tram”")
    assert any(line.endswith("…") for line in lines[:7])


@pytest.mark.parametrize(
    ("mode", "said"), [(Mode.KEYWORD, "meaning"), (Mode.SEMANTIC, "words"), (Mode.HYBRID, "")]
)
def test_a_leg_that_was_not_searched_is_not_called_empty(
    answer: Answer, mode: Mode, said: str
) -> None:
    bare = replace(answer.hits[0], words=None, meaning=None, shares=None)
    text = explanation(bare, replace(answer, mode=mode))
    assert [name for name in ("words", "meaning") if f"{name}: not searched" in text] == (
        [said] if said else []
    )
    assert text.count("not found") == (1 if said else 2)


def test_the_screen_is_never_wider_than_the_eye_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    page = screen(Unicode())
    assert isinstance(page.console, Console)
    assert page.width == 100
