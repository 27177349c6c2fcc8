"""The application: every router, and what goes around them all."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api import access, described, problems, routes
from api.access import Gate, Policy
from api.cors import CrossOrigin
from api.envelope import ROOT, Envelope, Rates
from api.keys import KeyStore, keys_file
from api.limits import Limits
from api.metrics import Metrics
from api.parameter_names import only_known_parameters
from api.rates import Rate
from byline.archive import Archive
from byline.settings import Settings, listed

_PAGES = "api.web.pages"
_EMBEDS = "api.embeds.routes"
#: Bytes above which compressing is worth it, and how hard to try: most is gained by little.
_COMPRESS_FROM, _COMPRESS_LEVEL = 1_000, 5
#: Requests that read an archive in a folder at once. Its searches wait for nothing, and more of
#: them would only take turns at the interpreter: at 32 clients each took nearly twice the work.
_READERS_A_PROCESSOR = 2


def create_app(
    archive: Archive, settings: Settings | None = None, policy: Policy | None = None
) -> FastAPI:
    """The API and the page over one open archive, which is closed when the server stops.

    Args:
        settings: the archive's own where none are given.
        policy: what callers without a key may do.
    """
    chosen = settings or archive.settings
    keys, limits = KeyStore(keys_file(chosen)), Limits.of(chosen)
    counted = Metrics(archive)
    archive.observe = counted.searched

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not archive.engine.capabilities.served:
            threads = to_thread.current_default_thread_limiter()
            threads.total_tokens = _READERS_A_PROCESSOR * (os.cpu_count() or 1)
        yield
        archive.close()

    app = FastAPI(
        title="Byline",
        summary="Search an archive of commentary by words and by meaning.",
        version=version("byline"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.metrics = counted
    access.install(app, Gate(archive, keys, policy or Policy(), limits))
    pages = importlib.import_module(_PAGES) if importlib.util.find_spec(_PAGES) else None
    embeds = importlib.import_module(_EMBEDS) if pages is not None else None
    problems.install(app, None if embeds is None else embeds.error_page)
    checks = [Depends(only_known_parameters)]
    for router in _routers():
        app.include_router(router, prefix=ROOT, dependencies=checks)
    if pages is not None:
        app.include_router(pages.router, include_in_schema=False)
    if embeds is not None:
        app.include_router(embeds.router, include_in_schema=False)
    described.install(app, limits)
    # The last one added is the outermost.
    app.add_middleware(GZipMiddleware, minimum_size=_COMPRESS_FROM, compresslevel=_COMPRESS_LEVEL)
    app.add_middleware(
        Envelope,
        keys=keys,
        limits=limits,
        rates=Rates(Rate.parse(chosen.api_rate), Rate.parse(chosen.api_key_rate)),
        metrics=counted,
        log_queries=chosen.api_log_queries,
    )
    app.add_middleware(CrossOrigin, origins=frozenset(listed(chosen.api_origins)), keys=keys)
    return app


def _routers() -> list[APIRouter]:
    names = sorted(found.name for found in pkgutil.iter_modules(routes.__path__))
    return [importlib.import_module(f"{routes.__name__}.{name}").router for name in names]
