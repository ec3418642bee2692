"""Local contrast normalisation."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, require_dimensions
from glassnet.engine.items.node import Context, Role


class LocalContrastNorm(Layer):
    """Local contrast norm: takes away the local mean of all channels, then divides by their local spread.

    v = x − Σ w x and y = v / max(c, σ) with σ² = Σ w v², the sums over all channels of a Gaussian window
    w whose weights add up to 1, and c the mean of σ over the picture, so that flat regions are not blown
    up. At the borders the weights inside the picture are scaled up to 1. ZFNet normalises so where AlexNet
    has local response norm. Shapes: (channels, h, w), unchanged; as with every norm here, receptive fields
    do not count what its statistics are taken from. Jarrett et al. 2009, section 2.1.
    """

    kind: Literal["local_contrast_norm"] = "local_contrast_norm"
    role: ClassVar[Role | None] = "local_normalization"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    keeps_units: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Only what differs from its surroundings remains: light does not matter.",),
        cons=("Absolute brightness is lost.",),
        use="To reproduce ZFNet.",
        example=Example(
            "Flat regions become 0, edges stay.",
        ),
        tex=(r"v = x - \sum w x, \quad y = \frac{v}{\max(c, \sigma)}",),
    )
    size: int = option(9, "Side of the window, an odd number.", unit="px", ge=1, le=127)
    spread: float | None = option(
        None, "Standard deviation of the Gaussian; empty: a quarter of the side.", unit="px", gt=0, le=1000
    )
    epsilon: float = option(1e-6, "Added to the variance σ².", gt=0, le=1, log=True)

    def call(self, context: Context) -> Call:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        if self.size % 2 == 0:
            raise ValueError(f"size {self.size}; expected an odd number, so that the window has a middle")
        _, height, width = context.shape
        spread = self.spread if self.spread is not None else self.size / 4
        return Call(ContrastNormalization, height, width, self.size, spread, self.epsilon)


class ContrastNormalization(torch.nn.Module):
    """Subtractive, then divisive normalisation over a Gaussian window and all channels."""

    window: torch.Tensor
    covered: torch.Tensor

    def __init__(self, height: int, width: int, size: int, spread: float, epsilon: float) -> None:
        super().__init__()
        self.size, self.epsilon = size, epsilon
        weights = [math.exp(-(((i - size // 2) / spread) ** 2) / 2) for i in range(size)]
        line = torch.tensor(weights) / math.fsum(weights)
        self.register_buffer("window", line.view(1, 1, size, 1), persistent=False)
        covered = self.blurred(torch.ones(1, 1, height, width))
        self.register_buffer("covered", covered, persistent=False)

    def blurred(self, x: torch.Tensor) -> torch.Tensor:
        """The sum over the window of one channel, (batch, 1, h, w); a Gaussian separates into two lines."""
        half = self.size // 2
        down = torch.nn.functional.conv2d(x, self.window, padding=(half, 0))
        return torch.nn.functional.conv2d(down, self.window.transpose(2, 3), padding=(0, half))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centred = x - self.blurred(x.mean(1, keepdim=True)) / self.covered
        variance = self.blurred((centred * centred).mean(1, keepdim=True)) / self.covered
        spread = torch.sqrt(variance + self.epsilon)
        return centred / torch.maximum(spread, spread.mean((2, 3), keepdim=True))
