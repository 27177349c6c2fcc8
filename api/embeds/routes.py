"""Every route for other sites, at ``/`` beside the pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.embeds import frame, oembed, widget
from api.problems import Problem
from api.web import pages

router = APIRouter()
router.include_router(widget.router)
router.include_router(frame.router)
router.include_router(oembed.router)


def error_page(request: Request, problem: Problem) -> Response:
    """An error as a page, in the form of where it happened."""
    framed = request.url.path.endswith(frame.PATH)
    return (frame.error_page if framed else pages.error_page)(request, problem)
