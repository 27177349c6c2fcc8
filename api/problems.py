"""Every error as RFC 9457 ``application/problem+json``, with Byline's code and remedy.

Where a browser asks for a page, the page's own module may show the error: see :func:`install`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from api.faults import faults_of, told
from api.logs import PROBLEMS, say
from api.paths import inner_path
from api.refusals import Refused
from api.remedies import remedy_of
from byline import errors

#: Error → HTTP status; the first that fits counts, so the particular stand before the general.
_STATUS: tuple[tuple[type[errors.BylineError], int], ...] = (
    (errors.ArticleNotFound, 404),
    (errors.AuthorNotFound, 404),
    (errors.NotAllowed, 403),
    (errors.UsageError, 400),
    (errors.NoVectors, 409),
    (errors.ModelMismatch, 409),
    (errors.ArchiveBusy, 503),
    (errors.EngineUnavailable, 503),
    (errors.StorageFull, 507),
    (errors.BylineError, 500),
)
#: Seconds after which what is passing has perhaps passed.
_COME_BACK = {503: "5"}
_TITLES = {
    404: "Nothing is at this address.",
    405: "This address does not take that method.",
    413: "The request's body is larger than is allowed.",
}
_REMEDIES = {
    404: "What there is stands in /api/v1/openapi.json, for people at /api/v1/docs.",
    405: "The header Allow says which it takes.",
    413: "Send less at once, or have the setting api_body_size raised.",
}
_CODES = {404: "no-such-page", 405: "method-not-allowed", 413: "body-too-large"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error, as it is told.

    Attributes:
        status: of HTTP.
        code: stable, lower case, hyphens.
        message: one sentence that says what happened.
        remedy: one sentence that says what to do; may be empty.
        for_people: the same for whoever looks at a page; ``None`` where it is the same.
        more: further members of the JSON document, such as where a query cannot be read.
        headers: of the answer.
    """

    status: int
    code: str
    message: str
    remedy: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    for_people: str | None = None

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
        said = problem.remedy if problem.for_people is None else problem.for_people
        answer = show(request, replace(problem, remedy=said))
    else:
        answer = ProblemResponse(problem.document(request.state.request_id), problem.status)
    answer.headers.update(problem.headers)
    if problem.status == 401 and _wants_page(request) and not _in_frame(request):
        # Lets a browser ask whoever opens the page for a key.
        answer.headers["WWW-Authenticate"] = 'Basic realm="Byline: any name, a key as password"'
    return answer


def _in_frame(request: Request) -> bool:
    """Whether another site's page would have its readers asked for a key of ours."""
    return request.headers.get("sec-fetch-dest") in ("iframe", "frame")


def _wants_page(request: Request) -> bool:
    below_api = inner_path(request.scope).startswith("/api/")
    return not below_api and "text/html" in request.headers.get("accept", "")


def install(app: FastAPI, error_page: ErrorPage | None = None) -> None:
    """Have ``app`` answer every error so.

    Args:
        error_page: what shows an error to a browser that asked for a page outside ``/api/``.
    """
    app.state.error_page = error_page
    app.add_exception_handler(errors.BylineError, _known)
    app.add_exception_handler(Refused, _known)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)


def of_error(error: Exception) -> Problem:
    """What is told of an error, whatever it is; what nobody foresaw tells nothing of itself."""
    match error:
        case Refused():
            return Problem(
                error.status, error.error_code, error.message, error.remedy, headers=error.headers
            )
        case errors.BylineError():
            return _of_byline_error(error)
        case _:
            return Problem(
                500,
                "internal",
                "Something went wrong inside Byline.",
                "Report it with the request id; the server's log has the rest.",
            )


def _of_byline_error(error: errors.BylineError) -> Problem:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    place = {"start": error.start, "end": error.end} if isinstance(error, errors.BadQuery) else {}
    later = {"Retry-After": _COME_BACK[status]} if status in _COME_BACK else {}
    remedy = remedy_of(error)
    return Problem(
        status, error.error_code, error.message, remedy.programs, place, later, remedy.people
    )


def _known(request: Request, error: Exception) -> Response:
    problem = of_error(error)
    if problem.status >= 500:
        say(
            PROBLEMS,
            logging.ERROR,
            "problem",
            id=request.state.request_id,
            code=problem.code,
            message=problem.message,
        )
    return respond(request, problem)


def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    faults = faults_of(error.errors(), request.scope.get("route"))
    # A name that nothing has is likely what all else came of.
    first = next((fault for fault in faults if fault.unknown), faults[0])
    problem = Problem(
        400,
        "unknown-parameter" if first.unknown else "bad-parameter",
        told(faults),
        first.remedy,
        {"parameters": [fault.place for fault in faults]},
    )
    return respond(request, problem)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    status = error.status_code
    headers = {"Allow": _allowed(request)} if status == 405 else error.headers or {}
    problem = Problem(
        status,
        _CODES.get(status, f"http-{status}"),
        _TITLES.get(status, f"{error.detail.rstrip('.')}."),
        _REMEDIES.get(status, ""),
        headers=headers,
    )
    return respond(request, problem)


def _allowed(request: Request) -> str:
    """Every method that the address takes, whichever routes they are of."""
    asked = {name: value for name, value in request.scope.items() if name != "fastapi"}
    taken = [
        method
        for method in ("GET", "POST", "PUT", "DELETE")
        if any(
            route.matches({**asked, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    # The server answers HEAD wherever it answers GET.
    return ", ".join(["HEAD", *taken] if "GET" in taken else taken)
