"""Routes of uploaded volumes, converted to blobs that the data set `own_volumes` reads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from glassnet.app.api import may_see_blob, problems, takes
from glassnet.app.api.blobs import BYTES, SHA256
from glassnet.app.api.images import LeftOut
from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.sample_import import SampleImporter
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.image_import.names import CHOICES
from glassnet.engine.files.sample_import.blob import SampleSet
from glassnet.engine.files.sample_import.volumes import VolumeForm

router = APIRouter(prefix="/api/volumes", tags=["volumes"], dependencies=[Depends(may_see_blob)])


class Volumes(BaseModel):
    """Stored volumes, as the data set `own_volumes` refers to them."""

    blob: str = Field(description="`sha256:…`")
    names: list[str] = Field(description="The classes, in the order of their labels.")
    counts: list[int] = Field(description="How many volumes each class has.")
    samples: int
    depth: int
    height: int
    width: int
    validated: int = Field(description="How many are a validation set of the upload's own.")
    tested: int = Field(description="How many are a test set of the upload's own; 0: a share is drawn.")
    data: dict[str, Any] = Field(description="The data of an experiment on them, without its kind.")

    @classmethod
    def of(cls, sha256: str, found: SampleSet, **more: Any) -> Any:
        """The description of a blob."""
        own: dict[str, Any] = {
            "blob": f"sha256:{sha256}",
            "names": found.names,
            "samples": found.shape[0],
            "depth": found.shape[2],
            "height": found.shape[3],
            "width": found.shape[4],
            "validated": found.validated,
            "tested": found.tested,
        }
        return cls(**own, counts=found.counts, data=own, **more)


class ImportedVolumes(Volumes):
    """Imported volumes, with what was guessed, changed and left out."""

    encoding: str | None = Field(description="How names in the ZIP were decoded that do not say how.")
    left_out: list[LeftOut]
    notes: list[str] = Field(description="What was guessed, changed, or should be known.")


@router.post(
    "",
    status_code=201,
    response_model=ImportedVolumes,
    responses=problems(413, 422, 503, 507),
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(
    request: Request,
    encoding: Annotated[
        Literal[CHOICES],  # type: ignore[valid-type]
        Query(description="Of names in a ZIP that do not say how they are encoded."),
    ] = "auto",
    sets: Annotated[
        Literal["own", "pooled"],
        Query(description="Keep a test set of the upload's own, or read all its sets as one."),
    ] = "own",
    case: Annotated[
        Literal["same", "apart"],
        Query(description="Whether classes whose names differ in case alone are one."),
    ] = "same",
    only: Annotated[
        str,
        Query(max_length=300, pattern=r"^[^\x00]*$", description="Of several sets in one ZIP: which."),
    ] = "",
) -> ImportedVolumes:
    """Import the volumes of the body: a ZIP with a folder for each class, or an NPZ.

    In the folder of a class stand a .npy or a folder of slices (pictures) for each volume; an NPZ has all of
    them (n, depth, h, w), and their labels. All or nothing: a volume that cannot be read refuses the upload,
    and is named. Several sets that would be mixed are refused, with the `choices` for `only`.
    """
    importer: SampleImporter = request.app.state.sample_importer
    form = VolumeForm(encoding, sets, case, only)
    blob, said = await importer.take(request.stream(), form)
    told = {name: said[name] for name in ("encoding", "left_out", "notes")}
    known = {name: said[name] for name in ("names", "counts", "validated", "tested")}
    found = SampleSet(kind="volumes", shape=tuple(said["shape"]), **known)
    answer: ImportedVolumes = ImportedVolumes.of(blob.sha256, found, **told)
    return answer


@router.get("/{sha256}", response_model=Volumes, responses=problems(404, 422))
async def found(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> Volumes:
    """The classes, length and rate of stored volumes."""
    blobs: Blobs = request.app.state.blobs
    if blobs.get(sha256) is None:
        raise Refusal(404, f"there is no blob {sha256}")
    try:
        read = await anyio.to_thread.run_sync(lambda: SampleSet.read(blobs.path(sha256), "volumes"))
    except (BlobMissing, DataError) as error:
        raise Refusal(422, str(error)) from None
    answer: Volumes = Volumes.of(sha256, read)
    return answer
