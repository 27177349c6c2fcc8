"""Articles that a program sends: checked, encoded, stored, and searchable when answered.

What stands in a field is read as the indexer reads it (HTML becomes text with its paragraphs
kept), except that nothing is let pass with a note: what cannot be taken is refused.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api import etags
from api.paths import ID_LENGTH, ID_PATTERN
from api.problems import Problem, of_error
from api.refusals import Precondition
from api.sent import Sent
from byline.archive import Archive
from byline.engines.base import Writer
from byline.errors import (
    ArchiveBusy,
    ArticleNotFound,
    ArticlesRefused,
    BadDate,
    BylineError,
    UsageError,
)
from byline.records import Article, Origin, PartialDate, StoredArticle, utc_now

#: What the origin of such an article is called.
SOURCE = "api"
MOST_AT_ONCE = 500
_PATIENCE_SECONDS = 20.0
_LANGUAGE = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"

ArticleId = Annotated[str, Field(min_length=1, max_length=ID_LENGTH, pattern=ID_PATTERN)]
_Line = Annotated[str, Field(max_length=2_000)]
_Lines = Annotated[list[_Line], Field(max_length=200)]


class ArticleIn(Sent):
    """An article as a program sends it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "The river remembers",
                    "body": "<p>It rose on a Sunday.</p><p>Nobody was told.</p>",
                    "authors": ["Ada Quill"],
                    "publication": "The Harbour Ledger",
                    "date": "2022-07-29",
                    "topics": ["floods"],
                }
            ]
        },
    )

    title: Annotated[str, Field(max_length=10_000, description="May be empty.")] = ""
    body: Annotated[str, Field(min_length=1, description="Plain text, HTML or Markdown.")]
    authors: _Lines = Field([], description="A name each.")
    publication: _Line | None = None
    date: Annotated[
        str | None,
        Field(
            max_length=40,
            description="As precise as it is known: 1908, 1908-05, 2022-07-29, "
            "2022-07-29T05:00 or 2022-07-29T05:00+02:00.",
            json_schema_extra={
                "anyOf": [{"type": "string", "format": "partial-date"}, {"type": "null"}]
            },
        ),
    ] = None
    url: _Line | None = None
    summary: _Lines = Field([], description="A point each.")
    topics: _Lines = Field([])
    section: _Line | None = None
    language: Annotated[
        str | None, Field(max_length=40, pattern=_LANGUAGE, description="A BCP 47 tag, such as en.")
    ] = None


class Put(Sent):
    """Add an article, or replace it."""

    action: Literal["put"]
    id: ArticleId
    article: ArticleIn
    if_match: str | None = Field(None, description="As the header If-Match.")
    if_none_match: str | None = Field(None, description="As the header If-None-Match.")


class Delete(Sent):
    """Remove an article."""

    action: Literal["delete"]
    id: ArticleId
    if_match: str | None = Field(None, description="As the header If-Match.")


Change = Put | Delete


