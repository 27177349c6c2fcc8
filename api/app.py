"""The application: every router, and what goes around them all."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI

from api import access, problems, routes
from api.envelope import Envelope
from api.limits import Limits
from api.parameter_names import only_known_parameters
from byline.archive import Archive
from byline.settings import Settings

ROOT = "/api/v1"
_PAGES = "api.web.pages"


def create_app(archive: Archive, settings: Settings | None = None) -> FastAPI:
    """The API and the page over one open archive, which is closed when the server stops.

    Args:
        settings: the archive's own where none are given.
    """
    chosen = settings or archive.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        archive.close()

    app = FastAPI(
        title="Byline",
        summary="Search an archive of commentary by words and by meaning.",
        version=version("byline"),
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    access.install(app, access.Gate(archive, Limits.of(chosen)))
    pages = importlib.import_module(_PAGES) if importlib.util.find_spec(_PAGES) else None
    problems.install(app, getattr(pages, "error_page", None))
    checks = [Depends(only_known_parameters)]
    for router in _routers():
        app.include_router(router, prefix=ROOT, dependencies=checks)
    if pages is not None:
        app.include_router(pages.router, include_in_schema=False)
    app.add_middleware(Envelope)
    return app


def _routers() -> list[APIRouter]:
    names = sorted(found.name for found in pkgutil.iter_modules(routes.__path__))
    return [importlib.import_module(f"{routes.__name__}.{name}").router for name in names]
