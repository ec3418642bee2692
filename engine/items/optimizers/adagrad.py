"""Adagrad, and Adadelta, whose steps do not vanish."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.exported import ByParameter


class Adagrad(Optimizer):
    """Adagrad: each weight's step is divided by the root of the sum of its squared gradients.

    Duchi et al. 2011. The sum only grows, so the steps only shrink. torch and the paper add ε to the
    root; many texts write √(s + ε), which is an option.
    """

    kind: Literal["adagrad"] = "adagrad"
    slots: ClassVar[tuple[str, ...]] = ("sum",)
    formula: ClassVar[str] = "s ← s + g²;  θ ← θ − η g / (√s + ε)   (inside: θ ← θ − η g / √(s + ε))"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Each weight has its own rate: what is seldom moved moves far when it is.",
            "Good for sparse features.",
        ),
        cons=("The sum only grows, and so steps only shrink: it may stop before it arrives.",),
        use="For sparse data, such as counts of words.",
        example=Example(
            "A quick start, then smaller and smaller steps: the loss flattens before it is low.",
            preset="circle",
            claim={
                "metric": "train_loss",
                "op": ">",
                "than": {"metric": "train_loss", "of": "preset", "times": 2},
            },
        ),
        tex=(
            r"s \leftarrow s + g^2",
            r"\theta \leftarrow \theta - \eta \frac{g}{\sqrt{s} + \varepsilon}",
        ),
    )
    epsilon: float = option(1e-10, "ε, against division by zero.", gt=0, le=1, log=True, live=True)
    place: Literal["outside", "inside"] = option(
        "outside", "Whether ε is added to the root, or to the sum inside it.", live=True
    )

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        total = state["sum"].addcmul_(gradient, gradient)
        inside = self.place == "inside"
        root = (total + self.epsilon).sqrt_() if inside else total.sqrt().add_(self.epsilon)
        parameter.sub_(gradient.div_(root) * rate)

    def call(self) -> Call:
        target = AdagradInside if self.place == "inside" else "torch.optim.Adagrad"
        return Call(target, Name("parameters"), lr=self.learning_rate, eps=self.epsilon)


class AdagradInside(ByParameter):
    """s ← s + g²;  θ ← θ − η g / √(s + ε)."""

    def move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], options: dict[str, Any]
    ) -> None:
        total = state.setdefault("sum", torch.zeros_like(parameter))
        total.addcmul_(gradient, gradient)
        parameter.sub_(gradient / (total + options["eps"]).sqrt() * options["lr"])


class Adadelta(Optimizer):
    """Adadelta: steps scaled by the ratio of the recent steps' size to the recent gradients'.

    Zeiler 2012, algorithm 1. The method needs no learning rate: its steps have the weights' own unit.
    torch multiplies them by a factor, which is offered here; 1 is the method as published.
    """

    kind: Literal["adadelta"] = "adadelta"
    slots: ClassVar[tuple[str, ...]] = ("square", "change")
    formula: ClassVar[str] = (
        "s ← ρ s + (1 − ρ) g²;  Δ = √(d + ε) / √(s + ε) · g;  d ← ρ d + (1 − ρ) Δ²;  θ ← θ − Δ"
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=("No rate to choose: the size of past steps takes its place, in the weights' own unit.",),
        cons=("It starts very slowly, since the mean of its steps begins at 0.",),
        use="Where no rate is to be tuned and time is not short.",
        example=Example(
            (
                "Almost nothing happens at first: steps grow from the root of ε. Multiply them by a "
                "larger factor and compare."
            ),
            preset="circle",
            changes={
                "/training/updates/0/optimizer": {"kind": "adadelta", "learning_rate": 1.0},
            },
        ),
        tex=(
            r"s \leftarrow \rho s + (1 - \rho)\,g^2",
            r"\Delta = \frac{\sqrt{d + \varepsilon}}{\sqrt{s + \varepsilon}}\,g",
            r"d \leftarrow \rho d + (1 - \rho)\,\Delta^2",
            r"\theta \leftarrow \theta - \Delta",
        ),
    )
    learning_rate: float = option(
        1.0,
        "A factor on each step. The published method has none, which is 1.",
        gt=0,
        le=100,
        log=True,
        live=True,
    )
    rho: float = option(0.9, "ρ, the share of both running means that is kept.", ge=0, lt=1, live=True)
    epsilon: float = option(
        1e-6, "ε, inside both roots; it also sets the first steps.", gt=0, le=1, log=True, live=True
    )

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        square = state["square"].mul_(self.rho).addcmul_(gradient, gradient, value=1 - self.rho)
        change = state["change"]
        step = gradient.mul_((change + self.epsilon).sqrt_().div_((square + self.epsilon).sqrt_()))
        change.mul_(self.rho).addcmul_(step, step, value=1 - self.rho)
        parameter.sub_(step * rate)

    def call(self) -> Call:
        return Call(
            "torch.optim.Adadelta",
            Name("parameters"),
            lr=self.learning_rate,
            rho=self.rho,
            eps=self.epsilon,
        )
