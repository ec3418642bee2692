"""Volumes: generated bodies in space, and pictures in time."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar, Literal

import torch

from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Form
from glassnet.engine.items.datasets.signals import Generated
from glassnet.engine.items.node import Shape
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.standardize import Standardize


class Solid(Generated, ABC):
    """Samples with three axes as whole numbers from 0 to 255: (samples, channels, depth, h, w)."""

    brightest: ClassVar[float | None] = 255.0
    whole_numbers: ClassVar[bool] = True

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Standardize(), "How each channel is shifted and scaled; fitted on the training set."
    )


class Volumes(Solid):
    """Volumes: one blob or two, a vessel or one that forks, in a noisy block as a scanner would show it.

    Drawn by formulas, anywhere and in any direction: no single slice tells all classes apart. Shape:
    (1, size, size, size).
    """

    kind: Literal["volumes"] = "volumes"
    form: ClassVar[Form] = "volume"
    classes: ClassVar[tuple[str, ...] | None] = ("blob", "two blobs", "vessel", "forked vessel")
    inputs: ClassVar[tuple[str, ...]] = ("density",)
    guide: ClassVar[Guide | None] = Guide(
        pros=("What goes through several slices is found by filters that do, too.",),
        cons=("Small and clean beside a scan; and k³ weights a filter take their time.",),
        use="For first experiments with 3-D convolutions.",
        example=Example(
            "Scroll through the slices: maps follow a vessel from one to the next.",
            preset="volumes",
            claim={"metric": "test_accuracy", "op": ">=", "value": 0.9},
        ),
    )

    samples: int = option(800, "How many volumes, training and test together.", ge=20, le=20_000)
    size: int = option(16, "The side of a volume.", unit="px", ge=8, le=64)
    noise: float = option(0.05, "Standard deviation of noise on each value; 1 is white.", ge=0, le=1)

    @property
    def shape(self) -> Shape:
        return (1, self.size, self.size, self.size)

    def generate(self) -> Call | None:
        return Call(volumes, self.samples, self.size, self.noise, Name("generator"))


def volumes(
    samples: int, size: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Volumes (samples, 1, size, size, size) uint8, and the class of each.

    What is inside lies near one of 24 points: those of a vessel follow a curve from side to side, those of a
    fork leave it halfway, those of a blob are one, of two blobs two.
    """
    targets = torch.arange(samples) % 4
    solid = torch.empty(samples, 1, size, size, size, dtype=torch.uint8)
    line = (torch.arange(size) + 0.5) / size
    places = torch.stack(torch.meshgrid(line, line, line, indexing="ij"), -1).reshape(-1, 3)
    for start in range(0, samples, 20):  # in chunks, because the distances are large
        chosen = targets[start : start + 20]
        points, radius = solid_points(chosen, generator)
        distance = torch.cdist(places.expand(len(chosen), -1, -1), points).amin(-1)
        inside = torch.sigmoid((radius - distance) * 1.5 * size)
        value = 0.15 + 0.6 * inside + noise * torch.randn(inside.shape, generator=generator)
        levels = (value.clamp(0, 1) * 255).round().to(torch.uint8)
        solid[start : start + 20, 0] = levels.view(-1, size, size, size)
    return solid, targets


def solid_points(chosen: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """The points (n, 24, 3) that bodies of these classes lie around, from 0 to 1, and their radii (n, 1)."""
    count = len(chosen)
    chance = torch.rand(count, 5, 3, generator=generator)
    first = 0.25 + 0.5 * chance[:, 0]
    apart = torch.nn.functional.normalize(chance[:, 1] - 0.5, dim=-1)
    # Two blobs stand on either side of the middle, so that they never touch.
    pair = torch.stack([0.5 + 0.27 * apart, 0.5 - 0.27 * apart], 1)
    blobs = torch.where((chosen == 1)[:, None, None], pair, first[:, None].expand(-1, 2, -1)).repeat(1, 12, 1)
    start, end = 0.5 + 0.6 * apart, 0.5 - 0.6 * apart
    middle = 0.25 + 0.5 * chance[:, 2]
    share = torch.linspace(0, 1, 12)[:, None]
    side = torch.nn.functional.normalize(torch.linalg.cross(apart, chance[:, 3] - 0.5), dim=-1)
    trunk = _curve(start, middle, end, share)
    branch = _curve(trunk[:, 5], 0.5 + 0.15 * side, 0.5 + 0.6 * side, share)
    vessels = torch.cat([trunk, torch.where((chosen == 3)[:, None, None], branch, trunk)], 1)
    loud = chance[:, 4, :1]
    radius = torch.where((chosen < 2)[:, None], 0.12 + 0.06 * loud, 0.06 + 0.03 * loud)
    return torch.where((chosen < 2)[:, None, None], blobs, vessels), radius


def _curve(start: torch.Tensor, middle: torch.Tensor, end: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Points of quadratic curves from start to end, bent towards a middle: (n, points, 3)."""
    rest = 1 - share
    return rest**2 * start[:, None] + 2 * share * rest * middle[:, None] + share**2 * end[:, None]
