"""Judged sets: queries, and which documents answer them.

Formats: BEIR (``corpus.jsonl``, ``queries.jsonl``, ``qrels/SPLIT.tsv``; Thakur et al., "BEIR: A
Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models", 2021) and
TREC (topics with ``<top>``, ``<num>`` and ``<title>``, qrels of four columns). Queries can
also be a line each, with or without an id and a tab before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from byline.errors import BadJudgments

#: Query → its text.
Topics: TypeAlias = dict[str, str]
#: Query → document → relevance; from 1 up it answers the query.
Qrels: TypeAlias = dict[str, dict[str, int]]

DEFAULT_SPLIT = "test"

_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r"<(\w+)>\s*(?:Number:|Topic:)?\s*([^<]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """``queries`` are those that have judgments, in the order of their file."""

    name: str
    queries: Topics
    qrels: Qrels

    @classmethod
    def of(cls, name: str, queries: Topics, qrels: Qrels) -> JudgedSet:
        """Raises BadJudgments where judged queries have no text, or none is judged."""
        unknown = [query for query in qrels if query not in queries]
        if unknown:
            first = repr(unknown[0])
            raise BadJudgments(
                f"The judged query {first} of {name} has no text."
                if len(unknown) == 1
                else f"{len(unknown):,} judged queries of {name} have no text, {first} among them."
            )
        judged = {query: text for query, text in queries.items() if query in qrels}
        if not judged:
            raise BadJudgments(f"No query of {name} has a judgment.")
        return cls(name, judged, qrels)

    def relevant(self) -> set[str]:
        """Every document that answers some query."""
        return {
            document
            for judged in self.qrels.values()
            for document, relevance in judged.items()
            if relevance > 0
        }


@dataclass(frozen=True, slots=True)
class BeirFolder:
    """A folder in BEIR's layout. Raises BadJudgments where something of it is missing."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise BadJudgments(f"There is no folder {self.path}.", remedy="Check its name.")
        for part in (self.corpus, self.path / "queries.jsonl", self.path / "qrels"):
            if not part.exists():
                raise BadJudgments(
                    f"{self.path} has no {part.relative_to(self.path)}.",
                    remedy="Name a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv, "
                    "or give --archive with --topics and --qrels.",
                )

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @property
    def corpus(self) -> Path:
        return self.path / "corpus.jsonl"

    @property
    def splits(self) -> list[str]:
        return sorted(path.stem for path in (self.path / "qrels").glob("*.tsv"))

    def judged(self, split: str = DEFAULT_SPLIT) -> JudgedSet:
        """Raises BadJudgments: there is no such split, or a line cannot be read."""
        if split not in self.splits:
            near = get_close_matches(split, self.splits, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise BadJudgments(
                f"{self.name} has no split {split!r}.{hint}",
                remedy=f"Give --split as one of: {', '.join(self.splits)}.",
            )
        queries = read_topics(self.path / "queries.jsonl")
        qrels = read_qrels(self.path / "qrels" / f"{split}.tsv")
        return JudgedSet.of(f"{self.name} {split}", queries, qrels)

    def documents(self) -> Iterator[tuple[str, str]]:
        """(record, document id) of each line of the corpus; records as the indexer names them."""
        for number, row in _json_lines(self.corpus):
            yield f"line {number}", str(row.get("_id", ""))


def read_topics(path: Path) -> Topics:
    """Query → text, from JSON Lines (``_id``, ``text``), TREC topics, or a line a query.

    A line is ``id<tab>text``, or the text alone; then its number is its id.
    """
    if path.suffix in (".jsonl", ".ndjson"):
        topics = {}
        for number, row in _json_lines(path):
            if not isinstance(row.get("text"), str) or "_id" not in row:
                raise BadJudgments(f"{path.name}, line {number}: no _id, or no text.")
            topics[str(row["_id"])] = row["text"]
    else:
        text = _read(path)
        found = _TOPIC.findall(text)
        topics = dict(map(_trec_topic, found)) if found else _plain_topics(text)
    if not topics:
        raise BadJudgments(f"{path} holds no query.")
    return topics


def _trec_topic(text: str) -> tuple[str, str]:
    fields = {name.lower(): " ".join(value.split()) for name, value in _FIELD.findall(text)}
    if not fields.get("num") or not fields.get("title"):
        raise BadJudgments(f"A topic has no <num> or no <title>: {' '.join(text.split())[:60]!r}.")
    return fields["num"], fields["title"]


def _plain_topics(text: str) -> Topics:
    topics = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, tab, rest = line.partition("\t")
        if line.strip():
            topics[name.strip() if tab else str(number)] = (rest if tab else line).strip()
    return topics


def read_qrels(path: Path) -> Qrels:
    """Judgments of three columns (BEIR, with a heading) or four (TREC)."""
    qrels: Qrels = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        columns = line.split("\t") if "\t" in line else line.split()
        if not columns or (number == 1 and not _is_number(columns[-1])):
            continue
        if len(columns) not in (3, 4) or not _is_number(columns[-1]):
            raise BadJudgments(
                f"{path.name}, line {number}: {line[:60]!r} is no judgment.",
                remedy="Write a query, a document and a relevance (BEIR), with a 0 after the "
                "query in TREC's form.",
            )
        query, document = columns[0].strip(), columns[-2].strip()
        qrels.setdefault(query, {})[document] = int(columns[-1])
    return qrels


def write_qrels(path: Path, qrels: Mapping[str, Mapping[str, int]]) -> None:
    """TREC's four columns, with tabs between; the file is replaced as a whole."""
    lines = [
        f"{query}\t0\t{document}\t{relevance}\n"
        for query, judged in qrels.items()
        for document, relevance in judged.items()
    ]
    beside = path.with_name(path.name + ".new")
    beside.write_text("".join(lines), "utf-8")
    beside.replace(path)


def _is_number(text: str) -> bool:
    return text.strip().lstrip("-").isdecimal()


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadJudgments(f"{path.name}, line {number}: no JSON ({error}).") from error
        if not isinstance(row, dict):
            raise BadJudgments(f"{path.name}, line {number}: no JSON object.")
        yield number, row


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise BadJudgments(f"There is no file {path}.", remedy="Check its name.") from error
    except UnicodeDecodeError as error:
        raise BadJudgments(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from error
    except OSError as error:
        raise BadJudgments(f"{path} cannot be read: {error.strerror}.") from error
