"""Losses of margins: zero, or nearly, once the right side is won by enough."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import ClassIndexLoss, Encoding, Loss


class Hinge(Loss):
    """Hinge: zero once the right side is won by a margin of one, linear below. Targets are −1 and 1.

    It is a loss of two classes: more are compared with each other by `multiclass_hinge`, or, where that is
    chosen, each is decided against the rest. Cortes & Vapnik 1995: the loss of the support vector machine.
    """

    kind: Literal["hinge"] = "hinge"
    among_many: ClassVar[str | None] = "multiclass_hinge"
    labels: ClassVar[Encoding | None] = "plus_minus"
    formula: ClassVar[str] = "L = max(0, 1 − t·s)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Exactly 0 once a sample is right by the margin: only the support vectors pull.",
            "The boundary with the widest margin.",
        ),
        cons=(
            "Scores are no probabilities.",
            "A corner at the margin, and no pull beyond it.",
        ),
        use="For two classes where the decision matters and the probability does not.",
        example=Example(
            "Once the margin is won everywhere the loss is exactly 0 and the weights stand still.",
            preset="circle",
            claim={"metric": "train_loss", "op": "<=", "value": 0},
        ),
        mistakes=(
            Mistake(
                "In code, max(0, 1 − t·s) of arrays is max.",
                "It needs the element-wise maximum; the greatest of all is one number.",
            ),
            Mistake(
                "Targets are 0 and 1.",
                "They are −1 and 1; with 0 the loss would be 1 whatever the score.",
            ),
        ),
        tex=(
            r"L = \max(0, 1 - t\,s), \quad t = \pm 1",
            (
                r"\frac{\partial L}{\partial s} = \begin{cases} -t & \text{for } t\,s < 1 \\ 0 & "
                r"\text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    one_against_rest: bool = option(
        False, "Whether, of more than two classes, each is decided against the rest, by a score of its own."
    )

    def call(self) -> Call:
        return Call(HingeLoss)

    def check(self, classes: int | None) -> tuple[str, str] | None:
        if classes is None or classes <= 2 or self.one_against_rest:
            return None
        return "/kind", (
            f"'{self.kind}' has two sides, and there are {classes} classes; expected 'multiclass_hinge', "
            "which compares them with each other, or one_against_rest, which decides each by itself"
        )


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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "With one sample at a time it is the perceptron's own rule, which finds a separating "
                "line where there is one."
            ),
        ),
        cons=(
            "No margin: the line rests as soon as every sample is on its right side, however narrowly.",
            "Where no line separates, it never rests.",
        ),
        use="To see how the perceptron learned; a hinge gives a better line.",
        example=Example(
            (
                "A right sample changes nothing, a wrong one turns the line towards it; at the end the "
                "line rests."
            ),
            preset="perceptron-and",
            claim={"metric": "train_loss", "op": "<=", "value": 0},
        ),
        tex=(
            r"L = \max(0, -t\,s), \quad t = \pm 1",
            (
                r"\frac{\partial L}{\partial s} = \begin{cases} -t & \text{for } t\,s \le 0 \\ 0 & "
                r"\text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )

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
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth; its scores can be read as log-odds.",),
        cons=("Never quite 0: on separable data weights go on growing.",),
        use="As binary cross-entropy, of which it is another notation with targets of ±1.",
        example=Example(
            "The curves are those of binary cross-entropy with the same seed.",
            preset="circle",
        ),
        tex=(
            r"L = \log\left(1 + e^{-t\,s}\right), \quad t = \pm 1",
            r"\frac{\partial L}{\partial s} = \frac{-t}{1 + e^{t\,s}}",
        ),
        domain="(−∞, ∞)",
        codomain="(0, ∞)",
    )

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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Exactly 0 once the right class leads every other by 1.",
            "Compares classes with each other, not each with the rest.",
        ),
        cons=(
            "Scores are no probabilities.",
            "Every class that comes near adds to it: with many classes it is large at first.",
        ),
        use="For one class of several where probabilities are not needed.",
        example=Example(
            "The loss becomes 0 for samples that are right by the margin, and they stop pulling.",
            preset="iris",
        ),
        tex=(r"L = \sum_{j \ne t} \max(0, s_j - s_t + 1)",),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )

    @property
    def lead(self) -> float | None:
        return 1.0

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

    vmap: ClassVar[bool] = False  # torch has no batching rule for it, and warns of its slow way
    kind: Literal["margin"] = "margin"
    formula: ClassVar[str] = "L = 1/K · Σⱼ≠ₜ max(0, m + sⱼ − sₜ)ᵖ"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The size of the margin can be chosen, and far misses can be squared.",),
        cons=(
            (
                "Divided by the number of classes, so that a rate for the multi-class hinge is too "
                "small for it."
            ),
        ),
        use="As torch's MultiMarginLoss, where results are to be compared with a script that has it.",
        example=Example(
            "With m = 1 and p = 1 it is a third of the multi-class hinge: three classes.",
            preset="iris",
        ),
        tex=(r"L = \frac{1}{K} \sum_{j \ne t} \max(0, m + s_j - s_t)^p",),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    margin: float = option(1.0, "m, by how much the right class is to win.", gt=0, le=1000, live=True)
    power: int = option(1, "p, the power of what is missing.", ge=1, le=2)

    @property
    def lead(self) -> float | None:
        return self.margin

    def call(self) -> Call:
        return Call("torch.nn.MultiMarginLoss", p=self.power, margin=self.margin, **self.weighted())
