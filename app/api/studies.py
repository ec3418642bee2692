"""Studies: computations of their own, on a snapshot of a run."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from app.api import JSONBody, TheRuns, component, parsed, problems, takes
from app.problems import Refusal
from engine.catalog import Document

router = APIRouter(prefix="/api/studies", tags=["studies"])


class NewStudy(Document):
    """A study to start on a run."""

    run: str = Field(max_length=64)
    study: dict[str, Any] = Field(description="The study's kind and options.")


@router.post(
    "", responses=problems(404, 413, 415, 422), openapi_extra=takes(component("NewStudy")), status_code=201
)
async def started(value: JSONBody, runs: TheRuns) -> dict[str, Any]:
    """Start a study."""
    wanted = parsed(NewStudy, value)
    run = runs[wanted.run]
    raise Refusal.at(422, "/study", f"the engine has no studies yet; run '{run.id}' is left alone")
