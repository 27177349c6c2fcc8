"""What programs are given: answers, articles and archives as JSON-ready dictionaries.

One set for the command line's ``--json`` and the web API. Each top-level document carries
``"schema": SCHEMA`` and is described by a JSON Schema in ``docs/``; keys are only ever added
within one version. All offsets are Unicode code points into the article's body (title
highlights: into its title), from 0, end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from byline.engines.base import Severity

if TYPE_CHECKING:
    from byline.copying import Copied
    from byline.engines.base import Finding, Stats, ValueSummary
    from byline.passages import Highlight, ShownPassage
    from byline.plan import Leg
    from byline.query.tree import Note
    from byline.records import Article, Manifest, ModelIdentity, Origin, Span, StoredArticle
    from byline.search import Answer, Hit
    from byline.spelling import Suggestion

#: The version of every document below; raised when a key changes its meaning or goes.
SCHEMA = 1

Document: TypeAlias = dict[str, Any]


def search_document(answer: Answer, suggestions: Iterable[Suggestion] = ()) -> Document:
    """``docs/search.schema.json``."""
    # Imported late: most documents say no totals.
    from byline.wording.totals import total_line

    return {
        "schema": SCHEMA,
        "query": {
            "text": answer.query.text,
            "mode": answer.mode.value,
            "sort": answer.sort.value,
            "description": answer.description,
            "notes": [note_object(note) for note in answer.notes],
        },
        "total": {
            "articles": answer.total.articles,
            "by_words": answer.total.by_words,
            "by_meaning_only": answer.total.by_meaning_only,
            "sentence": total_line(answer),
        },
        "took_ms": round(answer.took * 1000, 1),
        "version": answer.version,
        "hits": [hit_object(hit) for hit in answer.hits],
        "facets": {
            field.value: [{"value": row.value, "count": row.count} for row in facet.values]
            for field, facet in answer.facets.items()
        },
        "facet_totals": {
            field.value: {
                "distinct": facet.distinct,
                "missing": facet.missing,
                "exact": facet.exact,
            }
            for field, facet in answer.facets.items()
        },
        "timeline": [
            {"start": row.start, "count": row.count}
            for row in (answer.timeline.bins if answer.timeline else ())
        ],
        "undated": answer.timeline.undated if answer.timeline else None,
        "suggestions": [suggestion_object(suggestion) for suggestion in suggestions],
    }


def suggestion_object(suggestion: Suggestion) -> Document:
    return {
        "text": suggestion.text,
        "articles": suggestion.articles,
        "changes": [
            {
                "start": change.start,
                "end": change.end,
                "word": change.word,
                "replacement": change.replacement,
            }
            for change in suggestion.changes
        ],
    }


def note_object(note: Note) -> Document:
    return {"code": note.code, "message": note.message, "start": note.start, "end": note.end}


def hit_object(hit: Hit) -> Document:
    """One hit: an item of ``hits``, and a line of ``--jsonl``."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "words": _leg(hit.words),
        "meaning": _leg(hit.meaning),
        "shares": (
            {"words": hit.shares.words, "meaning": hit.shares.meaning} if hit.shares else None
        ),
        "article": article_object(hit.article),
        "title_highlights": [_span(span) for span in hit.title_highlights],
        "passages": [passage_object(passage) for passage in hit.passages],
    }


def _leg(leg: Leg | None) -> Document | None:
    return None if leg is None else {"rank": leg.rank, "score": leg.score}


def _span(span: Span) -> Document:
    return {"start": span.start, "end": span.end}


def passage_object(passage: ShownPassage) -> Document:
    return {
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "highlights": [highlight_object(mark) for mark in passage.highlights],
    }


def highlight_object(mark: Highlight) -> Document:
    return {"start": mark.start, "end": mark.end, "kind": mark.kind.value}


def article_object(article: Article) -> Document:
    """An article without its body."""
    date = article.date
    return {
        "id": article.id,
        "title": article.title,
        "authors": list(article.authors),
        "publication": article.publication,
        "date": date.isoformat() if date else None,
        "date_precision": date.precision.value if date else None,
        "url": article.url,
        "summary": list(article.summary),
        "topics": list(article.topics),
        "section": article.section,
        "language": article.language,
    }


