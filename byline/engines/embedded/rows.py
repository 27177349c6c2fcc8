"""A stored article to a row of SQLite and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from byline.engines.embedded.compression import DictionaryOf, compress, decompress
from byline.engines.offsets import pack, unpack
from byline.errors import BadDate
from byline.records import (
    Article,
    Origin,
    PartialDate,
    Passage,
    Sentence,
    Spans,
    StoredArticle,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Row: TypeAlias = tuple[str, str, str, bytes, bytes | None, bytes | None, bytes | None]

#: The columns of ``articles`` that make a stored article, in the order of :data:`Row`.
COLUMNS = "id, fingerprint, meta, body, spans, vectors, codes"
#: The same without vectors and codes, which a page of words alone has no use for.
WITHOUT_VECTORS = "id, fingerprint, meta, body, spans, NULL, NULL"
#: The same for what is made of articles alone: it can do without all that a model made.
ARTICLE_ALONE = "id, fingerprint, meta, body, NULL, NULL, NULL"


def to_rows(articles: Sequence[StoredArticle], dictionary: bytes = b"") -> list[Row]:
    """Everything but the origins, which have a table of their own.

    Args:
        dictionary: that bodies are compressed by (:mod:`.compression`); empty for none.
    """
    texts = [stored.article.body.encode("utf-8", "surrogatepass") for stored in articles]
    bodies = compress(texts, dictionary)
    spans = compress([_pack_spans(stored) for stored in articles])
    return list(map(_row, articles, bodies, spans))


def _row(stored: StoredArticle, body: bytes, spans: bytes) -> Row:
    # Imported here, as what searches alone does without.
    from byline.jsontext import to_json

    article = stored.article
    meta: dict[str, Any] = {
        "title": article.title,
        "authors": article.authors,
        "publication": article.publication,
        "date": article.date.isoformat() if article.date else None,
        "url": article.url,
        "summary": article.summary,
        "topics": article.topics,
        "section": article.section,
        "language": article.language,
    }
    given = {name: value for name, value in meta.items() if value}
    return (
        article.id,
        stored.fingerprint,
        to_json(given).decode("utf-8", "surrogatepass"),
        body,
        spans,
        None if stored.vectors is None else stored.vectors.astype("<f2").tobytes(),
        None if stored.sentence_codes is None else stored.sentence_codes.tobytes(),
    )


def from_row(row: Row, origins: tuple[Origin, ...], dictionary_of: DictionaryOf) -> StoredArticle:
    """Raises ValueError: it is not what :func:`to_rows` makes."""
    article_id, fingerprint, meta_text, body, spans, vectors, codes = row
    meta = json.loads(meta_text)
    if not isinstance(meta, dict):
        raise ValueError("what is known of an article is not a JSON object")
    passages: tuple[Passage, ...] = ()
    sentences = Spans(Sentence, ())
    if spans is not None:
        passages, sentences = _unpack_spans(decompress(spans, dictionary_of))
    article = Article(
        id=article_id,
        title=meta.get("title", ""),
        body=decompress(body, dictionary_of).decode("utf-8", "surrogatepass"),
        authors=tuple(meta.get("authors", ())),
        publication=meta.get("publication"),
        date=_date(meta["date"]) if "date" in meta else None,
        url=meta.get("url"),
        summary=tuple(meta.get("summary", ())),
        topics=tuple(meta.get("topics", ())),
        section=meta.get("section"),
        language=meta.get("language"),
        origins=origins,
    )
    return StoredArticle(
        article=article,
        fingerprint=fingerprint,
        passages=passages,
        vectors=None if vectors is None else unpack_vectors(vectors, len(passages)),
        sentences=sentences,
        sentence_codes=None if codes is None else _unpack_codes(codes, len(sentences)),
    )


def _date(text: Any) -> PartialDate:
    try:
        return PartialDate.parse(str(text))
    except BadDate as error:
        # Whoever reads the archive did not write it: to be told how dates are written helps nobody.
        raise ValueError(error.message) from error


def passages_in(spans: bytes, dictionary_of: DictionaryOf) -> tuple[Passage, ...]:
    """Those of the column ``spans``."""
    return _unpack_spans(decompress(spans, dictionary_of))[0]


def unpack_vectors(data: bytes, passages: int) -> npt.NDArray[np.float16]:
    """float16 ``[passages, dimension]``."""
    # Imported here, as below: a search by words alone does without.
    import numpy as np

    if not passages:
        return np.zeros((0, 0), np.float16)
    return np.frombuffer(data, "<f2").reshape(passages, -1)


def _unpack_codes(data: bytes, sentences: int) -> npt.NDArray[np.uint8]:
    import numpy as np

    flat = np.frombuffer(data, np.uint8)
    return flat.reshape(sentences, -1) if sentences else flat.reshape(0, 0)


def _pack_spans(stored: StoredArticle) -> bytes:
    spans = (*stored.passages, *stored.sentences)
    return pack([len(stored.passages), *(offset for span in spans for offset in span)])


def _unpack_spans(data: bytes) -> tuple[tuple[Passage, ...], Spans[Sentence]]:
    count, *offsets = unpack(data)
    passages, sentences = offsets[: 2 * count], offsets[2 * count :]
    return tuple(Spans(Passage, passages)), Spans(Sentence, sentences)
