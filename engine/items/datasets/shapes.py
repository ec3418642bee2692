"""Shapes: generated pictures with known ground truth."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.node import Shape


class Shapes(Images, Undivided):
    """Shapes: a disc, square, triangle, cross, ring or star somewhere in a picture, in any colour.

    Drawn by a formula, so that where the shape is, how large and how it is turned is known: `truth` is
    the smallest box around it. Each class has as many pictures as any other. Shape: (3, size, size).
    """

    kind: Literal["shapes"] = "shapes"
    classes: ClassVar[tuple[str, ...] | None] = ("disc", "square", "triangle", "cross", "ring", "star")
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Drawn by a formula, so that size, place and turn are known.",
            "As many pictures as are wanted, without a download.",
        ),
        cons=("Cleaner than photographs: no texture, no clutter.",),
        use="For first experiments with convolutions, augmentation and localisation.",
        example=Example(
            "The first filters become edges and spots of colour.",
            preset="shapes-convolution",
        ),
    )

    samples: int = option(4000, "How many pictures, training and test together.", ge=20, le=50_000)
    size: int = option(32, "The side of a picture.", unit="px", ge=28, le=256)
    placement: Literal["anywhere", "centre"] = option("anywhere", "Where in the picture the shape is.")
    turned: bool = option(True, "Whether each shape is rotated by a random angle.")
    smallest: float = option(0.4, "The least width of a shape, as a share of the picture's.", ge=0.2, le=0.9)
    largest: float = option(0.7, "The greatest; at least the least is used.", ge=0.2, le=0.9)
    colours: Literal["light", "any", "white"] = option(
        "light", "Light colours on dark ones, any on any, or white on black."
    )
    ground: Literal["plain", "gradient", "blotches"] = option("plain", "What is behind the shape.")
    noise: float = option(0.02, "Standard deviation of noise on each pixel; 1 is white.", ge=0, le=1)

    @property
    def count(self) -> int:
        return self.samples

    @property
    def shape(self) -> Shape:
        return (3, self.size, self.size)

    def _scene(self) -> Call:
        largest = max(self.smallest, self.largest)
        centred = self.placement == "centre"
        return Call(
            scene,
            self.samples,
            self.size,
            self.smallest,
            largest,
            centred,
            self.turned,
            self.colours,
            Name("generator"),
        )

    def generate(self) -> Call | None:
        return Call(shapes, self._scene(), self.size, self.ground, self.noise, Name("generator"))

    def truth(self) -> Call | None:
        return Call(shape_boxes, self._scene(), self.size)


def scene(
    samples: int,
    size: int,
    smallest: float,
    largest: float,
    centred: bool,
    turned: bool,
    colours: str,
    generator: torch.Generator,
) -> dict[str, torch.Tensor]:
    """The parameters of each picture: class, centre (x, y) and radius in pixels, angle, two colours.

    Each shape lies entirely inside its picture. Its colour and the ground's differ by 0.3 or more in each
    channel.
    """
    radius = size * (smallest + (largest - smallest) * torch.rand(samples, generator=generator)) / 2
    place = torch.rand(samples, 2, generator=generator)
    angle = 2 * math.pi * torch.rand(samples, generator=generator)
    ground = torch.rand(samples, 3, generator=generator)
    chance = torch.rand(samples, 3, generator=generator)
    if colours == "light":
        ground, colour = 0.4 * ground, 0.7 + 0.3 * chance
    elif colours == "any":
        colour = (ground + 0.3 + 0.4 * chance) % 1
    else:
        ground, colour = torch.zeros(samples, 3), torch.ones(samples, 3)
    margin = radius[:, None] + 0.5
    return {
        "class": torch.arange(samples) % 6,
        "centre": torch.full((samples, 2), size / 2) if centred else margin + place * (size - 2 * margin),
        "radius": radius,
        "angle": angle if turned else torch.zeros(samples),
        "ground": ground,
        "colour": colour,
    }


def shapes(
    seen: dict[str, torch.Tensor], size: int, ground: str, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (samples, 3, size, size) uint8, and the class of each."""
    pictures = torch.empty(len(seen["class"]), 3, size, size, dtype=torch.uint8)
    for start in range(0, len(pictures), 500):  # in chunks, because the intermediate tensors are large
        part = {name: values[start : start + 500] for name, values in seen.items()}
        behind = part["ground"][:, :, None, None] + unevenness(len(part["class"]), size, ground, generator)
        inside = coverage(part, size)[:, None]
        picture = behind.clamp(0, 1) * (1 - inside) + part["colour"][:, :, None, None] * inside
        if noise > 0:
            picture = picture + noise * torch.randn(picture.shape, generator=generator)
        pictures[start : start + 500] = (picture.clamp(0, 1) * 255).round().to(torch.uint8)
    return pictures, seen["class"].clone()


