"""What to try where a search found nothing, or nothing by words."""

from __future__ import annotations

from difflib import get_close_matches

from byline.advice import is_empty, loosened, without_filters
from byline.analysis import fold
from byline.engines.base import Matching, Reader, Retrieval
from byline.query import parse
from byline.query.tree import Query, Word
from byline.search import Answer, Mode, SearchRequest
from byline.wording.numbers import counted

#: How alike a word of the archive must be to be offered for one that it lacks.
_ALIKE = 0.75
_TERMS = 2000


def advice(reader: Reader, request: SearchRequest, answer: Answer) -> tuple[str, ...]:
    """Sentences, the most promising first; empty where the words were found."""
    if answer.total.by_words or (answer.query.only_conditions and answer.total.articles):
        return ()
    query = request.query
    lines = [_spelling(reader, query)]
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
    """Words of the archive that look like those it lacks."""
    offers = []
    for node in query.words:
        if not isinstance(node, Word) or len(node.text) < 4:
            continue
        if reader.retrieve(Retrieval(Matching(words=(node,)), want_words=False)).words_total:
            continue
        word = fold(node.text)
        known = [term for term, _ in reader.terms(word[:2], _TERMS)]
        near = get_close_matches(word, known, n=1, cutoff=_ALIKE)
        if near:
            offers.append(f"{near[0]} for {node.text}")
    return f"Did you mean {', '.join(offers)}?" if offers else ""


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
