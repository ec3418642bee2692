"""The target form of imported pictures, and a collection of pictures in that form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import safetensors.numpy

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.targets import STORED, Targets, counted
from glassnet.engine.files.images import Fit
from glassnet.engine.files.pixel_scale import AUTO

#: The progress callback of an import: done, of how many.
Progress = Callable[[int, int], None]

#: The most bytes of all pictures in their target form.
MOST_PIXELS = 512 << 20

#: The roles of an upload's sets, in the order of their pictures.
Role = Literal["train", "validation", "test"]
ROLES: tuple[Role, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Form:
    """The target form of all pictures, and the user's choices where an upload is ambiguous."""

    size: int
    channels: int
    fit: Fit = "crop"
    #: The values that are black and white (see glassnet.engine.files.pixel_scale).
    scale: str = AUTO
    #: The encoding of unmarked names in a ZIP.
    encoding: str = AUTO
    #: Whether separate sets of the upload are kept, or pooled into one.
    sets: Literal["own", "pooled"] = "own"
    #: Whether class names that differ in case alone are one class.
    case: Literal["same", "apart"] = "same"
    #: The set to read, of several; empty where there is one.
    only: str = ""
    #: What is known of each picture.
    targets: Targets = "class"

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of one picture: (channels, size, size)."""
        return (self.channels, self.size, self.size)

    def room(self, count: int) -> np.ndarray:
        """An empty array for `count` pictures. Raises DataError where it would be too large."""
        masks = count * self.size**2 if self.targets == "masks" else 0
        needed = count * int(np.prod(self.shape)) + masks
        if needed > MOST_PIXELS:
            raise DataError(
                f"{count:,} pictures of {self.size}×{self.size} take {needed:,} bytes; expected at most "
                f"{MOST_PIXELS:,}: choose a smaller size"
            )
        return np.empty((count, *self.shape), np.uint8)


@dataclass(frozen=True)
class Collection:
    """Pictures (n, channels, size, size) uint8, their targets and the names of the classes.

    The targets are labels (n,) int32, masks (n, size, size) uint8 in which 255 is no class, or boxes
    (n, m, 5) float32: left, top, right, bottom in pixels, class, padded with −1. Pictures of separate
    validation and test sets come last, in this order.
    """

    images: np.ndarray
    labels: np.ndarray
    names: list[str]
    validated: int = 0
    tested: int = 0
    report: ImportReport = field(default_factory=ImportReport)
    targets: Targets = "class"

    def packed(self) -> bytes:
        """The bytes of the blob that the data set of these targets reads."""
        kind = np.int32 if self.targets == "class" else self.labels.dtype
        arrays = {"images": self.images, STORED[self.targets].array: self.labels.astype(kind)}
        said = {"names": json.dumps(self.names)}
        if self.tested:
            said |= {"validated": str(self.validated), "tested": str(self.tested)}
        return safetensors.numpy.save(arrays, said)

    def counts(self) -> list[int]:
        """The number of pictures of each class, or with a pixel of it; of boxes, their number."""
        return [int(count) for count in counted(self.targets, self.labels, len(self.names))]

    def as_json(self) -> dict[str, object]:
        """The description of the collection and the import's report as JSON values."""
        own = {"validated": self.validated, "tested": self.tested}
        said = {
            "names": self.names,
            "counts": self.counts(),
            "pictures": len(self.images),
            "targets": self.targets,
        }
        return {**said, **own, **self.report.as_json()}
