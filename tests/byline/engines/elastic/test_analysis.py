"""Both engines cut real text into the same words and stems."""

from __future__ import annotations

import json
import random
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from byline.analysis import STOP_WORDS, Form, fold, terms
from byline.engines.base import Collection as Wanted
from byline.engines.base import Listed, Matching, Order, ResultSet, Retrieval
from byline.engines.elastic.engine import ElasticEngine
from byline.engines.elastic.layout import ANALYSIS
from byline.engines.open import create_engine
from byline.fingerprint import fingerprint
from byline.query.tree import Phrase, Prefix, TextField, TextNode, Word
from byline.records import Article, Origin, Passage, StoredArticle

ARCHIVES = ("18f", "digitalgov", "essays", "federalist")


def records(shared: Path, archive: str) -> Iterator[dict[str, Any]]:
    path = shared / "data" / "archives" / f"{archive}.jsonl"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@pytest.fixture(scope="module")
def analyze(elasticsearch: Any) -> Iterator[Callable[[str], list[str]]]:
    """The server's tokens of a text of any length."""
    from elasticsearch import Elasticsearch

    name = f"byline-test-{uuid.uuid4().hex[:12]}"
    login = (elasticsearch.user, elasticsearch.password) if elasticsearch.user else None
    with Elasticsearch(elasticsearch.url, basic_auth=login, request_timeout=60) as client:
        client.indices.create(
            index=name,
            settings={
                "number_of_replicas": 0,
                "analysis": ANALYSIS,
                "analyze": {"max_token_count": 10_000_000},
            },
        )

        def call(text: str) -> list[str]:
            said = client.indices.analyze(
                index=name, analyzer="exact", text=text, filter_path="tokens.token"
            )
            return [token["token"] for token in said.get("tokens", [])]

        yield call
        client.indices.delete(index=name)


@pytest.mark.parametrize("archive", ARCHIVES)
def test_words_of_every_archive(
    shared: Path, analyze: Callable[[str], list[str]], archive: str
) -> None:
    """Every different thing between two blanks, which always part words."""
    pieces: set[str] = set()
    for record in records(shared, archive):
        text = unicodedata.normalize("NFC", f"{record.get('title') or ''} {record['text']}")
        pieces.update(text.split())
    assert len(pieces) > 1000
    ordered = sorted(pieces)
    for start in range(0, len(ordered), 5000):
        text = "\n".join(ordered[start : start + 5000])
        assert analyze(text) == terms(text, Form.EXACT)


@pytest.mark.parametrize(
    "text",
    [
        "don’t 3.14 1,000 a_b U.S.A. o'clock x@y.org AT&T",
        "İstanbul İZMİR ı Brânză ﬁne straße ĳ Œuvre ﬀ ⅷ ² Ⅻ",
        "emoji 👩‍👩‍👧 🇫🇷 ❤️ #1️⃣ end",
        "שלום עולם العربية हिन्दी ไทยภาษา 한국어 日本語カタカナ",
        "zero\u200bwidth soft\u00adhyphen non\u00a0breaking",
        "x" * 3000,
    ],
)
def test_words_that_are_hard_to_cut(analyze: Callable[[str], list[str]], text: str) -> None:
    assert analyze(text) == terms(text, Form.EXACT)


def stored(record: dict[str, Any], number: int) -> StoredArticle:
    author = record.get("author") or []
    article = Article(
        id=f"{number:05d}",
        title=unicodedata.normalize("NFC", record.get("title") or ""),
        body=unicodedata.normalize("NFC", record["text"]),
        authors=tuple([author] if isinstance(author, str) else author),
        origins=(Origin("/archive", f"line {number}", "0" * 64, "2026"),),
    )
    passage = (Passage(0, len(article.body)),) if article.body else ()
    return StoredArticle(article, fingerprint(article), passage)


def test_both_engines_find_the_same_articles_by_the_same_words(
    shared: Path, tmp_path: Path, elastic_address: Callable[[], str]
) -> None:
    rows = [record for archive in ARCHIVES for record in records(shared, archive)]
    articles = [stored(record, number) for number, record in enumerate(rows)]
    engines = [create_engine(str(tmp_path / "a"), None), create_engine(elastic_address(), None)]
    for engine in engines:
        with engine.writer() as writer:
            writer.put(articles)
            writer.commit()
    assert isinstance(engines[1], ElasticEngine)
    draw = random.Random(4)
    nodes: list[TextNode] = []
    for one in draw.sample(articles, 40):
        words = one.article.body.split()
        if len(words) > 12:
            at = draw.randrange(len(words) - 5)
            nodes.append(Phrase(" ".join(words[at : at + 3])))
            nodes += [Word(word) for word in words[at : at + 4] if fold(word) not in STOP_WORDS]
            nodes.append(Word(words[at], TextField.TITLE))
            nodes.append(Prefix(words[at + 1][:4]))
    readers = [engine.reader() for engine in engines]
    first, second = (reader.__enter__() for reader in readers)
    found = 0
    for node in nodes:
        if not terms(node.text, Form.EXACT):
            continue
        matching = Matching(words=(node,))
        totals = [
            reader.retrieve(Retrieval(matching, want_words=False)).words_total
            for reader in (first, second)
        ]
        assert totals[0] == totals[1], node
        found += totals[0]
        if totals[0] > 40:
            continue
        page = Wanted(ResultSet(matching), Listed(Order.NEWEST, 0, 40))
        ids = [
            {one.stored.article.id for one in reader.collect(page).articles}
            for reader in (first, second)
        ]
        assert ids[0] == ids[1], node
    assert found > 1000
    for reader in readers:
        reader.__exit__(None, None, None)
    for engine in engines:
        engine.close()
