"""L2."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Penalty


class L2(Penalty):
    """L2: a pull towards zero in proportion to the weight, (λ/2) Σ w², so that the gradient gains λ w.

    With plain SGD this is weight decay; with Adam it is not (Loshchilov & Hutter 2019).
    """

    kind: Literal["l2"] = "l2"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Smooth, and one number to choose.",
            "Large weights, which draw sharp boundaries, are pulled most.",
        ),
        cons=(
            "Under Adam it does not act evenly: use weight decay.",
            "Weights become small, but none becomes 0.",
        ),
        use="With SGD, against overfitting.",
        example=Example(
            "Training and test loss part less than without it; the boundary is smoother.",
            preset="few-points",
            changes={
                "/training/regularizers": [{"kind": "l2", "strength": 0.05}],
            },
            claim={"metric": "test_loss", "op": "<", "than": {"metric": "test_loss", "of": "preset"}},
        ),
        mistakes=(
            Mistake(
                "L2 and weight decay are the same.",
                "Only under plain SGD; under Adam the penalty's gradient is divided like any other.",
            ),
        ),
        tex=(
            r"\frac{\lambda}{2} \sum w^2",
            r"\frac{\partial}{\partial w} = \lambda w",
        ),
    )
    strength: float = option(0.001, "λ, the strength of the pull.", ge=0, le=10, log=True, live=True)

    def penalty(self) -> Call | None:
        return Call(l2_penalty, Name("weights"), self.strength)


def l2_penalty(weights: list[torch.Tensor], strength: float) -> torch.Tensor:
    """The penalty (λ/2) Σ w²."""
    return 0.5 * strength * torch.stack([weight.square().sum() for weight in weights]).sum()
