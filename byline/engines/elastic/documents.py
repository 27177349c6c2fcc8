"""A stored article to the server's document and back. Pure.

Vectors stand in a document twice: in each passage, for the server to search, and once as
half-precision bytes, for Byline to read. The server leaves the first out of what it stores
with a document; to give them back it writes every number in decimal, which takes many times
the time and room.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from byline.analysis import Form, fold, terms
from byline.engines.elastic.layout import (
    ALL,
    LENGTHS,
    LONGEST_STEM,
    LONGEST_TERM,
    folded,
    stemmed,
)
from byline.engines.offsets import pack, unpack
from byline.query.tree import TextField, ValueField
from byline.records import (
    Article,
    DatePrecision,
    Origin,
    PartialDate,
    Passage,
    Sentence,
    Spans,
    StoredArticle,
)

#: The server refuses longer ones (bytes of UTF-8).
_LONGEST_ID = 512
_PRECISIONS = tuple(DatePrecision)
#: Bits of a date's key below its minutes: two of precision, twelve of the UTC offset.
_LOW_BITS = 14
_NO_OFFSET = (1 << 12) - 1


def document_id(article_id: str) -> str:
    """``article_id`` itself where the server takes it, else a digest of it."""
    if article_id.isascii() and 0 < len(article_id) <= _LONGEST_ID:
        return article_id
    data = article_id.encode("utf-8", "surrogatepass")
    if data and len(data) <= _LONGEST_ID and _is_clean(article_id):
        return article_id
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def to_document(stored: StoredArticle, commit: int, *, measured: bool = True) -> dict[str, Any]:
    """``commit`` is the version that this document is written in.

    Args:
        measured: whether the index takes articles' lengths.
    """
    as_given = stored.article
    article = as_given if _is_clean(*_texts(as_given)) else _cleaned(as_given)
    stemmed_texts = {
        TextField.TITLE: stems(article.title),
        TextField.SUMMARY: stems("\n".join(article.summary)),
        TextField.BODY: stems(article.body),
        TextField.AUTHOR: stems("\n".join(article.authors)),
    }
    document: dict[str, Any] = {
        "id": article.id,
        "title": article.title,
        "summary": list(article.summary),
        "body": article.body,
        "url": article.url,
        "origins": [
            {
                "source": origin.source,
                "record": origin.record,
                "sha256": origin.sha256,
                "fetched_at": origin.fetched_at,
            }
            for origin in article.origins
        ],
        "words": _words(article),
        **{stemmed(field): " ".join(held) for field, held in stemmed_texts.items()},
        "fingerprint": stored.fingerprint,
        "commit": commit,
        "passage_count": len(stored.passages),
        "passages": _passages(stored),
        "sentences": _offsets(stored),
    }
    exact_values = article is as_given
    for field in ValueField:
        given = _given(article, field)
        values = list(dict.fromkeys(value for value in given if value))
        exact_values = exact_values and values == list(given)
        document[field.value] = values
        document[folded(field)] = list(dict.fromkeys(fold(value) for value in values))
    if measured:
        document[LENGTHS] = _lengths(article, stemmed_texts)
    if article.date is not None:
        document.update(_dates(article.date))
    if stored.vectors is not None:
        document["vectors"] = _encoded(stored.vectors.astype("<f2").tobytes())
    if stored.sentence_codes is not None:
        document["sentence_codes"] = _encoded(stored.sentence_codes.tobytes())
    if not exact_values:
        document["original"] = _encoded(json.dumps(_original(as_given)).encode("ascii"))
    return {name: value for name, value in document.items() if value not in (None, [], {})}


def from_document(document: dict[str, Any]) -> StoredArticle:
    """Raises KeyError, ValueError: it is not what :func:`to_document` makes."""
    passages = tuple(
        Passage(passage["start"], passage["end"]) for passage in _listed(document, "passages")
    )
    sentences = Spans(Sentence, unpack(_decoded(document["sentences"])))
    vectors = codes = None
    if "vectors" in document:
        vectors = vectors_in(document, len(passages))
    if "sentence_codes" in document:
        bits = np.frombuffer(_decoded(document["sentence_codes"]), np.uint8)
        codes = bits.reshape(len(sentences), -1) if sentences else bits.reshape(0, 0)
    return StoredArticle(
        article=_article(document),
        fingerprint=document["fingerprint"],
        passages=passages,
        vectors=vectors,
        sentences=sentences,
        sentence_codes=codes,
    )


def vectors_in(document: dict[str, Any], passages: int) -> npt.NDArray[np.float16]:
    """float16 ``[passages, dimension]`` of a document that has some."""
    flat = np.frombuffer(_decoded(document["vectors"]), "<f2")
    return flat.reshape(passages, -1) if passages else flat.reshape(0, 0)


def stems(text: str) -> list[str]:
    """As the index holds them."""
    return [term[:LONGEST_STEM] for term in terms(text, Form.STEMMED)]


def date_key(date: PartialDate) -> int:
    """A number that sorts as the date does and holds all of it; below 2^53, so that the
    server's floating-point minima and maxima keep it whole."""
    offset = _NO_OFFSET if date.utc_offset is None else date.utc_offset + 1440
    low = (_PRECISIONS.index(date.precision) << 12) + offset
    return (date.sort_minutes << _LOW_BITS) + low


