"""L2."""

from __future__ import annotations

from typing import Literal

import torch

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Penalty


class L2(Penalty):
    """L2: a pull towards zero in proportion to the weight, (λ/2) Σ w², so that the gradient gains λ w.

    With plain SGD this is weight decay; with Adam it is not (Loshchilov & Hutter 2019).
    """

    kind: Literal["l2"] = "l2"
    strength: float = option(0.001, "λ, the strength of the pull.", ge=0, le=10, log=True, live=True)

    def penalty(self) -> Call | None:
        return Call(l2_penalty, Name("weights"), self.strength)


def l2_penalty(weights: list[torch.Tensor], strength: float) -> torch.Tensor:
    """The penalty (λ/2) Σ w²."""
    return 0.5 * strength * torch.stack([weight.square().sum() for weight in weights]).sum()