class Result(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        etag: of the article as it is now, where there is one.
        passages: how many the article was cut into.
        problem: why it was refused.
    """

    id: str
    result: Result
    etag: str | None = None
    passages: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """``version``: the archive's, after it."""

    outcomes: tuple[Outcome, ...]
    version: int


_ONE_AT_A_TIME = threading.Lock()


def write(archive: Archive, changes: Sequence[Change]) -> Written:
    """Make each change, whole or not at all; what is refused keeps none of the others back.

    Raises:
        ArchiveBusy: somebody else is writing.
        ArchiveReadOnly, StorageFull, EngineUnavailable, ModelError: nothing was changed.
    """
    with _turn():
        try:
            return _write(archive, changes)
        except ArticlesRefused as error:
            # The server takes all of a batch or none of it; each by itself says which it refuses.
            if len(changes) == 1:
                return Written((_refused(changes[0].id, error),), _version(archive))
        outcomes: list[Outcome] = []
        for change in changes:
            try:
                outcomes += _write(archive, [change]).outcomes
            except ArticlesRefused as error:
                outcomes.append(_refused(change.id, error))
        return Written(tuple(outcomes), _version(archive))


@contextmanager
def _turn() -> Iterator[None]:
    """Writers of this process wait for each other a while; the archive takes one at a time."""
    if not _ONE_AT_A_TIME.acquire(timeout=_PATIENCE_SECONDS):
        raise ArchiveBusy("Other changes are being written.")
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


def _write(archive: Archive, changes: Sequence[Change]) -> Written:
    with archive.engine.writer() as writer:
        with archive.engine.reader() as reader:
            before = reader.fetch([change.id for change in changes])
            version = reader.version
        plan = _Plan(archive, writer, before)
        outcomes = tuple(plan.make(change) for change in changes)
        if any(one.result not in (Result.UNCHANGED, Result.REFUSED) for one in outcomes):
            version = writer.commit()
        return Written(outcomes, version)


class _Plan:
    """Changes under one writer, in their order."""

    def __init__(self, archive: Archive, writer: Writer, before: dict[str, StoredArticle]) -> None:
        self._archive = archive
        self._writer = writer
        self._now = dict(before)

    def make(self, change: Change) -> Outcome:
        try:
            match change:
                case Put():
                    return self._put(change)
                case Delete():
                    return self._delete(change)
        except (UsageError, BadDate, ArticleNotFound, Precondition) as error:
            return _refused(change.id, error)
        except BylineError as error:
            if of_error(error).status >= 500:
                raise
            return _refused(change.id, error)

    def _put(self, change: Put) -> Outcome:
        now = self._now.get(change.id)
        _check_match(change.id, now, change.if_match)
        unless = change.if_none_match
        if unless and now and etags.matches(unless, etags.article_tag(now.article)):
            raise Precondition(f"There is an article {change.id!r} already.")
        article = read_article(change.id, change.article, now)
        etag = etags.article_tag(article)
        if now is not None and etags.article_tag(now.article) == etag:
            return Outcome(change.id, Result.UNCHANGED, etag, len(now.passages))
        stored = self._derived(article, now)
        self._writer.put([stored])
        self._now[change.id] = stored
        result = Result.CREATED if now is None else Result.UPDATED
        return Outcome(change.id, result, etag, len(stored.passages))

    def _derived(self, article: Article, now: StoredArticle | None) -> StoredArticle:
        """What the model reads is encoded; where that has not changed, it was before."""
        if now is not None and (now.article.title, now.article.body) == (
            article.title,
            article.body,
        ):
            return replace(now, article=article)
        encoder = None
        model = self._archive.manifest.model
        if model is not None:
            encoder = self._archive.embedder(model)
            encoder.stay_light()
        # Imported here: a server that is only read from does without.
        from byline.derivation import derive

        return next(derive([article], encoder))

    def _delete(self, change: Delete) -> Outcome:
        now = self._now.get(change.id)
        _check_match(change.id, now, change.if_match)
        if now is None:
            raise ArticleNotFound(f"No article has the id {change.id!r}.")
        self._writer.delete([change.id])
        del self._now[change.id]
        return Outcome(change.id, Result.DELETED)


def _check_match(article_id: str, now: StoredArticle | None, header: str | None) -> None:
    """``If-Match`` (RFC 9110, 13.1.1). Raises Precondition."""
    if header is None:
        return
    if now is None:
        raise Precondition(f"There is no article {article_id!r} to change.")
    if not etags.matches(header, etags.article_tag(now.article)):
        raise Precondition(f"The article {article_id!r} has changed meanwhile.")


def _refused(article_id: str, error: Exception) -> Outcome:
    return Outcome(article_id, Result.REFUSED, problem=of_error(error))


def _version(archive: Archive) -> int:
    with archive.engine.reader() as reader:
        return reader.version


def read_article(article_id: str, given: ArticleIn, before: StoredArticle | None) -> Article:
    """As the indexer would have read it.

    Raises:
        UsageError: a field holds what cannot be taken; ``bad-field``, and the sentence names it.
    """
    # Here, since a server that nobody writes to needs none of it.
    from indexer.sources.events import Found, Unreadable
    from indexer.sources.fields import FieldMap, Where, article_events

    record = given.model_dump(exclude={"date"})
    digest = json.dumps(given.model_dump(), sort_keys=True).encode("utf-8", "surrogatepass")
    where = Where(SOURCE, article_id, digest)
    fields = FieldMap({name: name for name in record})
    try:
        events = list(article_events({**record, "id": article_id}, where, fields))
    except Unreadable as error:
        raise _bad_field("body", "it holds no text") from error
    (article,) = (event.article for event in events if isinstance(event, Found))
    return replace(
        article,
        id=article_id,
        date=_date(given.date),
        origins=(_origin(digest, article_id), *_other_origins(before)),
    )


def _date(text: str | None) -> PartialDate | None:
    if text is None:
        return None
    try:
        return PartialDate.parse(text)
    except BadDate as error:
        raise _bad_field("date", error.message.rstrip(".")) from error


def _bad_field(name: str, why: str) -> UsageError:
    return UsageError(
        f"article.{name}: {why}.",
        remedy="The fields and what they allow are in /api/v1/openapi.json.",
        code="bad-field",
    )


def _origin(digest: bytes, article_id: str) -> Origin:
    return Origin(SOURCE, article_id, hashlib.sha256(digest).hexdigest(), utc_now())


def _other_origins(before: StoredArticle | None) -> Iterable[Origin]:
    """Files it was indexed from are remembered: their records are not read anew as long as they
    stay as they were, so that indexing them again does not undo a change made here."""
    origins = before.article.origins if before is not None else ()
    return (origin for origin in origins if origin.source != SOURCE)
