"""Why a request is not answered, where the archive has nothing to do with it.

::

    Refused             has the HTTP status and further headers
    ├── Unauthorized      401  no key, or one that lets nobody in
    ├── Forbidden         403  a key, but not for this
    ├── Misdirected       421  a host's name that this server does not answer to
    ├── Precondition      412  an article is not as the client believes it to be
    ├── RateExceeded      429  too many requests
    ├── Overloaded        503  too many at once
    └── TookTooLong       504
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class Refused(Exception):
    """Code, message and remedy as :class:`byline.errors.BylineError` has them."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    default_remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = self.default_remedy if remedy is None else remedy
        self.error_code = code or self.code
        self.headers: dict[str, str] = dict(headers or {})


class Unauthorized(Refused):
    code = "key-needed"
    status = 401
    default_remedy = (
        "Send a key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`; whoever runs this server "
        "makes one with `byline keys create`."
    )

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code, headers={"WWW-Authenticate": 'Bearer realm="Byline"'})


class Forbidden(Refused):
    code = "forbidden"
    status = 403


class Misdirected(Refused):
    code = "unknown-host"
    status = 421


class Precondition(Refused):
    code = "precondition-failed"
    status = 412
    default_remedy = "Read the article again and decide anew."


class RateExceeded(Refused):
    code = "too-many-requests"
    status = 429


class Overloaded(Refused):
    code = "overloaded"
    status = 503
    default_remedy = "Try again in a moment."


class TookTooLong(Refused):
    code = "took-too-long"
    status = 504
    default_remedy = "Ask for less at once, or have the setting api_seconds raised."
