"""Every error as RFC 9457 ``application/problem+json``, with Byline's code and remedy.

Where a browser asks for a page, the page's own module may show the error: see :func:`install`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from byline import errors

_LOG = logging.getLogger("byline.api")

#: Error → HTTP status; the first that fits counts, so the particular stand before the general.
_STATUS: tuple[tuple[type[errors.BylineError], int], ...] = (
    (errors.ArticleNotFound, 404),
    (errors.UsageError, 400),
    (errors.NoVectors, 409),
    (errors.ModelMismatch, 409),
    (errors.ArchiveBusy, 503),
    (errors.EngineUnavailable, 503),
    (errors.StorageFull, 507),
    (errors.BylineError, 500),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One error, as it is told.

    Attributes:
        status: of HTTP.
        code: stable, lower case, hyphens.
        message: one sentence that says what happened.
        remedy: one sentence that says what to do; may be empty.
        more: further members of the JSON document, such as where a query cannot be read.
    """

    status: int
    code: str
    message: str
    remedy: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, Any]:
        """``title`` says what happened, ``detail`` what to do about it."""
        return {
            "type": f"urn:byline:error:{self.code}",
            "title": self.message,
            "status": self.status,
            "detail": self.remedy,
            "code": self.code,
            "request_id": request_id,
            **self.more,
        }


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


#: Shows an error as a page.
ErrorPage: TypeAlias = Callable[[Request, Problem], Response]


def respond(request: Request, problem: Problem) -> Response:
    """The answer to a request that failed so."""
    show: ErrorPage | None = getattr(request.app.state, "error_page", None)
    if show is not None and _wants_page(request):
        return show(request, problem)
    return ProblemResponse(problem.document(request.state.request_id), problem.status)


def _wants_page(request: Request) -> bool:
    below_api = request.url.path.startswith("/api/")
    return not below_api and "text/html" in request.headers.get("accept", "")


def install(app: FastAPI, error_page: ErrorPage | None = None) -> None:
    """Have ``app`` answer every error so.

    Args:
        error_page: what shows an error to a browser that asked for a page outside ``/api/``.
    """
    app.state.error_page = error_page
    app.add_exception_handler(errors.BylineError, _byline_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)


def of_error(error: errors.BylineError) -> Problem:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    place = {"start": error.start, "end": error.end} if isinstance(error, errors.BadQuery) else {}
    return Problem(status, error.error_code, error.message, error.remedy, place)


def _byline_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.BylineError)  # noqa: S101 - registered for it alone
    problem = of_error(error)
    if problem.status >= 500:
        _LOG.error("%s: %s", error.error_code, error.message)
    return respond(request, problem)


def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    faults = error.errors()
    problem = Problem(
        400,
        "bad-parameter",
        " ".join(f"{fault['loc'][-1]}: {fault['msg']}." for fault in faults),
        "The parameters and what they allow are in /api/v1/openapi.json.",
        {"parameters": [".".join(map(str, fault["loc"][1:])) for fault in faults]},
    )
    return respond(request, problem)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    code = {404: "no-such-page", 405: "method-not-allowed"}.get(error.status_code, "http")
    answer = respond(request, Problem(error.status_code, code, f"{error.detail}."))
    answer.headers.update(error.headers or {})
    return answer
