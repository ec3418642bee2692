"""Shapes with masks: generated pictures in which the class of each pixel is known."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets.several_shapes import SeveralShapes
from glassnet.engine.items.datasets.shapes import coverage, unevenness
from glassnet.engine.items.targets import Family


class ShapeMasks(SeveralShapes):
    """Shapes with masks: discs, squares, triangles, crosses, rings and stars, and what each pixel is of.

    Drawn as the data set Shapes is. The mask has the class of each pixel: 0 is the ground, and a pixel
    belongs to a shape if half of it is covered; of shapes that overlap, to the upper one. Shape: (3, size,
    size).
    """

    kind: Literal["shape_masks"] = "shape_masks"
    classes: ClassVar[tuple[str, ...] | None] = (
        "ground",
        "disc",
        "square",
        "triangle",
        "cross",
        "ring",
        "star",
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "The class of every pixel is known exactly, which no hand draws.",
            "As many pictures as are wanted, without a download.",
        ),
        cons=("Cleaner than photographs: no texture, no clutter, sharp outlines.",),
        use="For first experiments with segmentation.",
        example=Example(
            "The answer is drawn over the pictures: first blots, then outlines.",
            preset="shapes-segmentation",
        ),
    )

    samples: int = option(600, "How many pictures, training and test together.", ge=20, le=20_000)
    size: int = option(64, "The side of a picture.", unit="px", ge=16, le=256)
    objects: int = option(1, "The most shapes in a picture, which has one to so many.", ge=1, le=6)
    smallest: float = option(0.35, "The least width of a shape, as a share of the picture's.", ge=0.2, le=0.9)
    largest: float = option(0.6, "The greatest; at least the least is used.", ge=0.2, le=0.9)

    @property
    def family(self) -> Family:
        return "masks"

    def generate(self) -> Call | None:
        return Call(
            masked_shapes, self._scene(), self.samples, self.size, self.ground, self.noise, Name("generator")
        )


def masked_shapes(
    seen: dict[str, torch.Tensor],
    samples: int,
    size: int,
    ground: str,
    noise: float,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (samples, 3, size, size) uint8 and masks (samples, size, size) uint8 of a scene.

    The scene's shapes are dealt out over the pictures, one after the other: the first round has each class
    as often as any other, and a picture gets every further one by chance.
    """
    pictures = torch.empty(samples, 3, size, size, dtype=torch.uint8)
    masks = torch.empty(samples, size, size, dtype=torch.uint8)
    rounds = len(seen["class"]) // samples
    there = torch.rand(rounds, samples, generator=generator) < 0.5
    there[0] = True
    kinds = torch.randint(6, (rounds, samples), generator=generator)
    kinds[0] = torch.arange(samples) % 6
    for start in range(0, samples, 500):  # in chunks, because the intermediate tensors are large
        stop = min(start + 500, samples)
        behind = seen["ground"][start:stop, :, None, None] + unevenness(stop - start, size, ground, generator)
        picture = behind.clamp(0, 1).expand(-1, -1, size, size)
        mask = torch.zeros(stop - start, size, size, dtype=torch.uint8)
        for number in range(rounds):
            first = number * samples
            part = {name: values[first + start : first + stop] for name, values in seen.items()}
            part["class"] = kinds[number, start:stop]
            inside = coverage(part, size) * there[number, start:stop, None, None]
            picture = picture * (1 - inside[:, None]) + part["colour"][:, :, None, None] * inside[:, None]
            mask = torch.where(inside >= 0.5, part["class"][:, None, None].to(torch.uint8) + 1, mask)
        if noise > 0:
            picture = picture + noise * torch.randn(picture.shape, generator=generator)
        pictures[start:stop] = (picture.clamp(0, 1) * 255).round().to(torch.uint8)
        masks[start:stop] = mask
    return pictures, masks
