"""The form that pictures are given, and a collection of pictures in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import safetensors.numpy

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.account import Account
from glassnet.engine.files.images import Fit
from glassnet.engine.files.pixel_scale import AUTO

#: How far an import has come: done, of how many.
Report = Callable[[int, int], None]

#: Bytes of all pictures once they have the size wanted.
MOST_PIXELS = 512 << 20

#: What an upload's own sets are called, in the order in which their pictures stand.
Role = Literal["train", "validation", "test"]
ROLES: tuple[Role, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Form:
    """What all pictures are made into, and how that is read which can be read in several ways."""

    size: int
    channels: int
    fit: Fit = "crop"
    #: The values that are black and white (glassnet.engine.files.pixel_scale).
    scale: str = AUTO
    #: How names are decoded that do not say how.
    encoding: str = AUTO
    #: Whether a test set of the upload's own is kept, or pooled with the rest.
    sets: Literal["own", "pooled"] = "own"
    #: Whether names of classes that differ in case alone are one class.
    case: Literal["same", "apart"] = "same"
    #: Which of several sets is read; empty where there is one.
    only: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return (self.channels, self.size, self.size)

    def room(self, count: int) -> np.ndarray:
        """An array for so many pictures. Raises DataError where that is too many."""
        needed = count * int(np.prod(self.shape))
        if needed > MOST_PIXELS:
            raise DataError(
                f"{count:,} pictures of {self.size}×{self.size} take {needed:,} bytes; expected at most "
                f"{MOST_PIXELS:,}: choose a smaller size"
            )
        return np.empty((count, *self.shape), np.uint8)


@dataclass(frozen=True)
class Collection:
    """Pictures (n, channels, size, size) uint8, labels (n,) int32 and the names of the classes.

    Pictures of the upload's own validation and test sets stand last, in this order.
    """

    images: np.ndarray
    labels: np.ndarray
    names: list[str]
    validated: int = 0
    tested: int = 0
    account: Account = field(default_factory=Account)

    def packed(self) -> bytes:
        """As the blob that the data set `own_images` reads."""
        arrays = {"images": self.images, "labels": self.labels.astype(np.int32)}
        said = {"names": json.dumps(self.names)}
        if self.tested:
            said |= {"validated": str(self.validated), "tested": str(self.tested)}
        return safetensors.numpy.save(arrays, said)

    def counts(self) -> list[int]:
        """How many pictures each class has."""
        return [int(count) for count in np.bincount(self.labels, minlength=len(self.names))]

    def words(self) -> dict[str, object]:
        """What there is, and what was guessed on the way."""
        own = {"validated": self.validated, "tested": self.tested}
        said = {"names": self.names, "counts": self.counts(), "pictures": len(self.images)}
        return {**said, **own, **self.account.words()}
