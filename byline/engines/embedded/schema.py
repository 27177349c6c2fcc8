"""What the Tantivy index holds of an article, and under which names."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import lru_cache

import tantivy

from byline.analysis import Form, build_retokenizer, fold, spaced
from byline.query.tree import DEFAULT_FIELDS, PROSE_FIELDS, TextField, ValueField
from byline.records import Article, DatePrecision

#: Changed when the index must be made anew to be read; it is made from SQLite by itself then.
VERSION = 3

NUM = "num"
#: ``article``, or ``state`` for a document that only says which commit the index has seen.
KIND = "kind"
STATE_VERSION = "state_version"
#: :func:`digest` of the article, so that a check can tell whether the index has what is stored.
DIGEST = "digest"
#: Title, summary, body and authors as one text, stemmed: where a word without a field is sought.
ALL = "all"
FIRST_DAY, LAST_DAY = "first_day", "last_day"
NEWEST, OLDEST = "newest", "oldest"
PERIODS = {"year": "year", "month": "month", "day": "day"}

#: Room for article numbers below the minutes of a date in one sort key of 64 bits.
_NUM_BITS = 30
_UNDATED = (1 << 33) - 1


def stemmed(field: TextField) -> str:
    return f"{field.value}_stemmed"


def exact(field: TextField) -> str:
    return f"{field.value}_exact"


def length(field: TextField | None) -> str:
    """Words of a field; without one, of :data:`ALL`."""
    return f"{ALL if field is None else field.value}_length"


def folded(field: ValueField) -> str:
    """Whole values, folded: what filters compare with."""
    return f"{field.value}_folded"


def spelled(field: ValueField) -> str:
    """Whole values as written: what facets count."""
    return f"{field.value}_spelled"


def build_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(KIND, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(NUM, indexed=True, fast=True)
    for name in (STATE_VERSION, DIGEST):
        builder.add_unsigned_field(name, indexed=False, fast=True)
    # No positions here: phrases are sought in the exact fields.
    builder.add_text_field(ALL, tokenizer_name=Form.STEMMED.value, index_option="freq")
    for field in PROSE_FIELDS:
        builder.add_text_field(
            stemmed(field), tokenizer_name=Form.STEMMED.value, index_option="freq"
        )
    for text_field in TextField:
        builder.add_text_field(
            exact(text_field), tokenizer_name=Form.EXACT.value, index_option="position"
        )
    for value_field in ValueField:
        builder.add_text_field(folded(value_field), tokenizer_name="raw", index_option="basic")
        builder.add_text_field(
            spelled(value_field), fast=True, tokenizer_name="raw", index_option="basic"
        )
    for name in (FIRST_DAY, LAST_DAY):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in (NEWEST, OLDEST, *map(length, (None, *DEFAULT_FIELDS))):
        builder.add_unsigned_field(name, fast=True)
    for name in PERIODS.values():
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def register_analyzers(index: tantivy.Index) -> None:
    for form in Form:
        index.register_tokenizer(form.value, build_retokenizer(form))


def values_of(article: Article, field: ValueField) -> tuple[str, ...]:
    """An article's values of a field, each once, empty ones left out."""
    match field:
        case ValueField.AUTHOR:
            values: tuple[str | None, ...] = article.authors
        case ValueField.TOPIC:
            values = article.topics
        case ValueField.PUBLICATION:
            values = (article.publication,)
        case ValueField.SECTION:
            values = (article.section,)
        case ValueField.LANGUAGE:
            values = (article.language,)
    return tuple(dict.fromkeys(value for value in values if value))


def digest(article: Article) -> int:
    """Of all that :func:`document` takes from an article."""
    taken = (
        article.title,
        article.summary,
        article.body,
        article.authors,
        [values_of(article, field) for field in ValueField],
        article.date.isoformat() if article.date else None,
    )
    text = json.dumps(taken, ensure_ascii=False).encode("utf-8", "surrogatepass")
    # Four bits less than the field holds: some of tantivy-py takes numbers as signed.
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 4


#: Authors, topics and the like come again and again.
_of_value = lru_cache(50_000)(spaced)


def document(num: int, article: Article) -> tantivy.Document:
    doc = tantivy.Document()
    doc.add_text(KIND, "article")
    doc.add_unsigned(NUM, num)
    doc.add_unsigned(DIGEST, digest(article))
    everything = []
    lengths = Counter[TextField | None]()
    for field, texts in (
        (TextField.TITLE, (article.title,)),
        (TextField.SUMMARY, article.summary),
        (TextField.BODY, (article.body,)),
    ):
        for text in texts:
            words = spaced(text)
            everything.append(words)
            count = len(words.split())
            lengths[field] += count
            lengths[None] += count
            doc.add_text(stemmed(field), words)
            doc.add_text(exact(field), words)
    authors = [_of_value(author) for author in article.authors]
    lengths[None] += sum(len(words.split()) for words in authors)
    doc.add_text(ALL, " ".join((*everything, *authors)))
    for value_field in ValueField:
        for value in values_of(article, value_field):
            doc.add_text(exact(TextField(value_field.value)), _of_value(value))
            doc.add_text(folded(value_field), fold(value))
            doc.add_text(spelled(value_field), value)
    lengths[TextField.AUTHOR] = sum(
        len(_of_value(author).split()) for author in values_of(article, ValueField.AUTHOR)
    )
    for measured in (None, *DEFAULT_FIELDS):
        doc.add_unsigned(length(measured), lengths[measured])
    _add_dates(doc, num, article)
    return doc


def _add_dates(doc: tantivy.Document, num: int, article: Article) -> None:
    """Sort keys hold the date above and the number below, so that ties fall by number."""
    date = article.date
    highest = (1 << _NUM_BITS) - 1
    if date is None:
        doc.add_unsigned(NEWEST, highest - num)
        doc.add_unsigned(OLDEST, (_UNDATED << _NUM_BITS) + num)
        return
    minutes = date.sort_minutes
    doc.add_unsigned(NEWEST, ((minutes + 1) << _NUM_BITS) + highest - num)
    doc.add_unsigned(OLDEST, (minutes << _NUM_BITS) + num)
    doc.add_integer(FIRST_DAY, date.first_day.toordinal())
    doc.add_integer(LAST_DAY, date.last_day.toordinal())
    text = date.isoformat()
    doc.add_text(PERIODS["year"], text[:4])
    if date.precision is not DatePrecision.YEAR:
        doc.add_text(PERIODS["month"], text[:7])
    if date.precision in (DatePrecision.DAY, DatePrecision.MINUTE):
        doc.add_text(PERIODS["day"], text[:10])


def state_document() -> tantivy.Document:
    doc = tantivy.Document()
    doc.add_text(KIND, "state")
    return doc
