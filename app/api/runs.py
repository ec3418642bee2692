"""Routes of runs: start, list, show, rename, delete, command, live."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, WebSocket
from pydantic import BaseModel, Field

from glassnet.app.api import JSONBody, TheRun, TheRuns, TheService, component, parsed, problems, takes
from glassnet.app.api.reference import Description
from glassnet.app.core.prefix import prefix_of
from glassnet.app.core.problems import Refusal
from glassnet.app.live.connection import Connection
from glassnet.app.runs.listing import Order, matching, ordered
from glassnet.app.runs.record import Unwatched
from glassnet.app.runs.registry import Runs, Source
from glassnet.app.runs.service import Service
from glassnet.app.runs.states import State
from glassnet.app.security import Access
from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import CHECKPOINT_NAME, parse_command

router = APIRouter(prefix="/api/runs", tags=["runs"])

#: Seconds that a command over HTTP waits for its answer; `step` waits for its steps.
ANSWER_SECONDS = 60.0


class From(Document):
    """The run and the checkpoint that a new run goes on from."""

    run: str = Field(max_length=64)
    checkpoint: str = Field("now", pattern=CHECKPOINT_NAME, description="A checkpoint's name, or now.")


class NewRun(Document):
    """A run to start: an experiment, or a run to go on from, or both."""

    experiment: dict[str, Any] | None = Field(
        None, description="Left out with `from`: that run's experiment."
    )
    start: Literal["playing", "paused"] = "playing"
    speed: float | None = Field(
        None, gt=0, le=10**9, description="Steps a second at most; null: as many as possible."
    )
    unwatched: Unwatched = Field(
        "continue", description="What it does without viewers who may control it: go on, pause, or end."
    )
    example: bool = Field(
        False,
        description="Whether it is there to be looked at: it has a worker only while a viewer who may "
        "control it is connected, until a user edits or names it or keeps a checkpoint; then `unwatched` "
        "counts.",
    )
    source: From | None = Field(None, alias="from")


class RunChange(Document):
    """The changes of a run that do not affect its training."""

    title: str | None = Field(
        None, max_length=200, description="Empty: the title follows the data and the network."
    )
    named: bool = Field(
        True, description="Of a title: whether it is a name; false: it follows the experiment's edits."
    )
    unwatched: Unwatched | None = None


class RunInfo(BaseModel):
    """A run in lists."""

    id: str
    title: str
    named: bool = Field(description="Whether a user gave the title; otherwise it follows the experiment.")
    example: bool = Field(description="Whether it is an example that no user has made their own.")
    number: int = Field(description="Its number in the order of creation.")
    created: float = Field(description="Seconds since 1970.")
    state: State
    reason: dict[str, Any] | None
    step: int
    epoch: float
    life: int
    revision: int
    data: str = Field(description="The name of its data set.")
    network: str = Field(description="Its network in short, such as 2-8-8-8-1 tanh.")
    loss: float | None = Field(description="The last loss over the test set.")
    device: str | None
    queue_position: int | None
    viewers: int
    unwatched: Unwatched
    parent: str | None


class RunDocument(RunInfo):
    """A run with its experiment."""

    experiment: dict[str, Any] | None = Field(description="null: the run is damaged, and it cannot be read.")


class Ack(BaseModel):
    """The answer to a command that was carried out."""

    type: Literal["ack"]
    id: str | int | None
    step: int
    revision: int | None = None
    applied: Literal["live", "rebuilt"] | None = None
    queued: bool | None = Field(
        None, description="True: the run waits for its turn, and the command is carried out then."
    )
    before: float | None = Field(None, description="Of a weight: the number that was there.")
    key: str | None = Field(None, description="Of a study: its frames carry it.")
    keys: list[str] | None = None
    experiment: dict[str, Any] | None = None
    done: list[str] | None = Field(None, description="What a repair did, a line each.")


@router.post(
    "",
    status_code=201,
    response_model=RunDocument,
    responses=problems(404, 409, 413, 415, 422, 429, 503, 507),
    openapi_extra=takes(component("NewRun")),
)
async def start(
    value: JSONBody, runs: TheRuns, service: TheService, request: Request, response: Response
) -> dict[str, Any]:
    """Start a run."""
    wanted = parsed(NewRun, value)
    source = None if wanted.source is None else _source(wanted.source, runs)
    experiment = await _experiment(wanted, source, service)
    if source is not None:
        await _check_checkpoint(source)
    play = wanted.start == "playing"
    run = await runs.create(
        experiment,
        play=play,
        speed=wanted.speed,
        unwatched=wanted.unwatched,
        example=wanted.example,
        source=source,
    )
    response.headers["Location"] = f"{prefix_of(request.scope)}/api/runs/{run.id}"
    return {**run.info(), "experiment": experiment.document()}


def _source(wanted: From, runs: Runs) -> Source:
    try:
        return Source(runs[wanted.run], wanted.checkpoint)
    except Refusal as refusal:
        raise Refusal.at(404, "/from/run", refusal.detail) from None


async def _experiment(wanted: NewRun, source: Source | None, service: Service) -> Experiment:
    if wanted.experiment is not None:
        try:
            return await service.builder.experiment(wanted.experiment)
        except InvalidDocument as error:
            raise Refusal.of(error, below="/experiment") from None
    if source is None:
        raise Refusal.at(422, "", "'experiment' is missing; expected one, or a run to go on from")
    return await source.run.files.experiment()


async def _check_checkpoint(source: Source) -> None:
    if source.checkpoint == "now":
        return
    names = [info.name for info in await source.run.files.read(lambda directory: directory.checkpoints())]
    if source.checkpoint not in names:
        raise Refusal.at(
            404, "/from/checkpoint", f"no checkpoint '{source.checkpoint}'; expected one of {names}"
        )


@router.get("", response_model=list[RunInfo], responses=problems(422))
async def listed(
    runs: TheRuns,
    response: Response,
    text: Annotated[str, Query(max_length=200, description="Words, all of which a run has.")] = "",
    state: Annotated[list[State] | None, Query(description="States, one of which a run is in.")] = None,
    order: Annotated[Order, Query(description="What runs are ordered by.")] = "created",
    descending: Annotated[bool, Query(description="Whether the newest, last or greatest come first.")] = True,
    offset: Annotated[int, Query(ge=0, le=10**9, description="How many to pass over.")] = 0,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="How many at most.")] = None,
) -> list[dict[str, Any]]:
    """Runs, the newest first; the header `Total-Count` says how many match on all pages."""
    found = ordered(matching(runs, text, state or ()), order, descending=descending)
    response.headers["Total-Count"] = str(len(found))
    return [run.info() for run in found[offset : None if limit is None else offset + limit]]


@router.get("/{run}", response_model=RunDocument, responses=problems(404, 409))
async def shown(run: TheRun) -> dict[str, Any]:
    """A run with its current experiment."""
    return {**run.info(), "experiment": await run.document()}


@router.get(
    "/{run}/description",
    response_model=Description,
    response_model_exclude_unset=True,
    responses=problems(404, 409, 429, 503),
)
async def described(run: TheRun) -> dict[str, Any]:
    """Shapes, parameters, multiply-adds and receptive fields of a run's current network."""
    if run.state == "incomplete":
        noted = await run.files.read(lambda directory: directory.noted())
        if noted.description is not None:
            return noted.description
    try:
        return await run.service.builder.described_run(await run.files.experiment())
    except InvalidDocument as error:
        raise Refusal(409, str(error.problems[0])) from None


