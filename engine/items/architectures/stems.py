"""The first layers that several published networks share."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.engine.items.blocks.parts import convolution
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.node import INPUT, Node


def residual_stem(width: int, after: Sequence[Node], small: bool) -> list[Node]:
    """7×7 with stride 2, what follows it, and a pooling: a quarter of the side; small: 3×3 alone.

    ResNet and DenseNet begin so (He et al. 2016, table 1).
    """
    if small:
        return [convolution("conv1", width, 3, reads=INPUT), *after]
    pool = MaxPool2d(name="pool1", kernel=3, stride=2, padding=1)
    return [convolution("conv1", width, 7, reads=INPUT, stride=2), *after, pool]
