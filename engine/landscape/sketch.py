"""Sketch: a random projection of long vectors that approximately preserves lengths and angles."""

from __future__ import annotations

import math

import torch
from torch import Tensor

#: The length of a sketch. Prime, so that periodic patterns in the weights are not summed together.
WIDTH = 65_521


class Sketch:
    """A random linear map: numbers are multiplied by random signs, and every width-th are summed.

    ⟨Sx, Sy⟩ is ⟨x, y⟩ on average, and squared lengths have a relative standard deviation `error`.
    Charikar et al. 2002, section 3.1; Weinberger et al. 2009, section 2.
    """

    def __init__(self, size: int, seed: int, width: int = WIDTH) -> None:
        self.size, self.width = size, min(width, size)
        generator = torch.Generator().manual_seed(seed)
        self._signs = torch.randint(0, 2, (size,), generator=generator, dtype=torch.int8).mul_(2).sub_(1)
        #: The number of summands of each number of the sketch: (width,).
        self.counts = torch.bincount(torch.arange(size) % self.width).float()

    @property
    def error(self) -> float:
        """The relative standard deviation of squared lengths, for vectors without dominating numbers."""
        return math.sqrt(2 / self.width)

    def __call__(self, vector: Tensor) -> Tensor:
        """S x: the sketch (width,) of a vector (size,)."""
        sketch = torch.zeros(self.width)
        for start in range(0, self.size, self.width):
            part = vector[start : start + self.width]
            sketch[: len(part)] += part * self._signs[start : start + self.width]
        return sketch

    def spread(self, directions: Tensor) -> Tensor:
        """Sᵀ u: vectors (n, size) whose products with x are those of u (n, width) with x's sketch."""
        spread = torch.empty(len(directions), self.size)
        for start in range(0, self.size, self.width):
            signs = self._signs[start : start + self.width]
            spread[:, start : start + self.width] = directions[:, : len(signs)] * signs
        return spread
