"""Routes of export: experiments as scripts that need nothing but PyTorch."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from glassnet.app.api import JSONBody, TheRun, TheService, component, parsed, problems, takes
from glassnet.app.core.problems import Refusal
from glassnet.app.runs.service import Service
from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment

router = APIRouter(prefix="/api", tags=["export"])

PYTHON, ZIP = "text/x-python", "application/zip"

ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The script; with data that it cannot draw itself, an archive of both.",
        "content": {
            PYTHON: {"schema": {"type": "string"}},
            ZIP: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

Format = Literal["python"]


class ExportWanted(Document):
    """An experiment to export."""

    experiment: dict[str, Any]
    format: Format = Field("python", description="What to make of it.")


@router.post(
    "/export",
    response_class=Response,
    responses={**problems(413, 415, 422, 429, 503), **ANSWER},
    openapi_extra=takes(component("ExportWanted")),
)
async def exported(value: JSONBody, service: TheService) -> Response:
    """An experiment as a script for download."""
    wanted = parsed(ExportWanted, value)
    try:
        experiment = await service.builder.experiment(wanted.experiment)
        return await _download(experiment, service)
    except InvalidDocument as error:
        raise Refusal.of(error, below="/experiment") from None


@router.get(
    "/runs/{run}/export", response_class=Response, responses={**problems(404, 409, 422, 429, 503), **ANSWER}
)
async def exported_run(run: TheRun, chosen: Annotated[Format, Query(alias="format")] = "python") -> Response:
    """A run's current experiment as a script for download."""
    try:
        return await _download(await run.files.experiment(), run.service)
    except InvalidDocument as error:
        raise Refusal(409, str(error.problems[0])) from None


async def _download(experiment: Experiment, service: Service) -> Response:
    text, files = await service.builder.exported(experiment)
    stem = re.sub(r"[^a-z0-9]+", "_", experiment.title.lower()).strip("_")[:40] or "experiment"
    if files:
        name, media_type = f"{stem}.zip", ZIP
        content = await asyncio.to_thread(_archive, f"{stem}.py", text, files)
    else:
        name, media_type, content = f"{stem}.py", PYTHON, text.encode()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _archive(name: str, text: str, files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
        for beside, data in files.items():
            archive.writestr(beside, data)
    return packed.getvalue()