def date_of_key(key: int) -> PartialDate:
    """What :func:`date_key` was made of."""
    minutes, low = divmod(key, 1 << _LOW_BITS)
    precision = _PRECISIONS[low >> 12]
    offset_bits = low & _NO_OFFSET
    offset = None if offset_bits == _NO_OFFSET else offset_bits - 1440
    days, minute_of_day = divmod(minutes + (offset or 0), 1440)
    day = np.datetime64("0001-01-01") + days
    year, month, day_of_month = (int(part) for part in str(day).split("-"))
    match precision:
        case DatePrecision.YEAR:
            return PartialDate(year)
        case DatePrecision.MONTH:
            return PartialDate(year, month)
        case DatePrecision.DAY:
            return PartialDate(year, month, day_of_month)
        case DatePrecision.MINUTE:
            hour, minute = divmod(minute_of_day, 60)
            return PartialDate(year, month, day_of_month, hour, minute, offset)


def _given(article: Article, field: ValueField) -> tuple[str, ...]:
    match field:
        case ValueField.AUTHOR:
            return article.authors
        case ValueField.TOPIC:
            return article.topics
        case ValueField.PUBLICATION:
            value = article.publication
        case ValueField.SECTION:
            value = article.section
        case ValueField.LANGUAGE:
            value = article.language
    return () if value is None else (value,)


def _dates(date: PartialDate) -> dict[str, Any]:
    text = date.isoformat()
    found: dict[str, Any] = {
        "date": text,
        "date_key": date_key(date),
        "minutes": date.sort_minutes,
        "first_day": date.first_day.toordinal(),
        "last_day": date.last_day.toordinal(),
        "year": text[:4],
    }
    if date.precision is not DatePrecision.YEAR:
        found["month"] = text[:7]
    if date.precision in (DatePrecision.DAY, DatePrecision.MINUTE):
        found["day"] = text[:10]
    return found


def _words(article: Article) -> list[str]:
    """Distinct words, exact form, for completion and spelling."""
    text = "\n".join((article.title, *article.summary, article.body, *article.authors))
    return list(dict.fromkeys(term for term in terms(text, Form.EXACT) if len(term) < LONGEST_TERM))


def _lengths(article: Article, held: Mapping[TextField, Sequence[str]]) -> dict[str, int]:
    """Words of what BM25 takes for a text; those of the authors once each, as they are indexed."""
    names = "\n".join(dict.fromkeys(article.authors))
    counts = {field.value: len(words) for field, words in held.items()}
    counts[ALL] = sum(counts.values())
    counts[TextField.AUTHOR.value] = len(terms(names, Form.EXACT))
    return {name: count for name, count in counts.items() if count}


