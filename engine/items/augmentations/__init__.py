"""Augmentations: pictures changed by chance, so that no network sees the same one twice.

Shorten & Khoshgoftaar 2019 review them. They work on whole batches where training computes, each picture
changed by its own lot, and on nothing but training batches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Shape

#: What stands where a picture was moved away from.
Outside = Literal["edge", "mirror", "black"]


class Augmentation(Item, ABC):
    """A change by chance, for each picture of a batch its own."""

    @abstractmethod
    def call(self) -> Call:
        """The changed pictures, from Name("pictures") (n, channels, h, w) from 0 to 1, and Name("generator").

        What leaves the range from 0 to 1 is cut off after the last augmentation.
        """

    def check(self, shape: Shape) -> str | None:
        """None if it can change pictures of this shape; else why not."""
        return None
