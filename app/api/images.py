"""Own pictures: made into a blob that the data set `own_images` reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Annotated, TypeVar

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from app.api import problems, takes
from app.api.blobs import BYTES, SHA256
from app.importing import Importer
from app.problems import Refusal
from app.store.blobs import Blobs, StoreFull
from engine.datasets.uploads import counted, preview
from engine.errors import DataError
from engine.pictures import Fit

router = APIRouter(prefix="/api/images", tags=["images"])

T = TypeVar("T")

PNG = {"type": "string", "format": "binary"}


class Kept(BaseModel):
    """Pictures that are kept, as the data set `own_images` refers to them."""

    blob: str = Field(description="`sha256:…`")
    names: list[str] = Field(description="The classes, in the order of their labels.")
    counts: list[int] = Field(description="How many pictures each class has.")
    pictures: int
    size: int
    channels: int


@router.post(
    "",
    status_code=201,
    response_model=Kept,
    responses=problems(413, 422, 507),
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(
    request: Request,
    size: Annotated[int, Query(ge=8, le=256, description="The side of a picture, in pixels.")] = 32,
    channels: Annotated[int, Query(ge=1, le=3, description="1: grey; 3: red, green and blue.")] = 3,
    fit: Annotated[Fit, Query(description="Cut out the middle, add black bars, or stretch.")] = "crop",
) -> Kept:
    """Keep the pictures of the body: a ZIP with a folder for each class, an NPZ, IDX or CIFAR files.

    All or nothing: a single file that cannot be read refuses the whole, and is named.
    """
    if channels == 2:
        raise Refusal(422, "channels is 2; expected 1 or 3")
    importer: Importer = request.app.state.importer
    try:
        found = await importer.take(request.stream(), size, channels, fit)
    except StoreFull as error:
        raise Refusal(507, str(error)) from None
    return Kept(
        blob=f"sha256:{found.blob.sha256}",
        names=found.names,
        counts=found.counts,
        pictures=found.pictures,
        size=size,
        channels=channels,
    )


async def _looked_at(request: Request, sha256: str, look: Callable[[FilePath], T]) -> T:
    """What a look at a blob's file gives, off the event loop. Raises Refusal."""
    blobs: Blobs = request.app.state.blobs
    if blobs.get(sha256) is None:
        raise Refusal(404, f"there is no blob {sha256}")
    try:
        return await anyio.to_thread.run_sync(look, blobs.path(sha256))
    except DataError as error:
        raise Refusal(422, str(error)) from None


@router.get("/{sha256}", response_model=Kept, responses=problems(404, 422))
async def found(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> Kept:
    """Classes and sizes of pictures that are kept."""
    header, counts = await _looked_at(request, sha256, counted)
    total, channels, size, _ = header.shape
    blob = f"sha256:{sha256}"
    return Kept(blob=blob, names=header.names, counts=counts, pictures=total, size=size, channels=channels)


@router.get(
    "/{sha256}/preview",
    response_class=Response,
    responses={**problems(404, 422), 200: {"content": {"image/png": {"schema": PNG}}}},
)
async def shown(
    request: Request,
    sha256: Annotated[str, Path(pattern=SHA256)],
    each: Annotated[int, Query(ge=1, le=24, description="Pictures of each class.")] = 8,
) -> Response:
    """Some pictures of each class, a row for each of the first twelve."""
    sheet = await _looked_at(request, sha256, lambda path: preview(path, each))
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(sheet, media_type="image/png", headers=headers)
