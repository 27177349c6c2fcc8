"""The real archives, read as they are; what is expected is worked out from the raw files."""

from __future__ import annotations

import json

import pytest

from byline.fingerprint import fingerprint
from indexer.sources import Found, ReadOptions, Rejected, read_sources


def read(*paths):
    found = list(read_sources([str(path) for path in paths], ReadOptions()))
    assert not [event for event in found if isinstance(event, Rejected)]
    return [event.article for event in found if isinstance(event, Found)]


def test_the_reference_article(shared):
    path = shared / "data" / "articles" / "iran-europe.txt"
    (article,) = read(path)
    lines = path.read_text("utf-8").split("\n")
    blank = lines.index("")
    assert article.title == lines[0]
    assert article.authors == ("Con Coughlin",)
    assert str(article.date) == "2022-07-29T05:00"
    assert list(article.summary) == lines[2:blank]
    assert article.body.split("\n\n") == [line for line in lines[blank:] if line]


@pytest.mark.parametrize("name", ["federalist", "essays", "digitalgov", "18f"])
def test_json_lines_archives(shared, name):
    path = shared / "data" / "archives" / f"{name}.jsonl"
    raw = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    found = read(path)
    assert [article.id for article in found] == [record["id"] for record in raw]
    for article, record in zip(found, raw, strict=True):
        assert article.publication == (record["publication"] or None)
        assert article.body
        if article.date is not None:
            assert str(article.date)[:4] == str(record["date"])[:4]
        else:
            # A span of years is no date; it is noted, not guessed at.
            assert "-" in record["date"]


def test_the_18f_posts_are_the_same_in_both_forms(shared):
    archives = shared / "data" / "archives"
    lines = {fingerprint(article): article for article in read(archives / "18f.jsonl")}
    posts = {fingerprint(article): article for article in read(archives / "18f-posts")}
    both = lines.keys() & posts.keys()
    # The rest differ in their words: see docs/sources.md.
    assert len(both) > 0.95 * len(posts)
    for text in both:
        name = posts[text].origins[0].source.rpartition("/")[2]
        assert lines[text].id.endswith(name)


def test_markdown_posts_leave_no_links_behind(shared):
    found = read(shared / "data" / "archives" / "18f-posts")
    # A handful show Markdown or templates as their subject, in code.
    littered = [article for article in found if "](http" in article.body or "{%" in article.body]
    assert len(littered) < 0.03 * len(found)
    assert all(article.title and article.date for article in found)
