"""Zero mean, unit variance."""

from __future__ import annotations

from typing import Literal

import torch

from engine.call import Call, Name
from engine.normalizations import Normalization


class Standardize(Normalization):
    """Standardise: mean 0 and standard deviation 1, so that no input outshouts another.

    A feature that never changes is only shifted.
    """

    kind: Literal["standardize"] = "standardize"

    def fit(self) -> Call | None:
        return Call(mean_and_deviation, Name("train"))


def mean_and_deviation(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation over samples (and pixels), shaped to broadcast over a batch."""
    over = [0, *range(2, train.ndim)]
    deviation = train.std(dim=over, correction=0, keepdim=True)
    return train.mean(dim=over, keepdim=True), torch.where(deviation > 0, deviation, 1.0)
