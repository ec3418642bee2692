"""Routes of a run's records: rows, recorded frames, checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import BaseModel, ValidationError

from glassnet.app.api import TheRun, controls, problems
from glassnet.app.core.problems import Refusal
from glassnet.app.runs import resume
from glassnet.app.runs.housekeeping import Housekeeping
from glassnet.app.runs.run import Run
from glassnet.engine.errors import CheckpointError, DamagedFile
from glassnet.engine.files import untrusted
from glassnet.engine.frame import encode
from glassnet.engine.probes.scalars import SCALARS, ScalarKind
from glassnet.engine.run import changes as journalled
from glassnet.engine.run.commands import CHECKPOINT_NAME
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import Rows
from glassnet.engine.run.recorded_frames import MOST_FRAMES

router = APIRouter(prefix="/api/runs/{run}", tags=["records"])

SAFETENSORS = "application/vnd.safetensors"
FRAMES = "application/vnd.glassnet.frames"

MOST_ROWS = 10_000

#: The fewest points of an overview: as many as one stretch of rows with many series may need.
MOST_KEPT = 200

MOST_CHANGES = 500

#: The most bytes of recorded frames in a response, and in memory at a time.
MOST_BYTES, PIECE = 32 << 20, 1 << 16

BYTES = {"type": "string", "format": "binary"}


class Checkpoint(BaseModel):
    """A checkpoint, with its step, epoch and metrics, and the life of the run that it is of."""

    name: str
    step: int
    epoch: float
    revision: int
    time: float
    metrics: dict[str, float]
    life: int | None = None


class Change(BaseModel):
    """A change: at a step, in a life of the run; what else it has depends on its type.

    All are made by hand, but for a stop that has ended the run, whose life is the one that it has gone back
    to, and a finding of the diagnosis, with its cures.
    """

    type: Literal["edit", "weight", "reset", "rewind", "stop", "finding"]
    step: int
    life: int
    time: float | None = None
    revision: int | None = None
    patch: list[dict[str, Any]] | None = None
    experiment: dict[str, Any] | None = None
    node: str | None = None
    parameter: str | None = None
    index: list[int] | None = None
    value: float | None = None
    checkpoint: str | None = None
    of_life: int | None = None
    left: str | None = None
    rows: dict[str, int] | None = None
    stop: str | None = None
    restored: int | None = None
    detail: str | None = None
    trouble: str | None = None
    title: str | None = None
    evidence: list[dict[str, Any]] | None = None
    cures: list[dict[str, Any]] | None = None


class ChangesOfRun(BaseModel):
    """The newest changes of a run, and its experiment before the first of them, if there are any."""

    experiment: dict[str, Any] | None = None
    changes: list[Change]


@router.get(
    "/metrics",
    response_class=Response,
    responses={**problems(404, 409, 422), 200: {"content": {SAFETENSORS: {"schema": BYTES}}}},
)
async def metrics(
    run: TheRun,
    probe: ScalarKind,
    start: Annotated[int, Query(alias="from", ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = MOST_ROWS,
    points: Annotated[int | None, Query(ge=MOST_KEPT, le=MOST_ROWS)] = None,
) -> Response:
    """Journalled rows as one safetensors document; `next` in its metadata is the row to go on from.

    Rows are thinned as they age: where some are missing in between, float64 `seq` has each row's number. With
    `points`, the response covers all rows from `from`, reduced to at most `points`: those at which, in
    stretches of equal length, some series is least or greatest.
    """
    if points is None:
        data = await run.files.read(lambda directory: _rows(run, probe, directory.rows(probe, start, limit)))
    else:
        data = await run.files.read(
            lambda directory: _rows(run, probe, directory.overview(probe, points, start))
        )
    return Response(data, media_type=SAFETENSORS)


def _rows(run: Run, probe: ScalarKind, rows: Rows) -> bytes:
    metadata = {
        "run": run.id,
        "probe": probe,
        "key": SCALARS[probe]().key,
        "seq": rows.start,
        "next": rows.next,
        "life": run.record.life,
        "revision": run.revision,
        "step": run.record.step,
        "epoch": run.record.epoch,
    }
    return encode({name: str(value) for name, value in metadata.items()}, rows.sent())


@router.get(
    "/frames",
    response_class=Response,
    responses={**problems(404, 409, 422), 200: {"content": {FRAMES: {"schema": BYTES}}}},
)
async def frames(
    run: TheRun,
    key: Annotated[str, Query(pattern="^[0-9a-f]{16}$")],
    from_step: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_FRAMES)] = MOST_FRAMES,
) -> Response:
    """Recorded frames of a picture, each after its length (u64, little-endian) and padded to 8 bytes.

    So every frame begins at a multiple of 8, and its arrays can be viewed without copying.
    """
    paths = await run.files.read(lambda directory: directory.frame_paths(key, from_step, limit))
    return StreamingResponse(_packed(paths), media_type=FRAMES)


def _packed(paths: list[Path]) -> Iterator[bytes]:
    """The frames in pieces, each read when the client is ready for it."""
    total = 0
    for path in paths:
        try:
            file = untrusted.open_regular(path)
        except (FileNotFoundError, DamagedFile):
            continue  # thinned out meanwhile
        with file:
            size = os.fstat(file.fileno()).st_size
            total += size
            if MOST_BYTES < total != size:
                return
            yield size.to_bytes(8, "little")
            while piece := file.read(PIECE):
                yield piece
        yield bytes(-size % 8)


@router.get(
    "/changes",
    response_model=ChangesOfRun,
    response_model_exclude_none=True,
    responses=problems(404, 409),
)
async def changes(run: TheRun) -> Any:
    """What was changed or found, in order: edits, weights, resets, rewinds, ends by a stop, findings.

    An edit has the `patch` that leads from the edit before to it, or the whole `experiment`. Older ones are
    thinned, and of a weight that was dragged the last number counts.
    """
    found = await run.files.read(lambda directory: journalled.changes(directory, MOST_CHANGES))
    listed = [each for each in map(_change, found.events) if each]
    return {"experiment": found.experiment if listed else None, "changes": listed}


def _change(event: dict[str, Any]) -> Change | None:
    """A change as it is served; None where its event is damaged."""
    try:
        return Change.model_validate(event)
    except ValidationError:
        return None


@router.get("/checkpoints", response_model=list[Checkpoint], responses=problems(404, 409))
async def checkpoints(run: TheRun) -> list[Any]:
    """All checkpoints, the oldest first."""
    return [vars(info) for info in await run.files.read(lambda directory: directory.checkpoints())]


@router.get(
    "/checkpoints/{name}",
    response_class=FileResponse,
    dependencies=[Depends(controls)],
    responses={**problems(404, 409, 422), 200: {"content": {SAFETENSORS: {"schema": BYTES}}}},
)
async def checkpoint(run: TheRun, name: Annotated[str, InPath(pattern=CHECKPOINT_NAME)]) -> FileResponse:
    """The tensors of a checkpoint, for clients that may control the run."""
    path = run.directory.path / "checkpoints" / f"{name}.safetensors"
    if (untrusted.kind(path.parent), untrusted.kind(path)) != ("a directory", "a file"):
        raise Refusal(404, f"run '{run.id}' has no checkpoint '{name}'")
    if not os.access(path, os.R_OK):
        raise Refusal(409, f"checkpoint '{name}' of run '{run.id}' may not be read", title="Damaged run")
    return FileResponse(path, media_type=SAFETENSORS, filename=f"{run.id}-{name}.safetensors")


@router.delete("/checkpoints/{name}", status_code=204, responses=problems(404, 409, 422, 500, 507))
async def checkpoint_deleted(
    request: Request, run: TheRun, name: Annotated[str, InPath(pattern=CHECKPOINT_NAME)]
) -> None:
    """Remove a checkpoint, unless it is the one that the run resumes from."""
    housekeeping: Housekeeping = request.app.state.housekeeping
    await run.files.read(lambda directory: _remove_checkpoint(directory, name))
    await housekeeping.measure(run)


def _remove_checkpoint(directory: RunDirectory, name: str) -> None:
    needed = resume.find(directory)
    if needed is not None and name == needed.name:
        raise Refusal(
            409,
            f"run '{directory.run}' goes on from its checkpoint '{name}'; "
            "expected another, or that the run is deleted",
        )
    try:
        directory.remove_checkpoint(name)
    except CheckpointError as error:
        raise Refusal(404, str(error)) from None
