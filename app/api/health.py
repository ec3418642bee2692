"""Routes for monitoring: liveness, readiness and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from glassnet.app.api import TheService, problems
from glassnet.app.core.problems import Refusal

router = APIRouter(tags=["health"])


@router.get("/livez", response_class=PlainTextResponse, responses=problems())
async def alive() -> str:
    """Liveness: the server responds."""
    return "alive"


@router.get("/readyz", response_class=PlainTextResponse, responses=problems(503))
async def ready(request: Request) -> str:
    """Readiness: a run would start at once."""
    if not request.app.state.ready.is_set():
        raise Refusal(503, "workers are being warmed up")
    return "ready"


@router.get("/metrics", response_class=PlainTextResponse, responses=problems())
async def measured(service: TheService) -> Response:
    """The metrics for Prometheus."""
    return PlainTextResponse(service.measures.text(), media_type="text/plain; version=0.0.4")
