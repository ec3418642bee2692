"""Values scaled to a range."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.normalizations import Normalization


class MinMax(Normalization):
    """Min-max: the training set's smallest value becomes 0 and its largest 1.

    A feature that never changes is only shifted; test values may leave the range.
    """

    kind: Literal["min_max"] = "min_max"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Everything lies between 0 and 1, as pixels do.",),
        cons=(
            "One outlier squeezes all others together.",
            "Inputs are not centred: gradients of a unit's weights share their sign.",
            "Test values may lie outside.",
        ),
        use="For inputs with hard bounds.",
        example=Example(
            "Compare its loss with that of standardized columns, from the same seed.",
            preset="wine",
        ),
        tex=(r"x' = \frac{x - \min x}{\max x - \min x}",),
    )

    def fit(self) -> Call | None:
        return Call(least_and_spread, Name("train"))


def least_and_spread(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Minimum and range over samples (and pixels), shaped to broadcast over a batch."""
    over = [0, *range(2, train.ndim)]
    least = train.amin(dim=over, keepdim=True)
    spread = train.amax(dim=over, keepdim=True) - least
    least, spread = (x.float() if x.dtype == torch.uint8 else x for x in (least, spread))
    return least, torch.where(spread > 0, spread, 1.0)
