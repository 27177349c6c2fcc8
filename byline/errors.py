"""Every error that Byline raises on purpose.

::

    BylineError
    ├── UsageError              what was asked cannot be done as it was asked     (exit 2)
    │   ├── BadQuery              a strict query that cannot be read
    │   ├── BadDate               no such date
    │   ├── BadSetting            a setting's value is out of its range
    │   ├── BadCursor             a cursor that cannot go on with this search
    │   ├── BadJudgments          queries or judgments that cannot be read
    │   └── BadArchiveAddress     no engine answers to that address
    ├── ArchiveError            the archive as a whole                            (exit 1)
    │   ├── ArchiveNotFound       nothing is there
    │   ├── NotAnArchive          something else is there
    │   ├── ArchiveTooNew         made by a newer version
    │   ├── ArchiveDamaged        a file is truncated or does not fit the others
    │   ├── ArchiveReadOnly       cannot be written to
    │   ├── ArchiveBusy           another process is writing
    │   ├── StorageFull           the disk (or the server) has no room
    │   ├── ArticlesRefused       the server will not take some articles
    │   └── EngineUnavailable     the server does not answer, or not in time
    ├── ModelError              the embedding model                               (exit 1)
    │   ├── ModelNotFound         no such folder, package or name
    │   ├── ModelUnreadable       its files are missing, cut short or do not fit each other
    │   ├── ModelMismatch         not the model the archive was made with
    │   └── NoVectors             the archive has none to search by meaning
    ├── ArticleNotFound         no article has that id                            (exit 1)
    ├── NotAllowed              outside what the caller may see or write          (exit 1)
    ├── KeysUnreadable          the file with the API's keys                      (exit 1)
    ├── KeyNotFound             no key has that id                                (exit 1)
    ├── AuthorNotFound          no article is by that author                      (exit 1)
    └── SourceError             something to index that cannot be read            (exit 1)

Each carries a stable ``code`` (lower case, hyphens), a ``message`` of one sentence that says
what happened and where, and a ``remedy``: one sentence that says what to do. The CLI prints
both, the API sends both as ``application/problem+json``. An engine's own exceptions never
pass the engine: tests hold that each is mapped to one of these.
"""

from __future__ import annotations

from typing import ClassVar


class BylineError(Exception):
    """The base of all; raise one of the classes below it.

    Args:
        message: one sentence, without the remedy; what happened, and where.
        remedy: one sentence; the class's own where none is given.
        code: overrides the class's own where one class has several causes.
    """

    code: ClassVar[str] = "error"
    default_remedy: ClassVar[str] = ""
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = self.default_remedy if remedy is None else remedy
        self.error_code = code or self.code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments need help to survive a process boundary.
        return _rebuild, (type(self), self.message, self.remedy, self.error_code), self.__dict__


def _rebuild(kind: type[BylineError], message: str, remedy: str, code: str) -> BylineError:
    return kind(message, remedy=remedy, code=code)


class UsageError(BylineError):
    code = "usage"
    exit_status = 2


class BadQuery(UsageError):
    """A query that cannot be read, under ``--strict-query``.

    ``start`` and ``end`` point into the query's text (code points).
    """

    code = "bad-query"
    default_remedy = "Mend the query there, or leave out --strict-query to have it read leniently."

    def __init__(
        self,
        message: str,
        *,
        start: int = 0,
        end: int = 0,
        remedy: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, code=code)
        self.start = start
        self.end = end


class BadDate(UsageError):
    code = "bad-date"
    default_remedy = "Write dates as 2022, 2022-07 or 2022-07-29."


class BadSetting(UsageError):
    code = "bad-setting"
    default_remedy = "`byline config` lists the settings with their meaning and their values."


class BadJudgments(UsageError):
    code = "bad-judgments"
    default_remedy = "Mend the file there; docs/quality.md shows the forms that are read."


class BadCursor(UsageError):
    code = "bad-cursor"
    default_remedy = "Take the cursor from the answer before it, unchanged, or start without one."


class BadArchiveAddress(UsageError):
    code = "bad-archive-address"
    default_remedy = "Give a folder, or elasticsearch://host:9200/name."


class ArchiveError(BylineError):
    code = "archive"


class ArchiveNotFound(ArchiveError):
    code = "archive-not-found"
    default_remedy = "Make one with `byline index SOURCE --archive DIR`, or name another folder."


class NotAnArchive(ArchiveError):
    code = "not-an-archive"
    default_remedy = "Name an archive that Byline made, or a folder that is empty or new."


class ArchiveTooNew(ArchiveError):
    code = "archive-too-new"
    default_remedy = "Upgrade Byline; the archive was not touched."


class ArchiveDamaged(ArchiveError):
    code = "archive-damaged"
    default_remedy = "Run `byline check` to see what is wrong and what mends it."


class ArchiveReadOnly(ArchiveError):
    code = "archive-read-only"
    default_remedy = "Make the folder writable, or index into another."


class ArchiveBusy(ArchiveError):
    code = "archive-busy"
    default_remedy = "Wait until it has finished; searching goes on meanwhile."


class StorageFull(ArchiveError):
    code = "storage-full"
    default_remedy = "Make room and run the same command again; what was committed is safe."


class ArticlesRefused(ArchiveError):
    """The server will never take these articles; ``refused`` has each id with its reason."""

    code = "articles-refused"
    default_remedy = (
        "Mend or leave out these articles and run the same command again; nothing of this batch "
        "can be searched yet."
    )

    def __init__(
        self,
        message: str,
        *,
        refused: tuple[tuple[str, str], ...] = (),
        remedy: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, code=code)
        self.refused = refused


class EngineUnavailable(ArchiveError):
    code = "engine-unavailable"
    default_remedy = "Check that the server runs and can be reached, then try again."


class ModelError(BylineError):
    code = "model"


class ModelNotFound(ModelError):
    code = "model-not-found"
    default_remedy = "Name a folder that holds a sentence-transformers model, or a name on the hub."


class ModelUnreadable(ModelError):
    code = "model-unreadable"
    default_remedy = "Copy or download the whole model again, or use another."


class ModelMismatch(ModelError):
    code = "model-mismatch"
    default_remedy = (
        "Use the archive's own model, or encode the archive anew with "
        "`byline reembed --model NAME`."
    )


class NoVectors(ModelError):
    code = "no-vectors"
    default_remedy = "Search with --mode keyword, or add vectors with `byline reembed`."


class ArticleNotFound(BylineError):
    code = "article-not-found"
    default_remedy = "`byline search` shows the ids of what it finds."


class AuthorNotFound(BylineError):
    code = "author-not-found"
    default_remedy = "`byline authors` lists who wrote what the archive holds."


class NotAllowed(BylineError):
    code = "not-allowed"
    default_remedy = "Use a key that is made for this."


class KeysUnreadable(BylineError):
    """The file with keys is there and cannot be read; nobody is let in by it."""

    code = "keys-unreadable"
    default_remedy = "Restore the file, or move it away and make new keys with `byline keys`."


class KeyNotFound(BylineError):
    code = "key-not-found"
    default_remedy = "`byline keys list` shows the ids of all keys."


class SourceError(BylineError):
    """One source, or one record of it, that cannot be read; the rest goes on."""

    code = "source"
