"""Citations, read back by parsers that are not ours."""

from __future__ import annotations

import json

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import (
    LatexDecodingMiddleware,
    SeparateCoAuthors,
    SplitNameParts,
)
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc import formatter as formatters
from citeproc.source.json import CiteProcJSON
from hypothesis import example, given
from hypothesis import strategies as st

from byline import citations
from byline.citations import LiteralName, PersonName, read_name
from byline.records import Article, PartialDate

COLUMN = Article(
    id="telegraph/1",
    title="Iran & Europe: 100% {proof} of a_b ~ $5 #1 ^ \\end",
    body="The body.",
    authors=("Con Coughlin", "Ludwig van Beethoven", "The Editorial Board"),
    publication="The Daily Telegraph",
    date=PartialDate(2022, 7, 29),
    url="https://example.org/a_b?c=%7B1%7D&d={e}",
    summary=("First point.", "Second point."),
    topics=("Iran", "drones, armed"),
    section="Comment",
    language="en",
)
#: What breaks formats: their own signs, line ends of all kinds, controls, what Unicode has.
HOSTILE = (
    "} @article{evil, title = {x",
    "ER  - \r\nTY  - BOOK\nTI  - Forged",
    "a\u2028TY  - BOOK\u2029b\x85c\x0bd\x0ce\x00f",
    "\"quoted\" 'single' <b>bold</b> & co",
    "\\input{/etc/passwd} \\\\ {{{ %",
    "=HYPERLINK(1)",
    "and and and, and",
    "\u202eevil\u202c שלום 日本 😀 e\u0301",
    " \t ",
)
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=30)
ARTICLES = st.builds(
    Article,
    id=st.text(min_size=1, max_size=20),
    title=TEXTS,
    body=st.just("Words of the body."),
    authors=st.lists(TEXTS.filter(lambda text: bool(text.split())), max_size=3).map(tuple),
    publication=st.none() | TEXTS,
    date=st.sampled_from([None, PartialDate(1908), PartialDate(1908, 5), PartialDate(2022, 7, 29)]),
    url=st.none() | st.just("https://example.org/x") | TEXTS,
    summary=st.lists(TEXTS, max_size=2).map(tuple),
    topics=st.lists(TEXTS, max_size=2).map(tuple),
    section=st.none() | TEXTS,
    language=st.none() | st.just("en"),
)


def bibtex_entries(text: str) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(
        text,
        append_middleware=[SeparateCoAuthors(), SplitNameParts(), LatexDecodingMiddleware()],
    )
    assert not library.failed_blocks, library.failed_blocks
    return [{field.key: field.value for field in entry.fields} for entry in library.entries]


def bare_entries(text: str) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    return [
        {"ID": entry.key, **{field.key: field.value for field in entry.fields}}
        for entry in library.entries
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Con Coughlin", PersonName("Coughlin", "Con")),
        ("Coughlin, Con", PersonName("Coughlin", "Con")),
        ("G. K. Chesterton", PersonName("Chesterton", "G. K.")),
        ("Ludwig van Beethoven", PersonName("van Beethoven", "Ludwig")),
        ("Vincent de la Cruz", PersonName("de la Cruz", "Vincent")),
        ("Martin Luther King Jr.", PersonName("King", "Martin Luther", "Jr.")),
        ("Sammy Davis, Jr.", PersonName("Davis", "Sammy", "Jr.")),
        ("Publius", LiteralName("Publius")),
        ("The Editorial Board", LiteralName("The Editorial Board")),
        ("18F Staff", LiteralName("18F Staff")),
        ("Department of State", LiteralName("Department of State")),
        ("日本太郎", LiteralName("日本太郎")),
        ("Con\n Coughlin", PersonName("Coughlin", "Con")),
    ],
)
def test_names_are_read_as_bylines_have_them(written: str, read: PersonName | LiteralName) -> None:
    assert read_name(written) == read


def test_ris_is_read_by_rispy() -> None:
    (record,) = rispy.loads(citations.ris(COLUMN))
    assert record["type_of_reference"] == "NEWS"
    assert record["title"] == COLUMN.title
    assert record["authors"] == ["Coughlin, Con", "van Beethoven, Ludwig", "The Editorial Board"]
    assert record["secondary_title"] == "The Daily Telegraph"
    assert (record["year"], record["date"]) == ("2022", "2022/07/29/")
    assert record["urls"] == [COLUMN.url]
    assert record["keywords"] == ["Iran", "drones, armed"]
    assert record["abstract"] == "First point. Second point."


