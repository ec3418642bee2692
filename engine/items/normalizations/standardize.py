"""Zero mean, unit variance."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.normalizations import Normalization


class Standardize(Normalization):
    """Standardise: mean 0 and standard deviation 1, so that no input dominates the others.

    A feature that never changes is only shifted.
    """

    kind: Literal["standardize"] = "standardize"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Every input counts alike at the start, and sums begin where activations have slope.",
            "The cost's ravines become bowls: larger rates work.",
        ),
        cons=(
            "Outliers stretch the scale.",
            "Sparse inputs are sparse no more.",
        ),
        use="The usual choice for tables, fitted on the training set alone.",
        example=Example(
            ("Wines are told apart after a few epochs. Set Normalize to None, and the largest column rules."),
            preset="wine",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.94},
        ),
        mistakes=(
            Mistake(
                "Fit it on all data before splitting.",
                "On training data alone: what is learned from the test set flatters the result.",
            ),
        ),
        tex=(r"x' = \frac{x - \operatorname{mean}(x)}{\operatorname{std}(x)}",),
    )

    def fit(self) -> Call | None:
        return Call(mean_and_deviation, Name("train"))


def mean_and_deviation(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation over samples (and pixels), shaped to broadcast over a batch."""
    over = [0, *range(2, train.ndim)]
    if train.dtype == torch.uint8:
        # In chunks: as float64 a large set would not fit in memory. Sums of whole numbers are exact.
        total, squares = torch.zeros(2, 1, train.shape[1], *[1] * (train.ndim - 2), dtype=torch.float64)
        for part in torch.split(train, 256):
            numbers = part.double()
            total += numbers.sum(dim=over, keepdim=True)
            squares += numbers.square_().sum(dim=over, keepdim=True)
        mean = total * train.shape[1] / train.numel()
        deviation = (squares * train.shape[1] / train.numel() - mean**2).clamp(min=0).sqrt().float()
        mean = mean.float()
    else:
        mean = train.mean(dim=over, keepdim=True)
        deviation = train.std(dim=over, correction=0, keepdim=True)
    return mean, torch.where(deviation > 0, deviation, 1.0)
