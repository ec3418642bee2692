"""Gratings and textures with an orientation."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.node import Shape


class Gratings(Images, Undivided):
    """Gratings: stripes, or a texture of many stripes, whose orientation is the class.

    Simple cells of the visual cortex respond to these (Hubel & Wiesel 1959), and first layers learn to.
    0° is vertical stripes; angles grow clockwise. Shape: (1, size, size).
    """

    kind: Literal["gratings"] = "gratings"
    classes: ClassVar[tuple[str, ...] | None] = tuple(f"{22.5 * number:g}°" for number in range(8))
    guide: ClassVar[Guide | None] = Guide(
        pros=("The right first filters are known: stripes in each orientation.",),
        cons=("No shape and no composition: one layer is enough.",),
        use="To see first-layer filters become what the visual cortex has.",
        example=Example(
            "The filters turn into stripes, each in its own direction.",
            preset="gratings",
        ),
    )

    samples: int = option(2000, "How many pictures, training and test together.", ge=20, le=50_000)
    size: int = option(32, "The side of a picture.", unit="px", ge=28, le=64)
    stripes: int = option(1, "Gratings laid over each other; many make a texture.", ge=1, le=16)
    spread: float = option(
        0.0, "How far each strays from its orientation: standard deviation.", unit="°", ge=0, le=45
    )
    contrast: float = option(0.8, "The lightest minus the darkest stripe, before noise.", gt=0, le=1)
    noise: float = option(0.1, "Standard deviation of noise on each pixel; 1 is white.", ge=0, le=1)

    @property
    def count(self) -> int:
        return self.samples

    @property
    def shape(self) -> Shape:
        return (1, self.size, self.size)

    def generate(self) -> Call | None:
        return Call(
            gratings,
            self.samples,
            self.size,
            self.stripes,
            self.spread,
            self.contrast,
            self.noise,
            Name("generator"),
        )


def gratings(
    samples: int,
    size: int,
    stripes: int,
    spread: float,
    contrast: float,
    noise: float,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (samples, 1, size, size) uint8 of sine waves, three to size / 4 of them, and their class."""
    targets = torch.arange(samples) % 8
    line = torch.arange(size) - (size - 1) / 2
    pictures = torch.empty(samples, 1, size, size, dtype=torch.uint8)
    for start in range(0, samples, 500):
        chosen = targets[start : start + 500]
        picture = torch.zeros(len(chosen), size, size)
        for _ in range(stripes):
            strayed = spread / 180 * torch.randn(len(chosen), generator=generator)
            angle = math.pi * (chosen / 8 + strayed)
            waves = 3 * (size / 12) ** torch.rand(len(chosen), generator=generator)
            phase = 2 * math.pi * torch.rand(len(chosen), generator=generator)
            # Vertical stripes change from left to right.
            across = torch.cos(angle)[:, None, None] * line + torch.sin(angle)[:, None, None] * line[:, None]
            picture += torch.sin(2 * math.pi * waves[:, None, None] / size * across + phase[:, None, None])
        picture = 0.5 + 0.5 * contrast * picture / math.sqrt(stripes)
        picture += noise * torch.randn(picture.shape, generator=generator)
        pictures[start : start + 500, 0] = (picture.clamp(0, 1) * 255).round().to(torch.uint8)
    return pictures, targets
