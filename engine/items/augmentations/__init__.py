"""Augmentations: random changes of training pictures, so that the network rarely sees the same one twice.

They apply to whole training batches on the training device, each picture with its own random numbers;
evaluation never uses them. Reviewed by Shorten & Khoshgoftaar 2019.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Shape
from glassnet.engine.items.targets import Move

#: How pixels beyond the picture's edge are filled.
Outside = Literal["edge", "mirror", "black"]


#: What samples are called in messages, by how many axes they have.
NAMES = {1: "signals (channels × length)", 2: "pictures", 3: "volumes and clips"}


class Augmentation(Item, ABC):
    """A random change, drawn for each picture of a batch."""

    #: The numbers of spatial axes of the samples that it applies to.
    axes: ClassVar[tuple[int, ...]] = (2,)

    @abstractmethod
    def call(self) -> Call:
        """The changed samples, from Name("pictures") (n, channels, …) and Name("generator").

        Pictures have values from 0 to 1, waves from −1 to 1; others are clamped after the last augmentation.
        """

    def move(self) -> Move:
        """The same change, with the map that it moves pictures by, for targets that move along."""
        return Move(None, self.call())

    def check(self, shape: Shape) -> str | None:
        """None if it applies to samples of this shape; else the reason why not."""
        if len(shape) - 1 in self.axes:
            return None
        expected = " or ".join(NAMES[axes] for axes in self.axes)
        return f"it changes {expected}; samples are {'×'.join(map(str, shape))}"
