"""What the Tantivy index holds of an article, and under which names."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import tantivy

from byline.analysis import Form, beginning_of, build_retokenizer, fold, spaced, stem, stems
from byline.query.tree import DEFAULT_FIELDS, TextField, ValueField
from byline.records import Article, DatePrecision

#: Changed when the index must be made anew to be read; it is made from SQLite by itself then.
VERSION = 4

NUM = "num"
#: ``article``, or ``state`` for a document that only says which commit the index has seen.
KIND = "kind"
STATE_VERSION = "state_version"
#: :func:`digest` of the article, so that a check can tell whether the index has what is stored.
DIGEST = "digest"
#: Title, summary, body and authors as one text, stemmed: where a word without a field is sought.
ALL = "all"
#: Stems of that which are not in the body. So the body, which is nearly all of it, need not be
#: stemmed and indexed a second time to be searched alone: that was two fifths of Tantivy's work.
BEYOND_BODY = "beyond_body"
FIRST_DAY, LAST_DAY = "first_day", "last_day"
NEWEST, OLDEST = "newest", "oldest"
PERIODS = {"year": "year", "month": "month", "day": "day"}

#: Room for article numbers below the minutes of a date in one sort key of 64 bits.
_NUM_BITS = 30
_UNDATED = (1 << 33) - 1


def stemmed(field: TextField) -> str:
    """Of a title or a summary; the body has :data:`ALL` and :data:`BEYOND_BODY`."""
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
    for field in (TextField.TITLE, TextField.SUMMARY):
        builder.add_text_field(
            stemmed(field), tokenizer_name=Form.STEMMED.value, index_option="freq"
        )
    builder.add_text_field(BEYOND_BODY, tokenizer_name=Form.EXACT.value, index_option="basic")
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
    date = article.date
    told = (
        article.title,
        article.summary,
        article.authors,
        article.topics,
        article.publication,
        article.section,
        article.language,
        date and (date.year, date.month, date.day, date.hour, date.minute, date.utc_offset),
    )
    # The quickest way to write it so that nothing else is written alike, by any version of Python;
    # the body stands behind the bracket that closes it.
    taken = hashlib.blake2b(ascii(told).encode(), digest_size=8)
    taken.update(article.body.encode("utf-8", "surrogatepass"))
    # Four bits less than the field holds: some of tantivy-py takes numbers as signed.
    return int.from_bytes(taken.digest(), "big") >> 4


#: Authors, topics and the like come again and again.
_of_value = lru_cache(50_000)(spaced)

_TITLE = (stemmed(TextField.TITLE), exact(TextField.TITLE), length(TextField.TITLE))
_SUMMARY = (stemmed(TextField.SUMMARY), exact(TextField.SUMMARY), length(TextField.SUMMARY))
_BODY_EXACT, _BODY_LENGTH = exact(TextField.BODY), length(TextField.BODY)
_VALUES = [
    (field, exact(TextField(field.value)), folded(field), spelled(field)) for field in ValueField
]


def document(num: int, article: Article) -> tantivy.Document:
    doc = tantivy.Document()
    doc.add_text(KIND, "article")
    doc.add_unsigned(NUM, num)
    doc.add_unsigned(DIGEST, digest(article))
    beside = [
        *_add_prose(doc, _TITLE, (article.title,)),
        *_add_prose(doc, _SUMMARY, article.summary),
        *(word for author in article.authors for word in _of_value(author).split()),
    ]
    body = spaced(article.body)
    in_body = _count_words(body)
    doc.add_text(_BODY_EXACT, body)
    doc.add_unsigned(_BODY_LENGTH, in_body)
    doc.add_text(ALL, " ".join((body, *beside)))
    doc.add_unsigned(length(None), in_body + len(beside))
    doc.add_text(BEYOND_BODY, " ".join(_stems_beyond(body, beside)))
    authors = 0
    for value_field, in_exact, in_folded, in_spelled in _VALUES:
        for value in values_of(article, value_field):
            words = _of_value(value)
            doc.add_text(in_exact, words)
            doc.add_text(in_folded, fold(value))
            doc.add_text(in_spelled, value)
            if value_field is ValueField.AUTHOR:
                authors += len(words.split())
    doc.add_unsigned(length(TextField.AUTHOR), authors)
    _add_dates(doc, num, article)
    return doc


def _count_words(spaced: str) -> int:
    # Imported here, as searches by words do without.
    import numpy as np

    # A tenth of the time that it takes to make each word a string of its own.
    in_word = np.frombuffer(f" {spaced}".encode(), np.uint8) > ord(" ")
    return int(np.count_nonzero(in_word[1:] > in_word[:-1]))


def _add_prose(
    doc: tantivy.Document, names: tuple[str, str, str], texts: tuple[str, ...]
) -> list[str]:
    """The words of ``texts``."""
    in_stemmed, in_exact, in_length = names
    found = []
    for text in texts:
        words = spaced(text)
        found += words.split()
        doc.add_text(in_stemmed, words)
        doc.add_text(in_exact, words)
    doc.add_unsigned(in_length, len(found))
    return found


def _stems_beyond(body: str, beside: list[str]) -> list[str]:
    """The stems of words that stand beside a body and not in it."""
    body = f" {body} "
    return [sought for sought in set(stems(beside)) if not _has(body, sought)]


def _has(body: str, sought: str) -> bool:
    """Whether a word of ``body``, which begins and ends with a space, has this stem.

    To stem all of a body for a title's few words would take as long as to index it.
    """
    beginning = f" {beginning_of(sought)}"
    at = body.find(beginning)
    while at >= 0:
        end = body.index(" ", at + 1)
        if stem(body[at + 1 : end]) == sought:
            return True
        at = body.find(beginning, end)
    return False


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
