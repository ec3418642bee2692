"""Directions in weight space.

A rectifier layer whose weights are multiplied by ten, followed by one whose weights are divided by ten, is
the same function; but a step of the same length has another effect in each. Li et al. 2018, section 4,
therefore give each filter of a random direction the length of the network's filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

#: The parts of a random direction that are scaled to the length of the weights.
Normalizing = Literal["filter", "layer", "none"]


def random_direction(
    weights: Mapping[str, Tensor], generator: torch.Generator, normalize: Normalizing = "filter"
) -> dict[str, Tensor]:
    """A Gaussian direction, scaled to the length of the weights, part by part.

    A filter is that of a convolution, or the weights of one dense unit. Parameters without filters (biases,
    scales and shifts of normalisations) are not moved, except with `normalize="none"`.
    Li et al. 2018, section 4: d ← d / ‖d‖ · ‖θ‖ for each filter.
    """
    drawn = {
        name: torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype).to(tensor.device)
        for name, tensor in weights.items()
    }
    if normalize == "none":
        return drawn
    return {name: _as_long_as(drawn[name], tensor, normalize) for name, tensor in weights.items()}


def _as_long_as(direction: Tensor, weights: Tensor, normalize: Normalizing) -> Tensor:
    if weights.ndim < 2:
        return torch.zeros_like(weights)
    rows = (1, -1) if normalize == "layer" else (len(weights), -1)
    flat, own = direction.reshape(rows), weights.detach().reshape(rows)
    length = flat.norm(dim=1, keepdim=True).clamp_min(torch.finfo(flat.dtype).tiny)
    scaled: Tensor = flat / length * own.norm(dim=1, keepdim=True)
    return scaled.view_as(weights)


def orthonormal(first: Tensor, second: Tensor) -> Tensor:
    """An orthonormal basis (2, size) of the plane of two vectors (size,), the first along `first`.

    Raises ValueError where they are collinear.
    """
    one = first / first.norm()
    rest = second - (second @ one) * one
    if not bool(rest.norm() > 1e-6 * second.norm()):
        raise ValueError("the points lie on one line; expected three that span a plane")
    return torch.stack([one, rest / rest.norm()])
