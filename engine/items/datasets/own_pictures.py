"""The base class of data sets of uploaded pictures, which are stored as a blob."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, Any, ClassVar, Literal

import safetensors
import safetensors.torch
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticKnownError
from torch import Tensor

from glassnet.engine.catalog import option
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.blobs import BlobReference, Blobs
from glassnet.engine.files.image_import.targets import STORED, Targets
from glassnet.engine.files.picture_sides import LEAST, MOST
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.datasets.images import Pictures
from glassnet.engine.items.node import Shape

NOTHING = "sha256:" + 64 * "0"


def unrepeated(names: list[str]) -> list[str]:
    """The names, each there once. Raises ValueError."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is listed {names.count(name)} times; expected every class once")
    return names


def _whole(channels: Any) -> Any:
    """The value as it is, if it is an int: True equals 1 in Python, but not in a document."""
    if type(channels) is not int:
        raise PydanticKnownError("int_type")
    return channels


class OwnPictures(Pictures, Undivided, ABC):
    """Uploaded pictures in one size, stored as a blob that the experiment refers to.

    The options repeat the blob's description, and are compared with it before it is used.
    """

    #: What the blob holds beside the pictures.
    held: ClassVar[Targets]

    blob: BlobReference = option(NOTHING, "The pictures: the reference that POST /api/images returned.")
    names: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]], AfterValidator(unrepeated)
    ] = option(
        ["first", "second"], "The classes, in the order of their labels.", min_length=2, max_length=1000
    )
    size: int = option(32, "The side of a picture.", unit="px", ge=LEAST, le=MOST)
    channels: Annotated[Literal[1, 3], BeforeValidator(_whole)] = option(3, "Grey, or red, green and blue.")
    pictures: int = option(2, "How many there are.", ge=2, le=1_000_000)
    validated: int = option(
        0,
        "The size of a separate validation set, which comes before the test set; `validation_share` is then "
        "ignored.",
        ge=0,
        le=1_000_000,
    )
    tested: int = option(
        0,
        "The size of a separate test set, the last ones; 0: `test_share` of all are drawn.",
        ge=0,
        le=1_000_000,
    )

    @property
    def classes(self) -> tuple[str, ...] | None:
        return tuple(self.names)

    @property
    def count(self) -> int:
        return self.pictures

    @property
    def divided(self) -> bool:
        return self.tested > 0

    @property
    def held_out(self) -> int:
        return min(self.tested, self.count - 1) if self.divided else super().held_out

    @property
    def held_for_validation(self) -> int:
        return min(self.validated, self.count - self.held_out - 1) if self.divided else 0

    @property
    def shape(self) -> Shape:
        return (self.channels, self.size, self.size)

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        if self.blob == NOTHING:
            return "/blob", "no pictures yet; expected some to be uploaded first"
        try:
            found = blobs.pictures(self.blob)
        except (BlobMissing, DataError) as error:
            return "/blob", str(error)
        if found.targets != self.held:
            there, wanted = (STORED[targets].array for targets in (found.targets, self.held))
            return "/blob", f"pictures with {there}; expected pictures with {wanted}"
        for pointer, ours, theirs in (
            ("/names", self.names, found.names),
            ("/size", (self.size, self.size), found.shape[2:]),
            ("/channels", self.channels, found.shape[1]),
            ("/pictures", self.pictures, found.shape[0]),
            ("/validated", self.validated, found.validated),
            ("/tested", self.tested, found.tested),
        ):
            if ours != theirs:
                return pointer, f"{shown(ours)}; the blob has {shown(theirs)}"
        return None

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        problem = self.check(blobs)
        if problem is not None:
            raise DataError(problem[1])
        try:
            found = safetensors.torch.load_file(blobs.path(self.blob))
        except (OSError, safetensors.SafetensorError) as error:
            raise DataError(f"{self.blob}: {error}") from None
        targets = found[STORED[self.held].array]
        return found["images"], targets.long() if self.held == "class" else targets

    def stored(self, blobs: Blobs) -> bytes:
        problem = self.check(blobs)
        if problem is not None:
            raise DataError(problem[1])
        return blobs.samples(self.blob)


def shown(value: object) -> str:
    """A value as short text for a message."""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
