"""Activations against their published formulas and derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.elu import ELU
from glassnet.engine.items.activations.gelu import GELU
from glassnet.engine.items.activations.relu import LeakyReLU, ReLU
from glassnet.engine.items.activations.sigmoid import Sigmoid
from glassnet.engine.items.activations.silu import SiLU
from glassnet.engine.items.activations.softmax import Softmax
from glassnet.engine.items.activations.softplus import Softplus
from glassnet.engine.items.activations.tanh import Tanh
from glassnet.engine.items.node import Context

X = torch.linspace(-4, 4, 81, dtype=torch.float64)[:, None] + 0.013  # no corner among them


def logistic(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def normal(x: Tensor) -> Tensor:
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def density(x: Tensor) -> Tensor:
    return torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


Rule = Callable[[Tensor], Tensor]

#: Formula and derivative as the item's own lines say them.
PUBLISHED: list[tuple[Activation, Rule, Rule]] = [
    (ReLU(), lambda x: x.clamp(min=0), lambda x: (x > 0).double()),
    (LeakyReLU(slope=0.1), lambda x: torch.where(x >= 0, x, 0.1 * x), lambda x: torch.where(x > 0, 1.0, 0.1)),
    (
        ELU(alpha=1.5),
        lambda x: torch.where(x > 0, x, 1.5 * (torch.exp(x) - 1)),
        lambda x: torch.where(x > 0, 1.0, 1.5 * (torch.exp(x) - 1) + 1.5),
    ),
    (GELU(), lambda x: x * normal(x), lambda x: normal(x) + x * density(x)),
    (Softplus(), lambda x: torch.log(1 + torch.exp(x)), logistic),
    (Sigmoid(), logistic, lambda x: logistic(x) * (1 - logistic(x))),
    (SiLU(), lambda x: x * logistic(x), lambda x: x * logistic(x) + logistic(x) * (1 - x * logistic(x))),
    (Tanh(), torch.tanh, lambda x: 1 - torch.tanh(x) ** 2),
]


def built(item: Activation) -> Rule:
    module: Rule = item.call(Context(((1,),), None, lambda nodes: (1,))).build(dropout=None)
    return module


@pytest.mark.parametrize(
    ("item", "formula", "slope"), PUBLISHED, ids=lambda value: getattr(value, "kind", "")
)
def test_function_and_slope_are_the_published_ones(item: Activation, formula: Rule, slope: Rule) -> None:
    x = X.clone().requires_grad_(True)
    y = built(item)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(y.detach(), formula(X))
    torch.testing.assert_close(gradient, slope(X).to(torch.float64))


def test_softmax_gives_shares_of_units_or_channels() -> None:
    x = torch.randn(3, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = built(Softmax())(x)
    torch.testing.assert_close(y, torch.exp(x) / torch.exp(x).sum(1, keepdim=True))
    row = x[0, :, 0]
    f = torch.softmax(row, 0)
    jacobian = torch.func.jacrev(lambda z: built(Softmax())(z[None])[0])(row)
    torch.testing.assert_close(jacobian, torch.diag(f) - torch.outer(f, f))
