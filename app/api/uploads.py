"""What the routes of uploads have in common: how a ZIP is read, and what an import says of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import anyio
from fastapi import Query, Request
from pydantic import BaseModel, Field

from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.sample_import import SampleImporter
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.image_import.names import CHOICES
from glassnet.engine.files.sample_import.blob import Kind, SampleSet
from glassnet.engine.files.sample_import.sounds import SoundForm
from glassnet.engine.files.sample_import.volumes import VolumeForm

Encoding = Annotated[
    Literal[CHOICES],  # type: ignore[valid-type] # a tuple of names, which mypy does not follow
    Query(description="Of names in a ZIP that do not say how they are encoded."),
]
Sets = Annotated[
    Literal["own", "pooled"],
    Query(description="Keep a test set of the upload's own, or read all its sets as one."),
]
Case = Annotated[
    Literal["same", "apart"],
    Query(description="Whether classes whose names differ in case alone are one; single letters never are."),
]
Only = Annotated[
    str,
    Query(
        max_length=300,
        pattern=r"^[^\x00]*$",
        description="Of several sets in one ZIP: which, as the refusal calls it.",
    ),
]


class LeftOut(BaseModel):
    """Files that were left out, with the reason."""

    why: str
    count: int
    files: list[str] = Field(description="The first of their names.")


class Imported(BaseModel):
    """What an import guessed, changed and left out."""

    encoding: str | None = Field(description="How names in the ZIP were decoded that do not say how.")
    left_out: list[LeftOut]
    notes: list[str] = Field(description="What was guessed, changed, or should be known.")


class Samples(BaseModel):
    """Stored samples of one shape, as a data set of own samples refers to them."""

    blob: str = Field(description="`sha256:…`")
    names: list[str] = Field(description="The classes, in the order of their labels.")
    counts: list[int] = Field(description="How many samples each class has.")
    samples: int
    validated: int = Field(description="How many are a validation set of the upload's own.")
    tested: int = Field(description="How many are a test set of the upload's own; 0: a share is drawn.")
    data: dict[str, Any] = Field(description="The data of an experiment on them, without its kind.")


def described(sha256: str, found: SampleSet, **own: Any) -> dict[str, Any]:
    """The fields of stored samples; `own` are those of their kind, which the data set has, too."""
    data: dict[str, Any] = {
        "blob": f"sha256:{sha256}",
        "names": found.names,
        "samples": found.shape[0],
        "validated": found.validated,
        "tested": found.tested,
        **own,
    }
    return {**data, "counts": found.counts, "data": data}


async def imported(
    request: Request, form: SoundForm | VolumeForm, kind: Kind
) -> tuple[str, SampleSet, dict[str, Any]]:
    """Import the body: the blob's SHA-256, what is in it, and the fields of `Imported`. Raises Refusal."""
    importer: SampleImporter = request.app.state.sample_importer
    blob, said = await importer.take(request.stream(), form)
    known = {name: said[name] for name in ("names", "counts", "validated", "tested")}
    rate = {"rate": said["rate"]} if kind == "sounds" else {}
    found = SampleSet(kind=kind, shape=tuple(said["shape"]), **known, **rate)
    return blob.sha256, found, {name: said[name] for name in Imported.model_fields}


async def stored(request: Request, sha256: str, kind: Kind) -> SampleSet:
    """What is in a blob of samples. Raises Refusal."""
    blobs: Blobs = request.app.state.blobs
    if blobs.get(sha256) is None:
        raise Refusal(404, f"there is no blob {sha256}")
    try:
        return await anyio.to_thread.run_sync(lambda: SampleSet.read(blobs.path(sha256), kind))
    except (BlobMissing, DataError) as error:
        raise Refusal(422, str(error)) from None
