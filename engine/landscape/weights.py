"""The parameters of a network as one vector."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn


class Weights:
    """The layout of a network's parameters in one vector."""

    def __init__(self, network: nn.Module, names: Collection[str] | None = None) -> None:
        """Lay out all parameters in the network's order, or those named."""
        found = [(name, p) for name, p in network.named_parameters() if names is None or name in names]
        self.shapes = {name: parameter.shape for name, parameter in found}
        self.size = sum(shape.numel() for shape in self.shapes.values())

    def vector(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """Parameters by name as one vector (size,), copied."""
        return torch.cat([parameters[name].detach().reshape(-1) for name in self.shapes])

    def views(self, vectors: Tensor) -> dict[str, Tensor]:
        """The views of vectors (…, size) by parameter name, each (…, *shape)."""
        lead, views, start = vectors.shape[:-1], {}, 0
        for name, shape in self.shapes.items():
            part = vectors.narrow(-1, start, shape.numel())
            views[name] = part.view(*lead, *shape)
            start += shape.numel()
        return views
