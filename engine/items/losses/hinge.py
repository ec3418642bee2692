"""The hinge loss."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss


class Hinge(Loss):
    """Hinge: zero once the right side is won by a margin of one, linear below. Targets are −1 and 1.

    Cortes & Vapnik 1995: the loss of the support vector machine.
    """

    kind: Literal["hinge"] = "hinge"
    labels: ClassVar[Encoding | None] = "plus_minus"
    formula: ClassVar[str] = "L = max(0, 1 − t·s)"

    def call(self) -> Call:
        return Call(HingeLoss)


class HingeLoss(torch.nn.Module):
    """mean max(0, 1 − t·s), with the maximum taken element by element."""

    def forward(self, score: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return torch.clamp_min(1 - target * score, 0).mean()
