"""Routes of export: an experiment as a script that needs torch alone, a run as ONNX or a state dict."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from glassnet.app.api import JSONBody, TheRun, TheService, component, controls, parsed, problems, takes
from glassnet.app.api.blobs import BYTES
from glassnet.app.core.problems import Refusal
from glassnet.app.runs.run import Run
from glassnet.app.runs.service import Service
from glassnet.app.studies.exporter import Exporter, MadeFile
from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import CHECKPOINT_NAME

router = APIRouter(prefix="/api", tags=["export"])

PYTHON, ZIP, OCTETS = "text/x-python", "application/zip", "application/octet-stream"

SCRIPT = {PYTHON: {"schema": {"type": "string"}}, ZIP: {"schema": BYTES}}

ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The script; with data that it cannot draw itself, an archive of both.",
        "content": SCRIPT,
    }
}

#: Of a run, weights as well.
OF_A_RUN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The script, or an archive of it and its data; ONNX; the state dict as safetensors.",
        "content": {**SCRIPT, OCTETS: {"schema": BYTES}},
    }
}

Format = Literal["python"]

#: The formats of a run; all but the script hold weights.
RunFormat = Literal["python", "onnx", "safetensors"]


class ExportWanted(Document):
    """An experiment to export."""

    experiment: dict[str, Any]
    format: Format = Field("python", description="What to make of it.")


@router.post(
    "/export",
    response_class=Response,
    responses={**problems(409, 413, 415, 422, 429, 500, 503), **ANSWER},
    openapi_extra=takes(component("ExportWanted")),
)
async def exported(value: JSONBody, service: TheService, request: Request) -> Response:
    """An experiment as a script for download."""
    wanted = parsed(ExportWanted, value)
    try:
        experiment = await service.builder.experiment(wanted.experiment)
        return await _script(experiment, experiment.title, service, exporter_of(request))
    except InvalidDocument as error:
        raise Refusal.of(error, below="/experiment") from None


@router.get(
    "/runs/{run}/export",
    response_class=Response,
    responses={**problems(404, 409, 422, 429, 500, 503, 507), **OF_A_RUN},
)
async def exported_run(
    run: TheRun,
    request: Request,
    chosen: Annotated[
        RunFormat, Query(alias="format", description="A script, or the network with its weights.")
    ] = "python",
    checkpoint: Annotated[
        str | None,
        Query(pattern=CHECKPOINT_NAME, description="Whose weights; left out: those the run has now."),
    ] = None,
) -> Response:
    """A run as a file for download: its experiment as a script, or its network with weights of one step."""
    title = run.info()["title"]
    if chosen != "python":
        controls(request)
        made = await made_of(run, chosen, checkpoint, exporter_of(request))
        return _download(made, f"{_stem(title)}.{chosen}", OCTETS)
    if checkpoint is not None:
        raise Refusal(422, "a script has no weights of a checkpoint; expected format onnx or safetensors")
    try:
        experiment = await run.files.experiment()
        return await _script(experiment, title, run.service, exporter_of(request))
    except InvalidDocument as error:
        raise Refusal(409, str(error.problems[0])) from None


def exporter_of(request: Request) -> Exporter:
    """The exporter of the request's application."""
    exporter: Exporter = request.app.state.exporter
    return exporter


async def made_of(run: Run, form: str, checkpoint: str | None, exporter: Exporter) -> MadeFile:
    """The file of a run's network at a checkpoint, or as it is now. Raises Refusal."""
    run.service.quota.check_free()
    studies = run.studies
    subject = await (studies.now() if checkpoint is None else studies.at_checkpoint(checkpoint))
    return await exporter.made(subject, form)


async def _script(experiment: Experiment, title: str, service: Service, exporter: Exporter) -> Response:
    """A script, with its files in an archive where it has some. Weights are read by a worker."""
    stem = _stem(title)
    if experiment.training.start_from is not None:
        made = await exporter.script(experiment, stem)
        return _download(made, f"{stem}.zip", ZIP)
    text, files = await service.builder.exported(experiment)
    if files:
        content = await asyncio.to_thread(_archive, f"{stem}.py", text, files)
        return Response(content, media_type=ZIP, headers=_attached(f"{stem}.zip"))
    return Response(text.encode(), media_type=PYTHON, headers=_attached(f"{stem}.py"))


def _download(made: MadeFile, name: str, media_type: str) -> Response:
    headers = {**_attached(name), "Content-Length": str(made.size)}
    return StreamingResponse(made.pieces(), media_type=media_type, headers=headers)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _stem(title: str) -> str:
    """A file's name made of a title."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40] or "experiment"


def _archive(name: str, text: str, files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
        for beside, data in files.items():
            archive.writestr(beside, data)
    return packed.getvalue()