@router.patch(
    "/{run}",
    response_model=RunInfo,
    responses=problems(404, 413, 415, 422, 507),
    openapi_extra=takes(component("RunChange")),
)
async def changed(run: TheRun, value: JSONBody) -> dict[str, Any]:
    """Rename a run, or set what it does while it has no viewers."""
    change = parsed(RunChange, value)
    run.service.quota.check_free()
    if change.title is not None:
        await run.rename(change.title.strip(), named=change.named)
    if change.unwatched is not None:
        run.change(unwatched=change.unwatched)
    return run.info()


@router.delete("/{run}", status_code=204, responses=problems(404, 500, 507))
async def deleted(run: TheRun, runs: TheRuns) -> None:
    """End a run and remove its directory."""
    await runs.delete(run.id)


@router.post(
    "/{run}/commands",
    response_model=Ack,
    response_model_exclude_unset=True,
    responses=problems(404, 409, 413, 415, 422, 429, 503, 504, 507),
    openapi_extra=takes(component("Command")),
)
async def commanded(run: TheRun, value: JSONBody) -> dict[str, Any]:
    """Carry out a command, as over a live connection; `watch` needs a live connection."""
    try:
        command = parse_command(value)
    except InvalidDocument as error:
        raise Refusal.of(error) from None
    answer = await run.submit(command)
    try:
        async with asyncio.timeout(None if command.type == "step" else ANSWER_SECONDS):
            return {**await answer, "id": command.id}
    except TimeoutError:
        raise Refusal(
            504, f"no answer within {ANSWER_SECONDS:.0f} seconds; the command may still be carried out"
        ) from None


@router.websocket("/{name}/live")
async def live(socket: WebSocket, name: str) -> None:
    """Watch a run and, with a token for it, control it; `?control=0` requests to watch only."""
    runs: Runs = socket.app.state.runs
    try:
        run = runs[name]
        service = run.service
        if len(run.hub.viewers) >= service.settings.max_viewers:
            raise Refusal(503, f"{service.settings.max_viewers} viewers watch this run already")
        if runs.viewers + len(service.labs) >= service.settings.max_connections:
            raise Refusal(503, f"{service.settings.max_connections} viewers watch already")
    except Refusal as refusal:
        await socket.send_denial_response(refusal.response())
        return
    allowed = socket.scope["access"] >= Access.CONTROL and run.state != "incomplete"
    control = allowed and socket.query_params.get("control") != "0"
    await socket.accept()
    await Connection(socket, run.viewers, control=control).serve()
