"""Zero mean, on the original scale."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.standardize import mean_and_deviation


class Center(Normalization):
    """Centre: mean 0, on the original scale; pixels then lie within ±255 of the mean.

    The inputs of AlexNet and ZFNet. Large inputs need small weights, and move them far: the first layer's
    gradients grow with its inputs. Zeiler & Fergus 2014, section 3.1.
    """

    kind: Literal["center"] = "center"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Mean 0 at no change of scale: pixels stay pixels.",),
        cons=("Large inputs need small weights and small rates.",),
        use="To reproduce AlexNet and ZFNet.",
        example=Example(
            (
                "With columns of very different size, centring alone does not help much: compare with "
                "Standardise."
            ),
            preset="wine",
        ),
        tex=(r"x' = x - \operatorname{mean}(x)",),
    )

    def fit(self) -> Call | None:
        return Call(mean_and_one, Name("train"))


def mean_and_one(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean over samples (and pixels), shaped to broadcast over a batch, and 1."""
    mean, _ = mean_and_deviation(train)
    return mean, torch.ones_like(mean)
