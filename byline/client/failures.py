"""A server's refusals as the errors of :mod:`byline.errors`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from byline import errors
from byline.client.steps import Reply


def _below(kind: type[errors.BylineError]) -> Iterator[type[errors.BylineError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _below(inner)


#: A problem's code → the error it was. The codes are the classes' own, so this is the core's tree.
ERRORS: dict[str, type[errors.BylineError]] = {
    kind.code: kind
    for kind in _below(errors.BylineError)
    if kind.__module__ == errors.BylineError.__module__
}
#: Status → error, for problems whose code is a cause of its own (``query-too-long``) or the
#: server's alone (``key-needed``).
_BY_STATUS: dict[int, type[errors.BylineError]] = {
    400: errors.UsageError,
    401: errors.NotAllowed,
    403: errors.NotAllowed,
    412: errors.UsageError,
    413: errors.UsageError,
    421: errors.NotAllowed,
    422: errors.UsageError,
    429: errors.EngineUnavailable,
    502: errors.EngineUnavailable,
    503: errors.EngineUnavailable,
    504: errors.EngineUnavailable,
}
#: What whoever asked with an entity tag is told where nothing has changed.
_UNCHANGED = 304


def check(reply: Reply, url: str) -> None:
    """Raises the error that a refusal stands for, with the server's code, message and remedy."""
    if reply.status < 300 or reply.status == _UNCHANGED:
        return
    said = reply.document if isinstance(reply.document, dict) else {}
    if not isinstance(said.get("code"), str):
        raise _of_status(reply.status)(
            f"{url} answered {reply.status}, and not as Byline's API does.",
            remedy="Check that the address is that of a Byline server.",
            code="not-byline",
        )
    raise refusal(reply.status, said)


def refusal(status: int, said: Mapping[str, Any]) -> errors.BylineError:
    """The error that a problem document tells of."""
    code, message, remedy = said["code"], str(said.get("title", "")), str(said.get("detail", ""))
    error: errors.BylineError
    if "start" in said:
        place = {"start": int(said["start"]), "end": int(said["end"])}
        error = errors.BadQuery(message, **place, remedy=remedy, code=code)
    else:
        error = ERRORS.get(code, _of_status(status))(message, remedy=remedy, code=code)
    if said.get("request_id"):
        error.add_note(f"request id: {said['request_id']}")
    return error


def _of_status(status: int) -> type[errors.BylineError]:
    return _BY_STATUS.get(status, errors.BylineError)


@contextmanager
def unreachable(address: str) -> Iterator[None]:
    """The HTTP library's own exceptions as ours."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise errors.EngineUnavailable(
            f"{address} did not answer in time.", code="server-unavailable"
        ) from error
    except httpx2.TransportError as error:
        raise errors.EngineUnavailable(
            f"{address} cannot be reached: {error}.", code="server-unavailable"
        ) from error
    except (httpx2.InvalidURL, httpx2.DecodingError) as error:
        raise errors.UsageError(
            f"{address} cannot be asked: {error}.",
            remedy="Give the address of a Byline server, such as http://127.0.0.1:8000.",
            code="bad-address",
        ) from error