def test_bibtex_is_read_by_bibtexparser() -> None:
    (entry,) = bibtex_entries(citations.bibtex(COLUMN))
    # It takes the circumflex for the accent, and braces around a word for grouping.
    assert entry["title"].replace("ˆ", "^") == COLUMN.title.replace("{", "").replace("}", "")
    assert [name.last for name in entry["author"]] == [
        ["Coughlin"],
        ["Beethoven"],
        ["{The Editorial Board}"],
    ]
    assert entry["author"][1].von == ["van"]
    (entry,) = bare_entries(citations.bibtex(COLUMN))
    assert (entry["year"], entry["date"], entry["month"]) == ("2022", "2022-07-29", "jul")
    assert entry["url"] == "https://example.org/a_b?c=%7B1%7D&d=%7Be%7D"


def test_csl_json_is_set_by_citeproc() -> None:
    items = json.loads(json.dumps([citations.csl_json(COLUMN)]))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    shelf = CitationStylesBibliography(style, CiteProcJSON(items), formatters.plain)
    shelf.register(Citation([CitationItem(COLUMN.id)]))
    (entry,) = [str(entry) for entry in shelf.bibliography()]
    for part in ("Coughlin", "van Beethoven", "The Editorial Board", "2022", "Telegraph"):
        assert part in entry


@pytest.mark.parametrize(
    ("date", "ris", "year", "csl"),
    [
        (PartialDate(1908), "1908///", "1908", [1908]),
        (PartialDate(1908, 5), "1908/05//", "1908", [1908, 5]),
        (PartialDate(1908, 5, 17), "1908/05/17/", "1908", [1908, 5, 17]),
    ],
)
def test_a_date_says_no_more_than_is_known(
    date: PartialDate, ris: str, year: str, csl: list[int]
) -> None:
    article = Article("x", "T", "B", date=date)
    assert rispy.loads(citations.ris(article))[0]["date"] == ris
    (entry,) = bare_entries(citations.bibtex(article))
    assert (entry["year"], entry["date"]) == (year, date.isoformat())
    assert ("month" in entry) is (date.month is not None)
    assert citations.csl_json(article)["issued"] == {"date-parts": [csl]}
    assert citations.plain(article).endswith(year)


@given(article=ARTICLES)
@example(article=Article("x", HOSTILE[1], "Body", authors=(HOSTILE[1],), topics=(HOSTILE[1],)))
@example(article=Article("x", HOSTILE[0], "Body", authors=(HOSTILE[0],), topics=(HOSTILE[0],)))
def test_nothing_in_an_article_ends_its_record_or_begins_another(article: Article) -> None:
    harmless = Article("after", "After", "Body.")
    records = rispy.loads(citations.ris(article) + citations.ris(harmless))
    assert [record["type_of_reference"] for record in records] == ["NEWS", "NEWS"]
    assert records[1]["title"] == "After"
    assert records[0].get("authors", []) == [
        citations._ris_name(read_name(name)) for name in article.authors if citations._plain(name)
    ]
    entries = bare_entries(citations.bibtex(article) + citations.bibtex(harmless))
    assert [entry["ID"] for entry in entries] == [
        citations.citation_key(article),
        citations.citation_key(harmless),
    ]
    assert entries[1]["title"].strip("{}") == "After"
    assert json.loads(json.dumps(citations.csl_json(article)))["type"] == "article-newspaper"
    assert "\n" not in citations.plain(article)


def test_each_article_has_a_key_of_its_own() -> None:
    same = [Article(f"{n}", "T", "B", authors=("Ada Quill",)) for n in range(3)]
    assert len({citations.citation_key(article) for article in same}) == 3
    assert citations.citation_key(same[0]).startswith("quill")


def test_an_article_without_a_title_is_cited_by_how_it_begins() -> None:
    article = Article("x", "", " ".join(f"word{n}" for n in range(30)))
    title = rispy.loads(citations.ris(article))[0]["title"]
    assert title.startswith("word0 word1")
    assert title.endswith("…")


def test_a_line_for_people() -> None:
    assert citations.plain(COLUMN) == (
        "Con Coughlin, Ludwig van Beethoven and The Editorial Board, “Iran & Europe: 100% {proof} "
        "of a_b ~ $5 #1 ^ \\end”, The Daily Telegraph, 29 July 2022, "
        "https://example.org/a_b?c=%7B1%7D&d={e}"
    )
