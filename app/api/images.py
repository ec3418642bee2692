"""Routes of uploaded pictures, converted to blobs that the data sets of own pictures read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from glassnet.app.api import may_see_blob, problems, takes
from glassnet.app.api.blobs import BYTES, SHA256
from glassnet.app.api.uploads import Case, Encoding, Imported, Only, Sets
from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.image_import import Importer
from glassnet.app.store.images import PictureBlobs
from glassnet.engine.catalog import catalog
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.image_import import Form
from glassnet.engine.files.image_import.blob import PictureSet
from glassnet.engine.files.image_import.targets import Targets
from glassnet.engine.files.images import Fit
from glassnet.engine.files.picture_sides import LEAST, MOST
from glassnet.engine.files.pixel_scale import PATTERN
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.reference import starter_network

router = APIRouter(prefix="/api/images", tags=["images"], dependencies=[Depends(may_see_blob)])

T = TypeVar("T")

#: The data set that reads pictures with these targets.
KINDS: dict[Targets, str] = {"class": "own_images", "masks": "own_masks", "boxes": "own_boxes"}

TARGETS = (
    "What the ZIP has of each picture: its class, by folders; a mask, a picture of its name in `masks`; or "
    "boxes, as COCO's JSON or YOLO's text."
)

PNG = {"type": "string", "format": "binary"}


class Pictures(BaseModel):
    """Stored pictures, as a data set of own pictures refers to them."""

    blob: str = Field(description="`sha256:…`")
    names: list[str] = Field(description="The classes, in the order of their labels.")
    counts: list[int] = Field(
        description="How many pictures each class has; with masks, those with a pixel of it; with boxes, how "
        "many boxes."
    )
    pictures: int
    size: int
    channels: int
    validated: int = Field(description="How many are a validation set of the upload's own.")
    tested: int = Field(description="How many are a test set of the upload's own; 0: a share is drawn.")
    targets: Targets = Field(description="What is known of each: its class, a mask, or boxes.")
    data: dict[str, Any] = Field(description="The data of an experiment on them.")
    network: list[dict[str, Any]] | None = Field(
        description="Nodes of a small network with as many outputs as they need; null where any network fits "
        "that ends in a layer of as many units as classes."
    )

    @classmethod
    def of(cls, sha256: str, found: PictureSet, **more: Any) -> Any:
        """The description of a blob."""
        total, channels, size, _ = found.shape
        own: dict[str, Any] = {
            "blob": f"sha256:{sha256}",
            "names": found.names,
            "size": size,
            "channels": channels,
            "pictures": total,
            "validated": found.validated,
            "tested": found.tested,
        }
        data = {"kind": KINDS[found.targets], **own}
        network = starter_network(catalog(Dataset)[data["kind"]].model_validate(data))
        return cls(**own, counts=found.counts, targets=found.targets, data=data, network=network, **more)


class UsedScale(BaseModel):
    """The values that became black and white, and the range of all values."""

    used: str = Field(description="As `scale` asks for it: `0..4095`.")
    guessed: bool = Field(description="Whether it was guessed from the values, and not asked for.")
    least: float
    greatest: float
    most_below: float = Field(description="The value below which 99 of 100 lie, as estimated.")
    clipped_share: float = Field(description="The share of values outside the scale, as estimated.")


class ImportedPictures(Imported, Pictures):
    """Imported pictures, with the guesses of the import; to change those, upload again."""

    scale: UsedScale | None = Field(description="Null: every picture had eight bits, used as they are.")


@router.post(
    "",
    status_code=201,
    response_model=ImportedPictures,
    responses=problems(413, 422, 503, 507),
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(
    request: Request,
    size: Annotated[int, Query(ge=LEAST, le=MOST, description="The side of a picture, in pixels.")] = 32,
    channels: Annotated[int, Query(ge=1, le=3, description="1: grey; 3: red, green and blue.")] = 3,
    fit: Annotated[Fit, Query(description="Cut out the middle, add black bars, or stretch.")] = "crop",
    scale: Annotated[
        str,
        Query(
            pattern=PATTERN,
            description="The values that are black and white, of pictures that have not eight bits or "
            "colours: `0..1`, `0..4095`, `min..max` for the least and the greatest there are, or `auto`.",
        ),
    ] = "auto",
    encoding: Encoding = "auto",
    sets: Sets = "own",
    case: Case = "same",
    only: Only = "",
    targets: Annotated[Targets, Query(description=TARGETS)] = "class",
) -> ImportedPictures:
    """Import the pictures of the body: a ZIP with a folder for each class, an NPZ, IDX or CIFAR files.

    With `targets` a ZIP of pictures and masks, or of pictures and boxes.

    All or nothing: a picture that cannot be read refuses the upload, and is named. Other files are left out,
    and listed. Several sets that would be mixed are refused, with the `choices` for `only`, and with
    `poolable` where `sets` may pool them.
    """
    if channels == 2:
        raise Refusal(422, "channels is 2; expected 1 or 3")
    importer: Importer = request.app.state.importer
    form = Form(size, channels, fit, scale, encoding, sets, case, only, targets)
    blob, said = await importer.take(request.stream(), form)
    shape = (said["pictures"], channels, size, size)
    found = PictureSet(shape, said["names"], said["counts"], said["validated"], said["tested"], targets)
    told = {name: said[name] for name in ("scale", "encoding", "left_out", "notes")}
    answer: ImportedPictures = ImportedPictures.of(blob.sha256, found, **told)
    return answer


async def _looked_at(request: Request, sha256: str, look: Callable[[PictureBlobs, str], T]) -> T:
    """The result of inspecting a blob, off the event loop. Raises Refusal."""
    blobs: Blobs = request.app.state.blobs
    if blobs.get(sha256) is None:
        raise Refusal(404, f"there is no blob {sha256}")
    pictures: PictureBlobs = request.app.state.pictures
    try:
        if look is PictureBlobs.pictures and pictures.knows(sha256):
            return look(pictures, sha256)
        return await pictures.in_turn(lambda: look(pictures, sha256))
    except (BlobMissing, DataError) as error:
        raise Refusal(422, str(error)) from None


@router.get("/{sha256}", response_model=Pictures, responses=problems(404, 422, 503))
async def found(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> Pictures:
    """The classes and sizes of stored pictures."""
    answer: Pictures = Pictures.of(sha256, await _looked_at(request, sha256, PictureBlobs.pictures))
    return answer


@router.get(
    "/{sha256}/preview",
    response_class=Response,
    responses={**problems(404, 422, 503), 200: {"content": {"image/png": {"schema": PNG}}}},
)
async def shown(
    request: Request,
    sha256: Annotated[str, Path(pattern=SHA256)],
    each: Annotated[int, Query(ge=1, le=24, description="Pictures of each class.")] = 8,
) -> Response:
    """A PNG with some pictures of each class, a row for each of the first twelve."""
    sheet = await _looked_at(request, sha256, lambda blobs, digest: blobs.preview(digest, each))
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(sheet, media_type="image/png", headers=headers)
