"""Inverses of distribution functions, defined between 0 and 1."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Probit(Activation):
    """Probit: the quantile of the normal distribution, the inverse of Φ.

    It is defined for 0 < x < 1 alone: what arrives is limited to [ε, 1 − ε], and beyond it the gradient is 0.
    Put it behind something between 0 and 1, such as a sigmoid. φ is the normal density. Bliss 1934.
    """

    kind: Literal["probit"] = "probit"
    of_probabilities: ClassVar[bool] = True
    formula: ClassVar[str] = "f(x) = Φ⁻¹(min(max(x, ε), 1 − ε))"
    derivative: ClassVar[str] = "f′(x) = 1 / φ(f(x)) for ε < x < 1 − ε, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            ("Turns a probability into the quantile of a normal distribution, as probit regression needs."),
        ),
        cons=(
            (
                "Defined between 0 and 1 alone: what arrives is limited to that, and beyond it has no "
                "gradient."
            ),
            "Steep near the ends, where small errors become large.",
        ),
        use="Behind something between 0 and 1. As the activation of a hidden layer it is a curiosity.",
        example=Example(
            "Most sums lie outside of 0 to 1, where it has no gradient: the loss ends far above tanh's.",
            preset="circle",
            claim={
                "metric": "train_loss",
                "op": ">",
                "than": {"metric": "train_loss", "of": "preset", "times": 2},
            },
        ),
        mistakes=(
            Mistake(
                "The probit squashes to between 0 and 1.",
                "That is the normal distribution function Φ; the probit is its inverse.",
            ),
        ),
        tex=(
            r"f(x) = \Phi^{-1}\left(\min(\max(x, \varepsilon), 1 - \varepsilon)\right)",
            (
                r"f'(x) = \begin{cases} \frac{1}{\varphi(f(x))} & \text{for } \varepsilon < x < 1 - "
                r"\varepsilon \\ 0 & \text{else} \end{cases}"
            ),
        ),
        domain="(0, 1)",
        codomain="[−4.76, 4.76]",
        monotone=True,
    )
    epsilon: float = option(1e-3, "ε, how near to 0 and 1 the argument may come.", ge=1e-6, le=0.1, log=True)

    def call(self, context: Context) -> Call:
        return Call(NormalQuantile, self.epsilon)


class NormalQuantile(torch.nn.Module):
    """Φ⁻¹(x) = √2 erf⁻¹(2x − 1), with x limited to [ε, 1 − ε]."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        share = within(x, self.epsilon)
        return (math.sqrt(2) * torch.erfinv(2 * share - 1)).to(x.dtype)


class Logit(Activation):
    """Logit: the log-odds of a probability, the inverse of the sigmoid.

    It is defined for 0 < x < 1 alone: what arrives is limited to [ε, 1 − ε], and beyond it the gradient is 0.
    Put it behind something between 0 and 1. Berkson 1944.
    """

    kind: Literal["logit"] = "logit"
    of_probabilities: ClassVar[bool] = True
    formula: ClassVar[str] = "f(x) = ln(x′ / (1 − x′)),  x′ = min(max(x, ε), 1 − ε)"
    derivative: ClassVar[str] = "f′(x) = 1 / (x (1 − x)) for ε < x < 1 − ε, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Turns a probability into log-odds, in which evidence adds up.",),
        cons=(
            (
                "Defined between 0 and 1 alone: what arrives is limited to that, and beyond it has no "
                "gradient."
            ),
            "Steep near the ends.",
        ),
        use="Behind something between 0 and 1. In a hidden layer it is a curiosity.",
        example=Example(
            "Most sums lie outside of 0 to 1, so that little is learned: the price of a limited domain.",
            preset="circle",
            claim={
                "metric": "train_loss",
                "op": ">",
                "than": {"metric": "train_loss", "of": "preset", "times": 2},
            },
        ),
        mistakes=(
            Mistake(
                "The logit function squashes to between 0 and 1.",
                (
                    "That is the sigmoid, its inverse. What a layer gives before it is called logits "
                    "for that reason."
                ),
            ),
        ),
        tex=(
            r"f(x) = \ln\frac{x'}{1 - x'}, \quad x' = \min(\max(x, \varepsilon), 1 - \varepsilon)",
            (
                r"f'(x) = \begin{cases} \frac{1}{x\,(1 - x)} & \text{for } \varepsilon < x < 1 - "
                r"\varepsilon \\ 0 & \text{else} \end{cases}"
            ),
        ),
        domain="(0, 1)",
        codomain="[−13.82, 13.82]",
        monotone=True,
    )
    epsilon: float = option(1e-3, "ε, how near to 0 and 1 the argument may come.", ge=1e-6, le=0.1, log=True)

    def call(self, context: Context) -> Call:
        return Call(LogOdds, self.epsilon)


class LogOdds(torch.nn.Module):
    """ln(x / (1 − x)), with x limited to [ε, 1 − ε]."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.logit(within(x, self.epsilon)).to(x.dtype)


def within(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """x limited to [ε, 1 − ε], in float32 at least: in bfloat16, 1 − ε would be 1."""
    return x.to(torch.promote_types(x.dtype, torch.float32)).clamp(epsilon, 1 - epsilon)
