"""Routes of uploaded sounds, converted to blobs that `own_sounds` and `own_spectrograms` read."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

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
from glassnet.engine.files.sample_import.sounds import LENGTH, RATE, SoundForm

router = APIRouter(prefix="/api/sounds", tags=["sounds"], dependencies=[Depends(may_see_blob)])


class Sounds(Samples):
    """Stored sounds, as a data set of own sounds refers to them."""

    length: int = Field(description="How many numbers a sound has.")
    rate: int = Field(description="How many of them make a second.")


class ImportedSounds(Imported, Sounds):
    """Imported sounds, with what was guessed, changed and left out."""


@router.post(
    "",
    status_code=201,
    response_model=ImportedSounds,
    responses=problems(413, 422, 503, 507),
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(
    request: Request,
    rate: Annotated[int, Query(ge=RATE[0], le=RATE[1], description="Numbers a second, in Hz.")] = 8000,
    length: Annotated[int, Query(ge=LENGTH[0], le=LENGTH[1], description="Numbers of each sound.")] = 4096,
    loudness: Annotated[
        Literal["kept", "even"],
        Query(description="As recorded, or each sound as loud as it can be."),
    ] = "kept",
    encoding: Encoding = "auto",
    sets: Sets = "own",
    case: Case = "same",
    only: Only = "",
) -> ImportedSounds:
    """Import the sounds of the body: a ZIP of WAV files with a folder for each class.

    All or nothing: a sound that cannot be read refuses the upload, and is named. Other files are left out,
    and listed. Several sets that would be mixed are refused, with the `choices` for `only`.
    """
    form = SoundForm(rate, length, loudness, encoding, sets, case, only)
    sha256, found, told = await imported(request, form, "sounds")
    return ImportedSounds(**described(sha256, found, **_own(found)), **told)


@router.get("/{sha256}", response_model=Sounds, responses=problems(404, 422))
async def found(request: Request, sha256: Annotated[str, Path(pattern=SHA256)]) -> Sounds:
    """The classes, length and rate of stored sounds."""
    sounds = await stored(request, sha256, "sounds")
    return Sounds(**described(sha256, sounds, **_own(sounds)))


def _own(found: SampleSet) -> dict[str, int | None]:
    return {"length": found.shape[2], "rate": found.rate}
