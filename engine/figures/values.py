"""Numbers of figures, float64 on the CPU: all tensors of figures are made and read on the host here."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

#: The seed of every figure that draws at random.
SEED = 0


def spaced(low: float, high: float, count: int) -> Tensor:
    """Numbers from low to high at equal distances: (count,)."""
    return torch.linspace(low, high, count, dtype=torch.float64)


def tensor_of(values: Sequence[object]) -> Tensor:
    """A float64 tensor of nested numbers."""
    return torch.tensor(values, dtype=torch.float64)


def generator(seed: int = SEED) -> torch.Generator:
    """A stream of random numbers of its own."""
    return torch.Generator().manual_seed(seed)


def floats(values: Tensor) -> list[float]:
    """The numbers of a tensor (n,), or a list for each row."""
    listed: list[float] = values.detach().double().tolist()
    return listed


def random_normal(*shape: int) -> Tensor:
    """Normal numbers, the same each time."""
    return torch.randn(shape, generator=generator(), dtype=torch.float64)
