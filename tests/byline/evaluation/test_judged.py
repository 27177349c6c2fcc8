"""Judged sets in their several forms, and what is said of those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from byline.errors import BadJudgments
from byline.evaluation.judged import (
    BeirFolder,
    JudgedSet,
    read_qrels,
    read_topics,
    write_qrels,
)

TREC = """
<top>
<num> Number: 301
<title> International
  Organized Crime
<desc> Description:
Identify organizations.
</top>
<top><num>302</num><title>Poliomyelitis</title></top>
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "queries.jsonl",
            '{"_id": 7, "text": "rent"}\n\n{"_id": "b", "text": "bus"}\n',
            {"7": "rent", "b": "bus"},
        ),
        ("topics.txt", TREC, {"301": "International Organized Crime", "302": "Poliomyelitis"}),
        ("queries.tsv", "q1\trent control\nq2\tbus\n", {"q1": "rent control", "q2": "bus"}),
        ("queries.txt", "\ufeffrent control\n\nbus\n", {"1": "rent control", "3": "bus"}),
    ],
)
def test_topics_are_read_in_each_form(tmp_path, name, text, expected):
    assert read_topics(written(tmp_path, name, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "query-id\tcorpus-id\tscore\nq1\td 1\t2\nq1\td2\t0\n",
        "q1\t0\td 1\t2\nq1\t0\td2\t0\n",
    ],
)
def test_judgments_are_read_in_both_forms(tmp_path, text):
    assert read_qrels(written(tmp_path, "q.tsv", text)) == {"q1": {"d 1": 2, "d2": 0}}


def test_trec_judgments_with_blanks_between(tmp_path):
    assert read_qrels(written(tmp_path, "q", "301 0 FT-1 1\n301 0 FT-2 -1\n")) == {
        "301": {"FT-1": 1, "FT-2": -1}
    }


def test_written_judgments_are_read_back(tmp_path):
    qrels = {"q 1": {"https://a.example/b c": 2, "d": 0}}
    path = tmp_path / "mine.qrels"
    write_qrels(path, qrels)
    assert read_qrels(path) == qrels


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_topics, "{not json}", "line 1"),
        (read_topics, "[1]", "line 1"),
        (read_topics, '{"_id": "a", "text": "x"}\n{"_id": "b"}', "line 2"),
        (read_topics, "", "no query"),
        (read_qrels, "q1\td1\t1\nq1\td2\tyes\n", "line 2"),
        (read_qrels, "q1\td1\t1\nq1 1\n", "line 2"),
        (read_qrels, "301 0 federalist-83 yes\n301 0 federalist-84 1\n", "line 1"),
        (read_qrels, "q1\td1\tyes\n", "line 1"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path, read, text, said):
    with pytest.raises(BadJudgments) as caught:
        read(written(tmp_path, "broken.jsonl", text))
    assert said in caught.value.message
    assert "broken.jsonl" in caught.value.message


def test_a_title_keeps_its_signs_and_says_what_its_entities_mean(tmp_path):
    topics = read_topics(
        written(
            tmp_path,
            "topics",
            "<top><num>1</num><title>growth < 2 % &amp; R&D</title><desc>More</desc></top>"
            "<top>\n<num> Number: 2\n<title> the <b> tag\n<desc> Description:\nMore\n</top>"
            "<top><num>3<title>rent<desc>More</top>",
        )
    )
    assert topics == {"1": "growth < 2 % & R&D", "2": "the <b> tag", "3": "rent"}


def test_one_query_without_a_text_is_said_in_the_singular():
    with pytest.raises(BadJudgments, match=r"^The judged query 'c' of set has no text"):
        JudgedSet.of("set", {"a": "x"}, {"c": {"d": 1}})


def test_a_topic_without_a_title_is_named(tmp_path):
    with pytest.raises(BadJudgments, match="no <num> or no <title>"):
        read_topics(written(tmp_path, "topics", "<top><num>301</num></top>"))


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(BadJudgments, match="no file"):
        read_qrels(tmp_path / "nothing")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadJudgments, match="UTF-8"):
        read_qrels(tmp_path / "bytes")


def test_judged_queries_need_a_text_and_only_they_are_asked():
    judged = JudgedSet.of("set", {"a": "x", "b": "y"}, {"b": {"d": 1, "e": 0}})
    assert judged.queries == {"b": "y"}
    assert judged.relevant() == {"d"}
    with pytest.raises(BadJudgments, match="The judged query 'c' of set has no text"):
        JudgedSet.of("set", {"a": "x"}, {"c": {"d": 1}})
    with pytest.raises(BadJudgments, match="No query"):
        JudgedSet.of("set", {"a": "x"}, {})


def test_a_folder_says_what_it_lacks_and_which_splits_it_has(tmp_path):
    with pytest.raises(BadJudgments, match="no folder"):
        BeirFolder(tmp_path / "nowhere")
    written(tmp_path, "corpus.jsonl", "")
    with pytest.raises(BadJudgments, match=r"no queries\.jsonl"):
        BeirFolder(tmp_path)
    written(tmp_path, "queries.jsonl", '{"_id": "a", "text": "x"}')
    (tmp_path / "qrels").mkdir()
    written(tmp_path / "qrels", "dev.tsv", "query-id\tcorpus-id\tscore\na\td\t1\n")
    folder = BeirFolder(tmp_path)
    assert folder.judged("dev").qrels == {"a": {"d": 1}}
    with pytest.raises(BadJudgments) as caught:
        folder.judged("dve")
    assert "Did you mean dev?" in str(caught.value)
