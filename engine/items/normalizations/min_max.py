"""Values scaled to a range."""

from __future__ import annotations

from typing import Literal

import torch

from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.normalizations import Normalization


class MinMax(Normalization):
    """Min-max: the training set's smallest value becomes 0 and its largest 1.

    A feature that never changes is only shifted; test values may leave the range.
    """

    kind: Literal["min_max"] = "min_max"

    def fit(self) -> Call | None:
        return Call(least_and_spread, Name("train"))


def least_and_spread(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Minimum and range over samples (and pixels), shaped to broadcast over a batch."""
    over = [0, *range(2, train.ndim)]
    least = train.amin(dim=over, keepdim=True)
    spread = train.amax(dim=over, keepdim=True) - least
    least, spread = (x.float() if x.dtype == torch.uint8 else x for x in (least, spread))
    return least, torch.where(spread > 0, spread, 1.0)
