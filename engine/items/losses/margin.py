"""Losses of margins: zero, or nearly, once the right side is won by enough."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import ClassIndexLoss, Encoding, Loss


class Hinge(Loss):
    """Hinge: zero once the right side is won by a margin of one, linear below. Targets are −1 and 1.

    Of more than two classes, each is decided against the rest; `multiclass_hinge` compares them with each
    other. Cortes & Vapnik 1995: the loss of the support vector machine.
    """

    kind: Literal["hinge"] = "hinge"
    among_many: ClassVar[str | None] = "multiclass_hinge"
    labels: ClassVar[Encoding | None] = "plus_minus"
    formula: ClassVar[str] = "L = max(0, 1 − t·s)"

    def call(self) -> Call:
        return Call(HingeLoss)


class HingeLoss(torch.nn.Module):
    """mean max(0, 1 − t·s), with the maximum taken element by element."""

    def forward(self, score: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return torch.clamp_min(1 - target * score, 0).mean()


class Perceptron(Loss):
    """Perceptron loss: zero on the right side, however near; below it the distance. Targets are −1 and 1.

    SGD on it, one sample at a time, is the perceptron's learning rule w ← w + η t x for each sample that is
    on the wrong side. Rosenblatt 1958.
    """

    kind: Literal["perceptron"] = "perceptron"
    labels: ClassVar[Encoding | None] = "plus_minus"
    formula: ClassVar[str] = "L = max(0, −t·s)"

    def call(self) -> Call:
        return Call(PerceptronLoss)


class PerceptronLoss(torch.nn.Module):
    """mean max(0, −t·s); at s = 0 the slope is −t, so that a network that starts at 0 moves."""

    def forward(self, score: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return torch.clamp_min(-target * score, 0).mean()


class SoftMargin(Loss):
    """Soft margin: the logistic loss, a hinge without its corner. Targets are −1 and 1.

    Binary cross-entropy with the targets renamed: never quite zero, so that margins go on growing.
    """

    kind: Literal["soft_margin"] = "soft_margin"
    labels: ClassVar[Encoding | None] = "plus_minus"
    formula: ClassVar[str] = "L = log(1 + e^(−t·s))"

    def call(self) -> Call:
        return Call(LogisticLoss)


class LogisticLoss(torch.nn.Module):
    """mean log(1 + e^(−t·s)), which torch's SoftMarginLoss gives as infinite where e^(−t·s) overflows."""

    def forward(self, score: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.softplus(-target * score).mean()


class MulticlassHinge(ClassIndexLoss):
    """Multi-class hinge: for each wrong class, by how much its score comes within one of the right one's.

    Weston & Watkins 1999; the multi-class support vector machine.
    """

    kind: Literal["multiclass_hinge"] = "multiclass_hinge"
    formula: ClassVar[str] = "L = Σⱼ≠ₜ max(0, sⱼ − sₜ + 1)"

    def call(self) -> Call:
        return Call(MulticlassHingeLoss, **self.weighted())


class MulticlassHingeLoss(torch.nn.Module):
    """Mean of Σ max(0, sⱼ − sₜ + 1) over the wrong classes j, times the right class's weight."""

    weight: torch.Tensor | None

    def __init__(self, weight: torch.Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weight", weight)

    def forward(self, scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        margins = torch.clamp_min(scores - scores.gather(1, target[:, None]) + 1, 0)
        each = margins.sum(dim=1) - 1  # the right class beside itself
        return (each if self.weight is None else self.weight[target] * each).mean()


class Margin(ClassIndexLoss):
    """Margin: torch's multi-margin loss, the multi-class hinge divided by the number of classes K.

    With p = 2 what is far on the wrong side counts more.
    """

    kind: Literal["margin"] = "margin"
    formula: ClassVar[str] = "L = 1/K · Σⱼ≠ₜ max(0, m + sⱼ − sₜ)ᵖ"
    margin: float = option(1.0, "m, by how much the right class is to win.", gt=0, le=1000, live=True)
    power: int = option(1, "p, the power of what is missing.", ge=1, le=2)

    def call(self) -> Call:
        return Call("torch.nn.MultiMarginLoss", p=self.power, margin=self.margin, **self.weighted())
