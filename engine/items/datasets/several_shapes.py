"""The base class of pictures with several shapes, of which more is known than one class."""

from __future__ import annotations

from abc import ABC
from typing import Literal

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets.bounded import Bounded
from glassnet.engine.items.datasets.images import Pictures
from glassnet.engine.items.datasets.shapes import scene
from glassnet.engine.items.node import Shape


class SeveralShapes(Pictures, Bounded, ABC):
    """Pictures (samples, 3, size, size) with up to `objects` shapes each, drawn as the data set Shapes is."""

    samples: int = option(1000, "How many pictures, training and test together.", ge=20, le=20_000)
    size: int = option(64, "The side of a picture.", unit="px", ge=32, le=256)
    objects: int = option(3, "The most shapes in a picture.", ge=1, le=8)
    turned: bool = option(True, "Whether each shape is rotated by a random angle.")
    smallest: float = option(0.25, "The least width of a shape, as a share of the picture's.", ge=0.1, le=0.9)
    largest: float = option(0.45, "The greatest; at least the least is used.", ge=0.1, le=0.9)
    colours: Literal["light", "any", "white"] = option(
        "light", "Light colours on dark ones, any on any, or white on black."
    )
    ground: Literal["plain", "gradient", "blotches"] = option("plain", "What is behind the shapes.")
    noise: float = option(0.02, "Standard deviation of noise on each pixel; 1 is white.", ge=0, le=1)

    @property
    def shape(self) -> Shape:
        return (3, self.size, self.size)

    def _scene(self) -> Call:
        """The parameters of all shapes, `objects` rounds of one for each picture."""
        return Call(
            scene,
            self.samples * self.objects,
            self.size,
            self.smallest,
            max(self.smallest, self.largest),
            False,
            self.turned,
            self.colours,
            Name("generator"),
        )
