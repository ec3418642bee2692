"""Clips: generated films of a shape that moves."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Form
from glassnet.engine.items.datasets.volumes import Solid
from glassnet.engine.items.node import Shape


class Clips(Solid):
    """Clips: a disc or a square in any colour that moves left, right, up or down, grows or shrinks.

    The class is the motion: no single picture tells it. Shape: (3, frames, size, size).
    """

    kind: Literal["clips"] = "clips"
    form: ClassVar[Form] = "clip"
    classes: ClassVar[tuple[str, ...] | None] = ("left", "right", "up", "down", "growing", "shrinking")
    inputs: ClassVar[tuple[str, ...]] = ("red", "green", "blue")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Only what goes through time can tell: colour and shape say nothing.",),
        cons=("One thing moves, on a still ground.",),
        use="For 3-D convolutions through time, as C3D.",
        example=Example(
            "Play a clip: maps of the first layer light up on one side of what moves.",
            preset="clips",
            claim={"metric": "test_accuracy", "op": ">=", "value": 0.95},
        ),
        mistakes=(
            Mistake(
                "A convolution of each picture by itself will do.",
                "Each picture of a clip to the left is one of a clip to the right as well.",
            ),
        ),
    )

    samples: int = option(900, "How many clips, training and test together.", ge=20, le=20_000)
    frames: int = option(8, "How many pictures a clip has.", ge=4, le=32)
    size: int = option(20, "The side of a picture.", unit="px", ge=12, le=64)
    noise: float = option(0.03, "Standard deviation of noise on each pixel; 1 is white.", ge=0, le=1)

    @property
    def shape(self) -> Shape:
        return (3, self.frames, self.size, self.size)

    def generate(self) -> Call | None:
        return Call(clips, self.samples, self.frames, self.size, self.noise, Name("generator"))


def clips(
    samples: int, frames: int, size: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Clips (samples, 3, frames, size, size) uint8, and the motion of each."""
    targets = torch.arange(samples) % 6
    films = torch.empty(samples, 3, frames, size, size, dtype=torch.uint8)
    line = (torch.arange(size) + 0.5) / size
    time = torch.linspace(-0.5, 0.5, frames)
    ways = torch.tensor([[-1.0, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1]])
    for start in range(0, samples, 100):  # in chunks, because the intermediate tensors are large
        chosen = targets[start : start + 100]
        count = len(chosen)
        place, colour, ground = torch.rand(3, count, 3, generator=generator)
        far = 0.3 + 0.25 * torch.rand(count, 1, generator=generator)
        across, down, grown = (far * ways[chosen]).mul(time[:, None, None]).permute(2, 1, 0)  # (n, frames)
        x = (0.35 + 0.3 * place[:, :1] + across)[..., None, None]
        y = (0.35 + 0.3 * place[:, 1:2] + down)[..., None, None]
        radius = (0.14 + 0.06 * place[:, 2:] + 0.35 * grown)[..., None, None].clamp_min(0.04)
        wide, high = (line - x).abs(), (line[:, None] - y).abs()
        square = (torch.rand(count, 1, 1, 1, generator=generator) < 0.5).float()
        distance = torch.where(square > 0, torch.maximum(wide, high), (wide**2 + high**2).sqrt())
        inside = ((radius - distance) * size + 0.5).clamp(0, 1)[:, None]
        light, dark = 0.5 + 0.5 * colour, 0.3 * ground
        film = dark[:, :, None, None, None] * (1 - inside) + light[:, :, None, None, None] * inside
        film = film + noise * torch.randn(film.shape, generator=generator)
        films[start : start + 100] = (film.clamp(0, 1) * 255).round().to(torch.uint8)
    return films, targets
