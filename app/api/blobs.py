"""Routes of blobs: uploaded data and pictures, stored by their SHA-256."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from glassnet.app.api import may_see_blob, problems, takes
from glassnet.app.core.problems import Refusal
from glassnet.app.runs.housekeeping import Housekeeping
from glassnet.app.store.blobs import Blobs, WrongHash

router = APIRouter(prefix="/api/blobs", tags=["blobs"], dependencies=[Depends(may_see_blob)])

SHA256 = "^[0-9a-f]{64}$"

BYTES = {"type": "string", "format": "binary"}


class BlobInfo(BaseModel):
    """A stored blob, which experiments refer to as `sha256:…`."""

    sha256: str
    size: int


@router.post(
    "",
    status_code=201,
    response_model=BlobInfo,
    responses={**problems(413, 422, 507), 200: {"model": BlobInfo, "description": "It was stored already."}},
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(
    request: Request,
    response: Response,
    sha256: Annotated[str | None, Query(pattern=SHA256, description="What the bytes must hash to.")] = None,
) -> BlobInfo:
    """Store the bytes of the body."""
    blobs: Blobs = request.app.state.blobs
    try:
        blob, new = await blobs.put(request.stream(), sha256)
    except WrongHash as error:
        raise Refusal(422, str(error)) from None
    response.status_code = 201 if new else 200
    return BlobInfo(sha256=blob.sha256, size=blob.size)


@router.get(
    "/{sha256}",
    response_class=FileResponse,
    responses={**problems(404, 422), 200: {"content": {"application/octet-stream": {"schema": BYTES}}}},
)
async def fetched(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> FileResponse:
    """The bytes of a blob."""
    blobs: Blobs = request.app.state.blobs
    if blobs.get(sha256) is None:
        raise Refusal(404, f"there is no blob {sha256}")
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return FileResponse(blobs.path(sha256), media_type="application/octet-stream", headers=headers)


@router.delete("/{sha256}", status_code=204, responses=problems(404, 409, 422, 500, 507))
async def deleted(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> None:
    """Remove a blob that no run refers to."""
    housekeeping: Housekeeping = request.app.state.housekeeping
    await housekeeping.delete_blob(sha256)
