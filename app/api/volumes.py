"""Routes of uploaded volumes, converted to blobs that the data set `own_volumes` reads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from glassnet.app.api import may_see_blob, problems, takes
from glassnet.app.api.blobs import BYTES, SHA256
from glassnet.app.api.uploads import (
    Case,
    Encoding,
    Imported,
    Only,
    Samples,
    Sets,
    described,
    imported,
    stored,
)
from glassnet.engine.files.sample_import.blob import SampleSet
from glassnet.engine.files.sample_import.volumes import VolumeForm

router = APIRouter(prefix="/api/volumes", tags=["volumes"], dependencies=[Depends(may_see_blob)])


class Volumes(Samples):
    """Stored volumes, as the data set `own_volumes` refers to them."""

    depth: int
    height: int
    width: int


class ImportedVolumes(Imported, Volumes):
    """Imported volumes, with what was guessed, changed and left out."""


@router.post(
    "",
    status_code=201,
    response_model=ImportedVolumes,
    responses=problems(413, 422, 503, 507),
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(
    request: Request,
    encoding: Encoding = "auto",
    sets: Sets = "own",
    case: Case = "same",
    only: Only = "",
) -> ImportedVolumes:
    """Import the volumes of the body: a ZIP with a folder for each class, or an NPZ.

    In the folder of a class stand a .npy or a folder of slices (pictures) for each volume; an NPZ has all of
    them (n, depth, h, w), and their labels. All or nothing: a volume that cannot be read refuses the upload,
    and is named. Several sets that would be mixed are refused, with the `choices` for `only`.
    """
    form = VolumeForm(encoding, sets, case, only)
    sha256, found, told = await imported(request, form, "volumes")
    return ImportedVolumes(**described(sha256, found, **_sides(found)), **told)


@router.get("/{sha256}", response_model=Volumes, responses=problems(404, 422))
async def found(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> Volumes:
    """The classes and size of stored volumes."""
    volumes = await stored(request, sha256, "volumes")
    return Volumes(**described(sha256, volumes, **_sides(volumes)))


def _sides(found: SampleSet) -> dict[str, int]:
    _, _, depth, height, width = found.shape
    return {"depth": depth, "height": height, "width": width}
