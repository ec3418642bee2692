"""The base class of data sets of uploaded pictures, which are stored as a blob."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError
from torch import Tensor

from glassnet.engine.catalog import option
from glassnet.engine.errors import DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import.targets import STORED, Targets
from glassnet.engine.files.picture_sides import LEAST, MOST
from glassnet.engine.items.datasets.images import Pictures
from glassnet.engine.items.datasets.uploaded import MOST as MOST_PICTURES
from glassnet.engine.items.datasets.uploaded import Uploaded
from glassnet.engine.items.node import Shape


def _whole(channels: Any) -> Any:
    """The value as it is, if it is an int: True equals 1 in Python, but not in a document."""
    if type(channels) is not int:
        raise PydanticKnownError("int_type")
    return channels


class OwnPictures(Pictures, Uploaded, ABC):
    """Uploaded pictures in one size."""

    called: ClassVar[str] = "pictures"
    #: What the blob holds beside the pictures.
    held: ClassVar[Targets]

    size: int = option(32, "The side of a picture.", unit="px", ge=LEAST, le=MOST)
    channels: Annotated[Literal[1, 3], BeforeValidator(_whole)] = option(3, "Grey, or red, green and blue.")
    pictures: int = option(2, "How many there are.", ge=2, le=MOST_PICTURES)

    @property
    def count(self) -> int:
        return self.pictures

    @property
    def shape(self) -> Shape:
        return (self.channels, self.size, self.size)

    def told(self, blobs: Blobs) -> list[tuple[str, object, object]]:
        found = blobs.pictures(self.blob)
        if found.targets != self.held:
            there, wanted = (STORED[targets].array for targets in (found.targets, self.held))
            raise DataError(f"pictures with {there}; expected pictures with {wanted}")
        return [
            ("/names", self.names, found.names),
            ("/size", (self.size, self.size), found.shape[2:]),
            ("/channels", self.channels, found.shape[1]),
            ("/pictures", self.pictures, found.shape[0]),
            ("/validated", self.validated, found.validated),
            ("/tested", self.tested, found.tested),
        ]

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        found = self.tensors(blobs)
        targets = found[STORED[self.held].array]
        return found["images"], targets.long() if self.held == "class" else targets

    def stored(self, blobs: Blobs) -> bytes:
        self.checked(blobs)
        return blobs.samples(self.blob)
