"""Every format, made up and broken in every way that is reported."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byline.errors import UsageError
from byline.records import Article
from indexer.sources import (
    Finished,
    Format,
    Found,
    Noted,
    ReadOptions,
    Rejected,
    read_sources,
    tables,
)


def events(*sources: str | Path, stdin: bytes | None = None, **options: object) -> list[object]:
    stream = io.BytesIO(stdin) if stdin is not None else None
    return list(read_sources([str(source) for source in sources], ReadOptions(**options), stream))  # type: ignore[arg-type]


def articles(found: list[object]) -> list[Article]:
    return [event.article for event in found if isinstance(event, Found)]


def codes(found: list[object]) -> list[tuple[str, str]]:
    return [(event.record, event.code) for event in found if isinstance(event, Rejected)]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


TEXT = """The Long Way Round
By Ann Adams, Bo Burr and Åsa Ek | 29 July 2022
The first point of it.
• The second point of it.

The body begins here, with a sentence.

And has a second paragraph.
"""


def test_plain_text_as_newspapers_print_it(tmp_path):
    (article,) = articles(events(write(tmp_path / "a.txt", TEXT)))
    assert article.title == "The Long Way Round"
    assert article.authors == ("Ann Adams", "Bo Burr", "Åsa Ek")
    assert str(article.date) == "2022-07-29"
    assert article.summary == ("The first point of it.", "The second point of it.")
    assert article.body == ("The body begins here, with a sentence.\n\nAnd has a second paragraph.")


@pytest.mark.parametrize(
    ("second", "authors", "date"),
    [
        ("by Con Coughlin • July 29, 2022 at 5:00 am", ("Con Coughlin",), "2022-07-29T05:00"),
        ("By Ann Adams and Bo Burr •", ("Ann Adams", "Bo Burr"), None),
        ("Ann Adams and Bo Burr | 29 July 2022", ("Ann Adams", "Bo Burr"), "2022-07-29"),
        ("Posted on 3 March 2020 by Ann Adams", ("Ann Adams",), "2020-03-03"),
        ("Ann Adams — 2020-03-03", ("Ann Adams",), "2020-03-03"),
        ("July 29, 2022 at 5:00 am", (), "2022-07-29T05:00"),
        ("Words by Zoë Brânză", ("Zoë Brânză",), None),
        ("3 May 2021, Jane Doe", ("Jane Doe",), "2021-05-03"),
        ("29 JUL 2022 | JANE DOE", ("Jane Doe",), "2022-07-29"),
        ("3 May 2021\nBy Jane Doe", ("Jane Doe",), "2021-05-03"),
        ("By Jane Doe on 3 May 2021", ("Jane Doe",), "2021-05-03"),
        ("By Jane Doe (3 May 2021)", ("Jane Doe",), "2021-05-03"),
        ("By R. F. Kennedy Jr. • 3 May 2021", ("R. F. Kennedy Jr.",), "2021-05-03"),
        ("CNN | 3 May 2021", (), "2021-05-03"),
        ("3 May 2021 5:00 am by Jane Doe", ("Jane Doe",), "2021-05-03T05:00"),
        ("By our foreign correspondent", ("our foreign correspondent",), None),
        ("BY JANE DOE\n3 May 1921", ("Jane Doe",), "1921-05-03"),
    ],
)
def test_bylines_in_many_ways(tmp_path, second, authors, date):
    text = f"A Title\n{second}\nA point.\n\nThe body."
    (article,) = articles(events(write(tmp_path / "a.txt", text)))
    assert (article.authors, article.title, article.body) == (authors, "A Title", "The body.")
    assert (None if article.date is None else str(article.date)) == date
    assert article.summary == ("A point.",)


def test_a_sentence_that_names_a_date_is_no_byline(tmp_path):
    text = "A Title\n\nOn July 4, 1776 something happened in a hot room.\n\nMore of it."
    (article,) = articles(events(write(tmp_path / "a.txt", text)))
    assert article.date is None
    assert article.body.startswith("On July 4, 1776")


@pytest.mark.parametrize("above", ["", "A Title\n", "A Title\n\n"])
@pytest.mark.parametrize(
    "sentence", ["By noon the town was empty.", "By Friday, 29 July 2022, the town was empty."]
)
def test_a_sentence_that_begins_with_by_is_no_byline(tmp_path, above, sentence):
    text = f"{above}{sentence}\n\nThen they came back."
    (article,) = articles(events(write(tmp_path / "a.txt", text)))
    assert article.authors == ()
    assert article.date is None
    assert article.body == f"{sentence}\n\nThen they came back."


def test_a_title_that_begins_with_by_is_a_title(tmp_path):
    text = "By Land and Sea\nBy Jane Doe\n\nThe body."
    (article,) = articles(events(write(tmp_path / "a.txt", text)))
    assert (article.title, article.authors) == ("By Land and Sea", ("Jane Doe",))


def test_text_that_is_one_paragraph_gets_its_title_from_the_file(tmp_path):
    (article,) = articles(events(write(tmp_path / "on-war.txt", "Just a paragraph of text.")))
    assert (article.title, article.body) == ("on war", "Just a paragraph of text.")


def test_an_ambiguous_date_is_noted_and_the_article_kept(tmp_path):
    found = events(write(tmp_path / "a.txt", "T\nby Ann Adams • 03/04/2022\nPoint.\n\nBody."))
    (article,) = articles(found)
    assert (article.date, article.authors) == (None, ("Ann Adams",))
    assert [event.code for event in found if isinstance(event, Noted)] == ["bad-date"]


@pytest.mark.parametrize(
    "record",
    [
        {"title": "T", "author": "By A B", "date": "2022-07-29", "text": "Body."},
        {"Headline": "T", "byline": "A B", "pubDate": "Fri, 29 Jul 2022 00:00:00 GMT", "Body": "Body."},
        {"headline": "T", "authors": [{"name": "A B"}], "datePublished": "2022-07-29", "articleBody": "<p>Body.</p>"},
        {"title": {"rendered": "T"}, "creator": ["A B"], "published_at": 1659052800, "content": {"rendered": "<p>Body.</p>"}},
        {"dc:title": "T", "dc:creator": "A B", "dc:date": "2022-07-29", "full_text": "Body."},
    ],
)  # fmt: skip
def test_names_of_fields_are_found_by_themselves(tmp_path, record):
    (article,) = articles(events(write(tmp_path / "a.jsonl", json.dumps(record))))
    assert (article.title, article.authors, article.body) == ("T", ("A B",), "Body.")
    assert article.date is not None
    assert article.date.first_day.isoformat() == "2022-07-29"


def test_other_names_are_told_by_field(tmp_path):
    path = write(tmp_path / "a.jsonl", json.dumps({"id": 7, "h": "T", "article_copy": "Body."}))
    assert codes(events(path)) == [("line 1", "no-body")]
    (article,) = articles(events(path, fields={"body": "article_copy", "title": "h"}))
    assert (article.id, article.title, article.body) == ("7", "T", "Body.")
    with pytest.raises(UsageError, match="Did you mean body"):
        events(path, fields={"bodi": "article_copy"})


def test_unused_fields_are_named(tmp_path):
    path = write(tmp_path / "a.jsonl", json.dumps({"text": "Body.", "mood": "x", "title": "T"}))
    (found,) = [event for event in events(path) if isinstance(event, Found)]
    assert found.unused == ("mood",)


def test_ids_are_the_sources_own_else_the_url_else_made_from_the_place(tmp_path):
    rows = [
        {"id": "own", "url": "https://x.org/1", "text": "One."},
        {"url": "https://x.org/2", "text": "Two."},
        {"text": "Three."},
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    first, again = (articles(events(path)) for _ in range(2))
    assert [a.id for a in first[:2]] == ["own", "https://x.org/2"]
    assert len(first[2].id) == 20
    assert [a.id for a in first] == [a.id for a in again]


def test_a_broken_line_costs_that_line(tmp_path):
    lines = ['{"text": "One."}', '{"text": ', "[1]", "", '{"text": " "}', '{"text": "Six."}']
    found = events(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert [a.body for a in articles(found)] == ["One.", "Six."]
    assert codes(found) == [
        ("line 2", "bad-json"),
        ("line 3", "not-a-record"),
        ("line 5", "empty-body"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_list_in_a_file_of_lines_holds_records(tmp_path, encoding):
    content = '[{"text": "One."},\n {"text": "Two."}]'.encode(encoding)
    found = events(write(tmp_path / "a.jsonl", content))
    assert [a.body for a in articles(found)] == ["One.", "Two."]


def test_only_line_ends_part_lines_in_utf_16(tmp_path):
    content = '{"text": "One\u2028more."}\n{"text": "Two."}'.encode("utf-16")
    found = events(write(tmp_path / "a.jsonl", content))
    assert [a.body for a in articles(found)] == ["One\nmore.", "Two."]


def test_an_empty_field_does_not_hide_a_full_one(tmp_path):
    record = {"_id": {"$oid": "5f1"}, "text": "", "content": "The body."}
    (found,) = [
        e for e in events(write(tmp_path / "a.json", json.dumps(record))) if isinstance(e, Found)
    ]
    assert (found.article.id, found.article.body, found.unused) == ("5f1", "The body.", ("text",))


def test_a_place_is_named_once_and_within_its_line(tmp_path):
    found = events(write(tmp_path / "a.jsonl", '{"text": "On\n{"text":\n'))
    said = [event.message for event in found if isinstance(event, Rejected)]
    assert said == [
        "It is not JSON: Unterminated string at column 10.",
        "It is not JSON: Expecting value at column 9.",
    ]


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", ""), ("a.json", "[]"), ("a.csv", "title,body\n")]
)
def test_a_file_without_records_is_noted(tmp_path, name, content):
    found = events(write(tmp_path / name, content))
    assert [event.code for event in found if isinstance(event, Noted)] == ["no-records"]
    assert codes(found) == []


def test_folders_that_are_passed_over_are_noted(tmp_path):
    write(tmp_path / "in" / "one.txt", "One\n\nBody.")
    head = b"SQLite format 3\0".ljust(68, b"\0") + b"BYLN"
    write(tmp_path / "in" / "byline-archive" / "archive.sqlite", head)
    write(tmp_path / "in" / "byline-archive" / "words" / "meta.json", "{}")
    write(tmp_path / "out" / "two.txt", "Two\n\nBody.")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    found = events(tmp_path / "in")
    assert [a.title for a in articles(found)] == ["One"]
    assert codes(found) == []
    assert [e.code for e in found if isinstance(e, Noted)] == ["archive", "linked"]


def test_a_table_full_of_quotes_that_are_never_closed_is_read_a_few_times_at_most():
    """It took a second for one megabyte of such rows, and sixteen for four."""

    class Lines(list):
        given = 0

        def __getitem__(self, place):
            self.given += 1
            return super().__getitem__(place)

        def __iter__(self):
            return (self[place] for place in range(len(self)))

    lines = Lines(["id,text\n"])
    lines += [f'{n},"never closed\n' if n % 2 else f"{n},whole\n" for n in range(2000)]
    rows = list(tables._rows(lines, tables.Dialect(",")))
    assert sum(isinstance(row.fields, list) for row in rows) == 1001
    assert len(rows) == 2001
    assert lines.given < 4 * len(lines)


def test_links_that_lead_back_to_their_folder_bring_each_file_once(tmp_path):
    write(tmp_path / "in" / "one.txt", "One\n\nBody.")
    write(tmp_path / "in" / "below" / "two.txt", "Two\n\nOther body.")
    for name in ("up", "back"):
        (tmp_path / "in" / "below" / name).symlink_to(tmp_path / "in")
    for named in ("in", "in/**", "in/**/*.txt", "*/**/*.txt", "in/below/up"):
        found = events(f"{tmp_path}/{named}")
        assert sorted(a.title for a in articles(found)) == ["One", "Two"], named
        assert codes(found) == []
    # By two ways to the same folder as well.
    found = events(tmp_path / "in" / "below" / "up", tmp_path / "in")
    assert sorted(a.title for a in articles(found)) == ["One", "Two"]


@pytest.mark.parametrize("number", ["NaN", "1e400", "-Infinity", "1" * 400])
def test_a_number_that_is_no_date_costs_the_date(tmp_path, number):
    found = events(write(tmp_path / "a.jsonl", f'{{"text": "One.", "date": {number}}}'))
    assert [a.date for a in articles(found)] == [None]
    assert [event.code for event in found if isinstance(event, Noted)] == ["bad-date"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.jsonl", '{"text": "x", "n": %s}' % ("1" * 5000), "bad-json"),
        ("a.json", '{{"text": {}1{}}}'.format("[" * 400, "]" * 400), "bad-value"),
        ("a.md", "---\ntags: &a [*a]\n---\nBody.", "bad-value"),
        ("a.md", "---\ntitle: 0x%s\n---\nBody." % ("f" * 5000), "bad-value"),
        ("a.md", "+++\nn = %s\n+++\nBody." % ("1" * 5000), "bad-front-matter"),
        ("a.md", "---\nn: %s\n---\nBody." % ("[" * 5000), "bad-front-matter"),
    ],
)
def test_a_value_that_cannot_be_read_costs_its_record_and_not_the_run(
    tmp_path, name, content, code
):
    write(tmp_path / name, content)
    write(tmp_path / "z.txt", "Title\n\nThe rest goes on.")
    found = events(tmp_path)
    assert [c for _, c in codes(found)] == [code]
    assert [a.body for a in articles(found)] == ["The rest goes on."]


@pytest.mark.parametrize("wrapper", ["[%s]", '{"articles": [%s]}', '{"data": [%s], "n": 1}'])
def test_json_arrays(tmp_path, wrapper):
    path = write(tmp_path / "a.json", wrapper % '{"text": "One."}, {"text": "Two."}, 3')
    found = events(path)
    assert [a.body for a in articles(found)] == ["One.", "Two."]
    assert codes(found) == [("record 3", "not-a-record")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables(tmp_path, delimiter):
    rows = [
        ["title", "author", "body"],
        ["T", "A B", 'He said ""no"",\nand left.'],
        ["x", "y", "z"],
    ]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    first, second = articles(events(write(tmp_path / "a.csv", text)))
    assert first.body == 'He said "no",\nand left.'
    assert first.origins[0].record == "line 2"
    assert second.origins[0].record == "line 4"


def test_a_field_of_megabytes_is_read_whole(tmp_path):
    body = "word " * 600_000
    (article,) = articles(events(write(tmp_path / "a.csv", f'title,body\nT,"{body}"\n')))
    assert len(article.body) == len(body.strip())


def test_rows_that_do_not_fit_are_named(tmp_path):
    text = 'title,body\nT,One.\nT,Two,more\nT\nT,"bad" quote\nT,Six.\n'
    found = events(write(tmp_path / "a.csv", text))
    assert [a.body for a in articles(found)] == ["One.", "Six."]
    assert codes(found) == [
        ("line 3", "ragged-row"),
        ("line 4", "ragged-row"),
        ("line 5", "bad-quoting"),
    ]


@pytest.mark.parametrize(
    ("name", "table", "body"),
    [
        ("a.csv", "title,body\n'T','One, two.'\n'U','It''s three.'\n", "One, two."),
        ("a.csv", 'title,body\n"T","He said \\"no, no\\"."\n', 'He said "no, no".'),
        ("a.csv", '"title", "body"\n"T", "One, two."\n', "One, two."),
        ("a.csv", '\n  \ntitle,body\nT,"One, two."\n', "One, two."),
        ("a.tsv", 'title\tbody\nT\t"One" is not two.\n', '"One" is not two.'),
        ("a.tsv", 'title\tbody\nT\t"One ""and""\ntwo."\n', 'One "and"\ntwo.'),
        ("a.csv", "title,body\nT,Don't 'quote' me.\n", "Don't 'quote' me."),
    ],
)
def test_quoting_is_detected(tmp_path, name, table, body):
    found = events(write(tmp_path / name, table))
    assert codes(found) == []
    assert articles(found)[0].body == body


def test_a_quote_that_is_never_closed_costs_its_row(tmp_path):
    rows = "".join(f'T{number},"Body {number}."\n' for number in range(4, 50))
    found = events(write(tmp_path / "a.csv", f'title,body\nT,One.\nT,"Two.\n{rows}'))
    assert [a.body for a in articles(found)] == ["One.", *(f"Body {n}." for n in range(4, 50))]
    assert codes(found) == [("line 3", "bad-quoting")]


def test_a_name_that_stands_twice_in_a_header_is_said(tmp_path):
    found = events(write(tmp_path / "a.csv", "title,body,body\nT,One.,\nT,,Two.\n"))
    assert [a.body for a in articles(found)] == ["One.", "Two."]
    assert [event.code for event in found if isinstance(event, Noted)] == ["doubled-field"]


def test_one_wrong_byte_in_a_table_costs_one_row(tmp_path):
    good = 'T,"Café, naïve,\ndéjà vu."\n'.encode()
    bad = good.replace("é".encode(), b"\xff", 1)
    found = events(write(tmp_path / "a.csv", b"title,body\n" + good + bad + good))
    assert len(articles(found)) == 2
    assert codes(found) == [("line 4", "bad-encoding")]


MARKDOWN = """---
title: "On: Rivers"
authors:
- ann
- bo
date: 2015-03-13 10:00:00 -0500
tags: [floods, rivers]
layout: post
---
# Heading

