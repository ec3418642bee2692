"""Standard filters, and pictures to apply them to."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from glassnet.engine.data.inputs.picture import photograph
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.images import decoded
from glassnet.engine.items.datasets.tables import Digits

Filter = Literal["identity", "blur", "gaussian", "sharpen", "sobel_x", "sobel_y", "emboss", "own"]
Scene = Literal["flower", "china", "digit", "dot", "edge", "stripes", "checks", "ring", "ones", "drawn"]

#: Kernels that exist as 3×3 only, as layers use them: cross-correlation, not flipped.
FIXED: dict[str, list[list[float]]] = {
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "sobel_x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel_y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}


def kernel(name: Filter, side: int) -> Tensor:
    """A standard filter (side, side), or (3, 3) where it has no other size. Blurs add up to 1.

    The Gaussian's standard deviation is a quarter of its side; it is an outer product, as the box is.
    """
    if name in FIXED:
        return torch.tensor(FIXED[name], dtype=torch.float32)
    match name:
        case "identity":
            line = [float(i == side // 2) for i in range(side)]
        case "blur":
            line = [1 / side] * side
        case "gaussian":
            bell = [math.exp(-(((i - (side - 1) / 2) / (side / 4)) ** 2) / 2) for i in range(side)]
            line = [value / math.fsum(bell) for value in bell]
        case _:
            raise ValueError(f"'{name}' is no known filter; expected its numbers")
    return torch.outer(torch.tensor(line), torch.tensor(line))


def picture(scene: Scene, size: int, digit: int) -> Tensor:
    """A grey picture (size, size) float32 from 0 to 1."""
    if scene in ("flower", "china"):
        return _photograph(scene, size)
    if scene == "digit":
        return functional.interpolate(_digits()[digit, None], size=(size, size), mode="nearest")[0, 0]
    middle = (size - 1) / 2
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    radius = torch.hypot(rows - middle, columns - middle)
    period = max(2, size // 6)
    drawn = {
        "dot": (rows == size // 2) & (columns == size // 2),
        "edge": columns >= size // 2,
        "stripes": (rows + columns) // (period // 2 + 1) % 2 == 0,
        "checks": (rows // period + columns // period) % 2 == 0,
        "ring": (radius - size * 0.3).abs() < max(1.0, size * 0.05),
        "ones": torch.ones(size, size, dtype=torch.bool),
    }
    return drawn[scene].float()


def _photograph(name: str, size: int) -> Tensor:
    return photograph_of(name, size, 1)[0]


@cache
def photograph_of(name: str, size: int, channels: int = 3) -> Tensor:
    """The middle of one of scikit-learn's photographs: (channels, size, size) float32 from 0 to 1."""
    return torch.from_numpy(decoded(photograph(name), channels, (size, size))).float() / 255


@cache
def _digits() -> Tensor:
    """Scikit-learn's digits, (1797, 1, 8, 8) from 0 to 1."""
    images, _ = Digits().read(Blobs())
    return images.reshape(-1, 1, 8, 8) / 16
