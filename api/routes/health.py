"""Whether the server lives, whether it can answer, and what it has counted."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from api.access import Administering, Gate
from api.described import shown, text_answers
from api.metrics import Metrics

router = APIRouter(tags=["health"])


@router.get("/health/live", responses={200: shown("health", "It does.")})
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/health/ready", responses={200: shown("health", "It can.")})
def ready(request: Request) -> dict[str, str]:
    """The archive can be read; 503 where it cannot."""
    gate: Gate = request.app.state.gate
    with gate.archive.engine.reader() as reader:
        _ = reader.version
    return {"status": "ok"}


@router.get(
    "/metrics",
    response_class=Response,
    responses=text_answers("Counts.", {CONTENT_TYPE_LATEST: "metrics.txt"}, kept=False),
)
def metrics(request: Request, access: Administering) -> Response:
    """For Prometheus. With a key of the scope `admin`; where no keys were made, from this
    machine alone."""
    del access
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=CONTENT_TYPE_LATEST)