def _passages(stored: StoredArticle) -> list[dict[str, Any]]:
    """Vectors as the server reads them fastest: base64 of big-endian single precision."""
    spans: list[dict[str, Any]] = [{"start": p.start, "end": p.end} for p in stored.passages]
    if stored.vectors is not None:
        rows = stored.vectors.astype(">f4")
        for span, row in zip(spans, rows, strict=True):
            span["vector"] = _encoded(row.tobytes())
    return spans


def _offsets(stored: StoredArticle) -> str:
    return _encoded(pack([offset for span in stored.sentences for offset in span]))


def _article(document: dict[str, Any]) -> Article:
    if "original" in document:
        document = json.loads(_decoded(document["original"]))
    date = document.get("date")
    return Article(
        id=document["id"],
        title=document["title"],
        body=document["body"],
        authors=tuple(_listed(document, "author")),
        publication=_single(document, "publication"),
        date=None if date is None else PartialDate.parse(date),
        url=document.get("url"),
        summary=tuple(_listed(document, "summary")),
        topics=tuple(_listed(document, "topic")),
        section=_single(document, "section"),
        language=_single(document, "language"),
        origins=tuple(Origin(**origin) for origin in _listed(document, "origins")),
    )


def _original(article: Article) -> dict[str, Any]:
    """An article that the server cannot hold as it is: empty or repeated values, or halves of
    surrogate pairs, which no UTF-8 has."""
    return {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "author": article.authors,
        "publication": article.publication,
        "date": None if article.date is None else article.date.isoformat(),
        "url": article.url,
        "summary": article.summary,
        "topic": article.topics,
        "section": article.section,
        "language": article.language,
        "origins": [
            {
                "source": origin.source,
                "record": origin.record,
                "sha256": origin.sha256,
                "fetched_at": origin.fetched_at,
            }
            for origin in article.origins
        ],
    }


def _listed(document: dict[str, Any], name: str) -> list[Any]:
    found: list[Any] = document.get(name) or []
    return found


def _single(document: dict[str, Any], name: str) -> str | None:
    """Values are arrays in a document, plain in an original."""
    found = document.get(name)
    if isinstance(found, list):
        return found[0] if found else None
    return found


def _texts(article: Article) -> tuple[str, ...]:
    origins = (
        part
        for origin in article.origins
        for part in (origin.source, origin.record, origin.sha256, origin.fetched_at)
    )
    values = (value for field in ValueField for value in _given(article, field))
    alone = (article.id, article.title, article.body, article.url or "")
    return (*alone, *article.summary, *values, *origins)


def _is_clean(*texts: str) -> bool:
    try:
        for text in texts:
            text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _cleaned(article: Article) -> Article:
    """Half surrogates replaced by U+FFFD, one character by one, so that offsets hold."""
    clean = article.id if _is_clean(article.id) else document_id(article.id)
    return Article(
        id=clean,
        title=_mended(article.title),
        body=_mended(article.body),
        authors=tuple(map(_mended, article.authors)),
        publication=_mended_or_none(article.publication),
        date=article.date,
        url=_mended_or_none(article.url),
        summary=tuple(map(_mended, article.summary)),
        topics=tuple(map(_mended, article.topics)),
        section=_mended_or_none(article.section),
        language=_mended_or_none(article.language),
        origins=tuple(
            Origin(*map(_mended, (o.source, o.record, o.sha256, o.fetched_at)))
            for o in article.origins
        ),
    )


def _mended(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def _mended_or_none(text: str | None) -> str | None:
    return None if text is None else _mended(text)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        # A fifth of the standard library's time.
        return msgspec.convert(text, bytes)
    except msgspec.ValidationError:
        return base64.b64decode(text)
