"""Inverses of distribution functions, defined between 0 and 1."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Probit(Activation):
    """Probit: the quantile of the normal distribution, the inverse of Φ.

    It is defined for 0 < x < 1 alone: what arrives is limited to [ε, 1 − ε], and beyond it the gradient is 0.
    Put it behind something between 0 and 1, such as a sigmoid or a batch norm with a small scale. φ is the
    normal density. Bliss 1934.
    """

    kind: Literal["probit"] = "probit"
    of_probabilities: ClassVar[bool] = True
    formula: ClassVar[str] = "f(x) = Φ⁻¹(min(max(x, ε), 1 − ε))"
    derivative: ClassVar[str] = "f′(x) = 1 / φ(f(x)) for ε < x < 1 − ε, else 0"
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
