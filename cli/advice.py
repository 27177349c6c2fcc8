"""What to try where a search found nothing, or nothing by words."""

from __future__ import annotations

from byline.advice import is_empty, loosened, without_filters
from byline.engines.base import Reader
from byline.query import parse
from byline.query.tree import Query
from byline.request import Mode, SearchRequest
from byline.search import Answer
from byline.spelling import suggest
from byline.wording.numbers import counted

#: Words that are spelled otherwise in one sentence.
_CORRECTED = 5


def advice(reader: Reader, request: SearchRequest, answer: Answer) -> tuple[str, ...]:
    """Sentences, the most promising first; empty where the words were found as they stand."""
    query = request.query
    lines = [_spelling(reader, query)] if request.offset == 0 else []
    if not answer.total.articles:
        if is_empty(reader):
            return ("The archive is empty: `byline index SOURCE` fills it.",)
        bare = parse(query.text)
        lines += [_without_filters(reader, query, bare), _loosened(reader, bare)]
        if answer.mode is Mode.KEYWORD and query.meaning and reader.manifest.model is not None:
            lines.append("Search by meaning too: --mode hybrid.")
        if answer.mode is Mode.SEMANTIC and query.meaning:
            lines.append("Search for the words as well: --mode hybrid.")
        if not any(lines):
            lines.append("Try other words, or fewer conditions.")
    return tuple(line for line in lines if line)


def _spelling(reader: Reader, query: Query) -> str:
    """Words of the archive that look like those it hardly has."""
    offers = suggest(reader, query)[:1]
    said = [f"{one.replacement} for {one.word}" for offer in offers for one in offer.changes]
    # A long query may have a word, or words that the archive lacks, many times.
    distinct = list(dict.fromkeys(said))
    more = f" and {len(distinct) - _CORRECTED:,} more" if len(distinct) > _CORRECTED else ""
    return f"Did you mean {', '.join(distinct[:_CORRECTED])}{more}?" if said else ""


def _without_filters(reader: Reader, query: Query, bare: Query) -> str:
    count = without_filters(reader, query, bare)
    if not count:
        return ""
    contain = "contains" if count == 1 else "contain"
    return f"Without the filters, {counted(count, 'article')} {contain} your words."


def _loosened(reader: Reader, query: Query) -> str:
    """Whether it is the query's own conditions that leave nothing: its words without them."""
    count = loosened(reader, query)
    if not count:
        return ""
    have = "has one" if count == 1 else "have one"
    return (
        f"Without quotes, + and other conditions, {counted(count, 'article')} {have} of the words."
    )
