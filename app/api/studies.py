"""Routes of studies: computations on a snapshot of a run or, in a lab, without a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, WebSocket
from fastapi.responses import Response
from pydantic import BaseModel, Field

from glassnet.app.api import JSONBody, TheRun, TheRuns, component, parsed, problems, takes
from glassnet.app.api.records import BYTES, SAFETENSORS
from glassnet.app.core.problems import Refusal
from glassnet.app.live.connection import Connection
from glassnet.app.live.lab import Lab
from glassnet.app.runs.registry import Runs
from glassnet.app.runs.service import Service
from glassnet.app.security import Access
from glassnet.engine.catalog import Document
from glassnet.engine.run.commands import CHECKPOINT_NAME

router = APIRouter(tags=["studies"])


class NewStudy(Document):
    """A study to start on a run."""

    run: str = Field(max_length=64)
    study: dict[str, Any] = Field(description="The study's kind and options.")
    checkpoint: str | None = Field(
        None, pattern=CHECKPOINT_NAME, description="What to look at; left out: the run as it is now."
    )


class Begun(BaseModel):
    """A started study; its frames and messages have the key."""

    key: str


class StudyInfo(Begun):
    """The state of a study."""

    study: str = Field(description="Its kind.")
    state: Literal["running", "done", "cancelled", "failed"]
    done: float = Field(description="How much of the work is done, from 0 to 1.")
    detail: str | None = Field(None, description="Why it failed.")
    options: dict[str, Any] = Field(description="The study as it was asked for, every default written out.")


@router.post(
    "/api/studies",
    response_model=Begun,
    responses=problems(404, 409, 413, 415, 422, 429),
    openapi_extra=takes(component("NewStudy")),
    status_code=201,
)
async def started(value: JSONBody, runs: TheRuns) -> dict[str, Any]:
    """Start a study on a run; one that is running already is not started twice."""
    wanted = parsed(NewStudy, value)
    try:
        run = runs[wanted.run]
    except Refusal as refusal:
        raise Refusal.at(404, "/run", refusal.detail) from None
    return {"key": await run.studies.start(wanted.study, wanted.checkpoint)}


@router.get("/api/runs/{run}/studies", response_model=list[StudyInfo], responses=problems(404))
async def listed(run: TheRun) -> list[dict[str, Any]]:
    """The studies of a run: running ones, and the newest of the ended ones."""
    return [
        {**job.as_json(), "options": job.study.model_dump(mode="json")} for job in run.studies.manager.jobs()
    ]


@router.get(
    "/api/runs/{run}/studies/{key}",
    response_class=Response,
    responses={
        **problems(404, 422),
        200: {"content": {SAFETENSORS: {"schema": BYTES}}},
        204: {"description": "It has shown nothing yet."},
    },
)
async def seen(run: TheRun, key: Annotated[str, Path(pattern="^[0-9a-f]{16}$")]) -> Response:
    """The newest frame of a study."""
    for job in run.studies.manager.jobs():
        if job.key == key:
            if job.newest is None:
                return Response(status_code=204)
            return Response(job.newest.data, media_type=SAFETENSORS)
    raise Refusal(404, f"there is no study '{key}' of run '{run.id}'")


@router.websocket("/api/studies/live")
async def live(socket: WebSocket) -> None:
    """A lab: studies that need no run, for this connection alone."""
    runs: Runs = socket.app.state.runs
    service: Service = socket.app.state.service
    if runs.viewers + len(service.labs) >= service.settings.max_connections:
        refusal = Refusal(503, f"{service.settings.max_connections} viewers watch already")
        await socket.send_denial_response(refusal.response())
        return
    control = socket.scope["access"] >= Access.CONTROL and socket.query_params.get("control") != "0"
    await socket.accept()
    lab = Lab(service)
    try:
        await Connection(socket, lab, control=control).serve()
    finally:
        await lab.close()