A [link](https://x.org) {{ "x" | url }} and *more*.
"""


def test_markdown_with_yaml_front_matter(tmp_path):
    found = events(write(tmp_path / "2015-03-13-on-rivers.md", MARKDOWN))
    (article,) = articles(found)
    assert (article.title, article.authors) == ("On: Rivers", ("ann", "bo"))
    assert article.topics == ("floods", "rivers")
    assert article.date is not None
    assert article.date.first_day.isoformat() == "2015-03-13"
    assert article.body == "Heading\n\nA link and more."


def test_markdown_is_made_text_once(tmp_path):
    """What looks like markup in the text that came out is what the post is about."""
    code = "Try `git push <branch>` and `**bold**`, `<p>` and `&amp;amp;`."
    post = f"---\ntitle: T\n---\n{code}\n\n<iframe src=x></iframe>\n\nSecond.\n\n* * *\n\nThird."
    (article,) = articles(events(write(tmp_path / "a.md", post)))
    first = "Try git push <branch> and **bold**, <p> and &amp;amp;."
    assert article.body.split("\n\n") == [first, "Second.", "Third."]


def test_markdown_with_toml_front_matter_and_without_any(tmp_path):
    toml = '+++\ntitle = "T"\ndate = 2020-01-02T03:04:05+01:00\nauthor = "A B"\n+++\nBody.'
    write(tmp_path / "a.md", toml)
    write(tmp_path / "2019-05-06-plain-post.md", "# A heading\n\nBody two.")
    two, one = articles(events(tmp_path))
    assert (one.title, one.authors, str(one.date)) == ("T", ("A B",), "2020-01-02T03:04+01:00")
    assert (two.title, str(two.date), two.body) == ("A heading", "2019-05-06", "Body two.")


def test_a_day_that_cannot_be_is_noted_in_front_matter_too(tmp_path):
    found = events(write(tmp_path / "a.md", "---\ntitle: T\ndate: 2022-02-30\n---\nBody."))
    assert [(a.title, a.date) for a in articles(found)] == [("T", None)]
    assert [event.code for event in found if isinstance(event, Noted)] == ["bad-date"]


def test_front_matter_that_cannot_be_read_is_named(tmp_path):
    write(tmp_path / "a.md", "---\ntitle: [unclosed\n---\nBody.")
    write(tmp_path / "b.md", "---\ntitle: T\n---\n\n")
    assert [code for _, code in codes(events(tmp_path))] == ["bad-front-matter", "empty-body"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("kind", ["txt", "jsonl", "csv"])
def test_encodings_are_detected(tmp_path, encoding, kind):
    body = "Café “quoted” naïve, and a good many further plain words."
    text = {
        "txt": f"A Title\n\n{body}",
        "jsonl": json.dumps({"title": "A Title", "text": body}, ensure_ascii=False),
        "csv": f'title,body\nA Title,"{body}"',
    }[kind]
    (article,) = articles(events(write(tmp_path / f"a.{kind}", text.encode(encoding))))
    assert (article.title, article.body) == ("A Title", body)


def test_one_wrong_byte_in_utf_8_costs_one_line(tmp_path):
    good = json.dumps({"text": "Café, naïve, déjà vu."}, ensure_ascii=False).encode()
    bad = good.replace("é".encode(), b"\xff", 1)
    found = events(write(tmp_path / "a.jsonl", b"\n".join([good, bad, good])))
    assert len(articles(found)) == 2
    assert codes(found) == [("line 2", "bad-encoding")]


COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("suffix", COMPRESS)
def test_compressed_files(tmp_path, suffix):
    data = COMPRESS[suffix](b'{"text": "One."}\n{"text": "Two."}\n')
    path = write(tmp_path / f"a.jsonl.{suffix}", data)
    assert [a.body for a in articles(events(path))] == ["One.", "Two."]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_broken_compression_is_named_and_the_file_is_not_complete(tmp_path, suffix):
    whole = COMPRESS[suffix](os.urandom(5000).hex().encode())
    for data in (whole[: len(whole) // 2], b"not compressed at all, in no way"):
        found = events(write(tmp_path / f"a.jsonl.{suffix}", data))
        assert [event.complete for event in found if isinstance(event, Finished)] == [False]
        assert codes(found)
        assert articles(found) == []


def test_folders_globs_and_standard_input(tmp_path):
    write(tmp_path / "a" / "one.txt", "One\n\nBody one.")
    write(tmp_path / "a" / "b" / "two.txt", "Two\n\nBody two.")
    write(tmp_path / "a" / ".hidden.txt", "no")
    found = events(tmp_path / "a", tmp_path / "a" / "one.txt", f"{tmp_path}/**/*.txt")
    assert sorted(a.title for a in articles(found)) == ["One", "Two"]
    assert [event.code for event in found if isinstance(event, Noted)] == ["hidden"]
    (piped,) = articles(events("-", stdin=b'{"text": "From a pipe."}'))
    assert (piped.body, piped.origins[0].source) == ("From a pipe.", "-")


def test_what_is_not_there_or_not_text_is_named(tmp_path):
    write(tmp_path / "photo.jpg", bytes(range(256)) * 20)
    write(tmp_path / "report.pdf", b"%PDF-1.4")
    write(tmp_path / "empty.txt", "")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "columns.jsonl", '{"text": "x"}')
    found = events(tmp_path, tmp_path / "column.jsonl", f"{tmp_path}/*.xyz")
    said = {Path(e.source).name: e for e in found if isinstance(e, Rejected)}
    assert {name: event.code for name, event in said.items()} == {
        "photo.jpg": "binary",
        "report.pdf": "unsupported-format",
        "empty.txt": "empty-file",
        "gone.txt": "unreadable",
        "column.jsonl": "not-found",
        "*.xyz": "no-match",
    }
    assert "columns.jsonl?" in said["column.jsonl"].message


def test_a_refused_permission_is_named(tmp_path, monkeypatch):
    """Root may read anything, so the operating system's refusal is played."""
    path = write(tmp_path / "secret.jsonl", '{"text": "x"}')

    real = open

    def refuse(file: object, *rest: object, **options: object) -> object:
        if str(file) == str(path):
            raise PermissionError(13, "Permission denied")
        return real(file, *rest, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", refuse)
    assert codes(events(path)) == [("", "unreadable")]


@pytest.mark.parametrize("kind", list(Format))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path, kind, data):
    path = write(tmp_path / "any", data)
    found = events(path, format=kind)
    assert any(isinstance(event, Finished) for event in found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"text": "One."}\n{"text": "Two."}', 2),
        ('[{"text": "One."}]', 1),
        ("---\ntitle: T\n---\nBody.", 1),
        ("title,body\nT,One.", 1),
        ("title\tbody\nT\tOne.\nT\tTwo.", 2),
        ("A Title\n\nA body.", 1),
    ],
)
def test_content_tells_the_format_where_the_name_does_not(tmp_path, content, expected):
    assert len(articles(events(write(tmp_path / "export", content)))) == expected