def article_document(stored: StoredArticle, highlights: Iterable[Span] = ()) -> Document:
    """``docs/show.schema.json``: the whole article, its body and origins included."""
    article = stored.article
    return {
        "schema": SCHEMA,
        "article": {
            **article_object(article),
            "body": article.body,
            "origins": [origin_object(origin) for origin in article.origins],
        },
        "passages": [_span(passage) for passage in stored.passages],
        "highlights": [_span(span) for span in highlights],
    }


def origin_object(origin: Origin) -> Document:
    return {
        "source": origin.source,
        "record": origin.record,
        "sha256": origin.sha256,
        "fetched_at": origin.fetched_at,
    }


def model_object(model: ModelIdentity) -> Document:
    return {
        "name": model.name,
        "weights": model.weights,
        "dimension": model.dimension,
        "pooling": model.pooling,
        "query_prompt": model.query_prompt,
        "document_prompt": model.document_prompt,
        "chunker": model.chunker,
        "floor": model.floor,
    }


def stats_document(stats: Stats, manifest: Manifest, address: str, version: int) -> Document:
    """``docs/stats.schema.json``."""
    return {
        "schema": SCHEMA,
        "archive": address,
        "version": version,
        "created": manifest.created,
        "byline": manifest.byline,
        "model": model_object(manifest.model) if manifest.model else None,
        "articles": stats.articles,
        "passages": stats.passages,
        "authors": stats.authors,
        "publications": stats.publications,
        "sources": stats.sources,
        "first": stats.first,
        "last": stats.last,
        "bytes": dict(stats.bytes),
    }


class Remark(Protocol):
    """A record that could not be read, or one that was kept with something amiss."""

    @property
    def source(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...


class Duplicate(Protocol):
    """A record with the text of an article, which remembers it."""

    @property
    def source(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def article_id(self) -> str: ...


class Report(Protocol):
    """What an indexing run did. The indexer's own report is one; the core imports no indexer."""

    @property
    def added(self) -> int: ...
    @property
    def updated(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def removed(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def copies(self) -> Sequence[Duplicate]: ...
    @property
    def rejected(self) -> Sequence[Remark]: ...
    @property
    def notes(self) -> Sequence[Remark]: ...
    @property
    def unused_fields(self) -> Mapping[str, int]: ...
    @property
    def unpruned(self) -> Sequence[str]: ...
    @property
    def passages(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def interrupted(self) -> bool: ...


def index_document(report: Report) -> Document:
    """``docs/index.schema.json``."""
    return {
        "schema": SCHEMA,
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "duplicates": report.duplicates,
        "copies": [
            {"source": row.source, "record": row.record, "article": row.article_id}
            for row in report.copies
        ],
        "rejected": [_remark(row) for row in report.rejected],
        "notes": [_remark(row) for row in report.notes],
        "unused_fields": dict(report.unused_fields),
        "unpruned": list(report.unpruned),
        "passages": report.passages,
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
    }


def _remark(row: Remark) -> Document:
    return {
        "source": row.source,
        "record": row.record,
        "code": row.code,
        "message": row.message,
    }


def copy_document(copied: Copied) -> Document:
    """``docs/copy.schema.json``."""
    return {
        "schema": SCHEMA,
        "added": copied.added,
        "updated": copied.updated,
        "unchanged": copied.unchanged,
        "removed": copied.removed,
        "beyond": copied.beyond,
    }


def remove_document(removed: int, unknown: Sequence[str]) -> Document:
    """``docs/remove.schema.json``."""
    return {"schema": SCHEMA, "removed": removed, "unknown": list(unknown)}


def authors_document(rows: Iterable[ValueSummary]) -> Document:
    """``docs/authors.schema.json``."""
    return {
        "schema": SCHEMA,
        "authors": [
            {"author": row.value, "articles": row.count, "first": row.first, "last": row.last}
            for row in rows
        ],
    }


def check_document(findings: Iterable[Finding]) -> Document:
    """``docs/check.schema.json``."""
    rows = list(findings)
    return {
        "schema": SCHEMA,
        "sound": all(row.severity is not Severity.DAMAGE for row in rows),
        "findings": [
            {
                "code": row.code,
                "severity": row.severity.value,
                "message": row.message,
                "remedy": row.remedy,
            }
            for row in rows
        ],
    }
