"""Augmentations: random changes of training pictures, so that the network rarely sees the same one twice.

They apply to whole training batches on the training device, each picture with its own random numbers;
evaluation never uses them. Reviewed by Shorten & Khoshgoftaar 2019.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Shape
from glassnet.engine.items.targets import Move

#: How pixels beyond the picture's edge are filled.
Outside = Literal["edge", "mirror", "black"]


class Augmentation(Item, ABC):
    """A random change, drawn for each picture of a batch."""

    @abstractmethod
    def call(self) -> Call:
        """The changed pictures, from Name("pictures") (n, channels, h, w) from 0 to 1, and Name("generator").

        Values outside the range from 0 to 1 are clamped after the last augmentation.
        """

    def move(self) -> Move:
        """The same change, with the map that it moves pictures by, for targets that move along."""
        return Move(None, self.call())

    def check(self, shape: Shape) -> str | None:
        """None if it applies to pictures of this shape; else the reason why not."""
        return None