def test_half_a_character_costs_that_character_alone(tmp_path):
    """Where a program cut a text within an emoji; no encoding can hold the half."""
    content = '{"title": "Half \\ud83d", "tags": ["\\uDE00"], "text": "It ends \\ud83d"}'
    (article,) = articles(events(write(tmp_path / "a.json", content)))
    whole = (article.title, article.topics, article.body)
    assert whole == ("Half \ufffd", ("\ufffd",), "It ends \ufffd")
    (pair,) = articles(events(write(tmp_path / "b.json", '{"text": "Fine \\ud83d\\ude00."}')))
    assert pair.body == "Fine \U0001f600."


def test_a_file_whose_name_is_no_text_is_named_as_far_as_it_can_be(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    os.close(os.open(path, os.O_CREAT))
    (refused,) = events(tmp_path)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.source) == ("bad-name", f"{tmp_path}/caf\\xe9.txt")


def test_a_wrong_byte_in_a_record_is_named_by_its_place_in_the_line(tmp_path):
    lines = b'{"text": "One."}\n{"text": "\xc3\xa9\xc3\xa9 \xff"}\n'
    (refused,) = [e for e in events(write(tmp_path / "a.jsonl", lines)) if isinstance(e, Rejected)]
    assert (refused.record, refused.code) == ("line 2", "bad-encoding")
    assert "0xff in place 16" in refused.message


@pytest.mark.parametrize(
    "compress",
    [gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress],
    ids=["gz", "bz2", "xz", "zst"],
)
def test_what_is_compressed_is_known_by_how_it_begins(tmp_path, compress):
    packed = compress(b'{"text": "One."}\n{"text": "Two."}\n')
    for found in (events("-", stdin=packed), events(write(tmp_path / "dump", packed))):
        assert [article.body for article in articles(found)] == ["One.", "Two."]
    broken = events("-", stdin=packed[: len(packed) // 2])
    assert {e.code for e in broken if isinstance(e, Rejected)} == {"truncated"}
