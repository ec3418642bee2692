"""What an activation's slope is far from 0, by which cures are chosen; no list of kinds is kept."""

from __future__ import annotations

import torch

from glassnet.engine.network.plan import PlannedNode
from glassnet.engine.probes.unit_health import slopes

#: How far from 0 is looked, and the slope there that is next to nothing.
FAR, FLAT = 8.0, 0.05


def saturates(placed: PlannedNode) -> bool:
    """Whether an elementwise activation is flat on both sides, as a sigmoid is."""
    left, right = _far(placed)
    return abs(left) < FLAT and abs(right) < FLAT


def dies(placed: PlannedNode) -> bool:
    """Whether it is flat on its left alone, with no slope at all, as a ReLU is."""
    left, right = _far(placed)
    return left == 0 and abs(right) >= FLAT


def _far(placed: PlannedNode) -> tuple[float, float]:
    """The slopes far on the left and on the right of 0, of its first unit."""
    module = placed.item.call(placed.context).build()
    units = max((parameter.numel() for parameter in module.parameters()), default=1)
    line = torch.tensor([[-FAR], [FAR]]).expand(-1, units)
    _, slope = slopes(module, line)
    return float(slope[0, 0]), float(slope[1, 0])