def unevenness(samples: int, size: int, ground: str, generator: torch.Generator) -> torch.Tensor:
    """The variation of the ground's colour: (samples, 3, size, size), or a shape that broadcasts to it."""
    if ground == "plain":
        return torch.zeros(samples, 1, 1, 1)
    if ground == "gradient":
        line = torch.linspace(-0.5, 0.5, size)
        slope = 0.3 * torch.rand(samples, 2, 3, 1, 1, generator=generator) - 0.15
        return slope[:, 0] * line + slope[:, 1] * line[:, None]
    coarse = 0.3 * torch.rand(samples, 3, 5, 5, generator=generator) - 0.15
    return torch.nn.functional.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=True)


def coverage(seen: dict[str, torch.Tensor], size: int) -> torch.Tensor:
    """The share of each pixel that the shape covers, from 0 to 1: (samples, size, size).

    Computed from the distance to the outline, at most half a pixel where a pixel is partly covered.
    """
    line = torch.arange(size) + 0.5
    right = (line[None, None, :] - seen["centre"][:, 0, None, None]) / seen["radius"][:, None, None]
    down = (line[None, :, None] - seen["centre"][:, 1, None, None]) / seen["radius"][:, None, None]
    cosine, sine = torch.cos(seen["angle"])[:, None, None], torch.sin(seen["angle"])[:, None, None]
    x, y = cosine * right + sine * down, cosine * down - sine * right
    distance = torch.empty_like(x)
    for number, outline in enumerate([disc, square, triangle, cross, ring, star]):
        these = seen["class"] == number
        distance[these] = outline(x[these], y[these])
    return (0.5 - distance * seen["radius"][:, None, None]).clamp(0, 1)


def shape_boxes(seen: dict[str, torch.Tensor], size: int) -> torch.Tensor:
    """The smallest box around each shape: left, top, right, bottom in pixels, (samples, 4) float32.

    A pixel belongs to the shape if half of it is covered; right and bottom are exclusive.
    """
    boxes = torch.empty(len(seen["class"]), 4)
    for start in range(0, len(boxes), 500):
        part = {name: values[start : start + 500] for name, values in seen.items()}
        boxes[start : start + 500] = covered_boxes(coverage(part, size))
    return boxes


def covered_boxes(share: torch.Tensor) -> torch.Tensor:
    """The smallest box around what is half covered, of the share of each pixel (n, size, size): (n, 4)."""
    inside, size = share >= 0.5, share.shape[-1]
    columns, rows = inside.any(dim=1).float(), inside.any(dim=2).float()
    left, top = columns.argmax(dim=1), rows.argmax(dim=1)
    right, bottom = size - columns.flip(1).argmax(dim=1), size - rows.flip(1).argmax(dim=1)
    return torch.stack([left, top, right, bottom], dim=1).float()


# Signed distances to outlines within the unit circle, negative inside ---------------------------------------


def disc(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distance to a disc of radius 0.9."""
    return torch.sqrt(x**2 + y**2) - 0.9


def square(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distance to a square whose corners touch the unit circle."""
    return torch.maximum(x.abs(), y.abs()) - math.sqrt(0.5)


def triangle(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distance to an equilateral triangle in the unit circle; its sides are 1/2 from the centre."""
    return torch.maximum(y, x.abs() * math.sqrt(0.75) - y / 2) - 0.5


def cross(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distance to two crossed bars, 1.9 long and 0.6 wide."""
    upright = torch.maximum(x.abs() - 0.3, y.abs() - 0.95)
    return torch.minimum(upright, torch.maximum(x.abs() - 0.95, y.abs() - 0.3))


def ring(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distance to a ring from 0.5 to 0.95 around the centre."""
    return (torch.sqrt(x**2 + y**2) - 0.725).abs() - 0.225


def star(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distance to a star of five points on the unit circle, with notches at 0.42, by symmetry."""
    fifth = 2 * math.pi / 5
    angle = ((torch.atan2(y, x) + fifth / 2) % fifth - fifth / 2).abs()
    radius = torch.sqrt(x**2 + y**2)
    dx, dy = 0.42 * math.cos(fifth / 2) - 1, 0.42 * math.sin(fifth / 2)
    along = dy * (radius * torch.cos(angle) - 1) - dx * radius * torch.sin(angle)
    return along / math.sqrt(dx**2 + dy**2)
