"""Activations against their published formulas and derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import Tensor

from glassnet.engine.catalog import catalog
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.elu import ELU, SELU
from glassnet.engine.items.activations.even import (
    Absolute,
    CosineWave,
    Gaussian,
    InverseMultiquadric,
    Multiquadric,
)
from glassnet.engine.items.activations.gelu import GELU
from glassnet.engine.items.activations.identity import Identity
from glassnet.engine.items.activations.maxout import Maxout
from glassnet.engine.items.activations.quantile import Logit, Probit
from glassnet.engine.items.activations.relu import LeakyReLU, PReLU, ReLU, ReLU6
from glassnet.engine.items.activations.sigmoid import Sigmoid
from glassnet.engine.items.activations.silu import HardSwish, Mish, SiLU
from glassnet.engine.items.activations.softmax import LogSoftmax, Softmax
from glassnet.engine.items.activations.softplus import Softplus
from glassnet.engine.items.activations.squashing import Arctan, Softsign
from glassnet.engine.items.activations.tanh import HardTanh, LeCunTanh, Tanh
from glassnet.engine.items.activations.threshold import BinaryStep, PiecewiseLinear
from glassnet.engine.items.node import Context

X = torch.linspace(-4, 4, 81, dtype=torch.float64)[:, None] + 0.013  # no corner among them


def logistic(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def normal(x: Tensor) -> Tensor:
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def density(x: Tensor) -> Tensor:
    return torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


#: Klambauer et al. 2017, section "Self-normalizing": to machine precision.
LAMBDA, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

#: 0.3 as PReLU's parameter, which is a float32 until its network is float64.
SINGLE = float(torch.tensor(0.3))


def softplus(x: Tensor) -> Tensor:
    return torch.log(1 + torch.exp(x))


def slope_of_mish(x: Tensor) -> Tensor:
    return torch.tanh(softplus(x)) + x * logistic(x) * (1 - torch.tanh(softplus(x)) ** 2)


def of_scipy(function: Callable[..., Any], x: Tensor) -> Tensor:
    return torch.from_numpy(function(x.numpy()))


def np_interp(x: Tensor, at: list[float], to: list[float]) -> Tensor:
    return torch.from_numpy(np.interp(x.numpy(), at, to))


def inside(x: Tensor) -> Tensor:
    return ((x > 0.01) & (x < 0.99)).double()


Rule = Callable[[Tensor], Tensor]

#: Formula and derivative as the item's own lines say them.
PUBLISHED: list[tuple[Activation, Rule, Rule]] = [
    (ReLU(), lambda x: x.clamp(min=0), lambda x: (x > 0).double()),
    (
        LeakyReLU(slope=0.1),
        lambda x: torch.where(x >= 0, x, 0.1 * x),
        lambda x: torch.where(x > 0, 1.0, torch.full_like(x, 0.1)),
    ),
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
    (Identity(), lambda x: x, torch.ones_like),
    (BinaryStep(), lambda x: (x >= 0).double(), torch.zeros_like),
    (
        PiecewiseLinear(low=-1.0, high=3.0),
        lambda x: np_interp(x, [-1.0, 3.0], [0.0, 1.0]),
        lambda x: torch.where((x > -1) & (x < 3), 0.25, 0.0),
    ),
    (Arctan(), torch.atan, lambda x: 1 / (1 + x**2)),
    (Softsign(), lambda x: x / (1 + x.abs()), lambda x: 1 / (1 + x.abs()) ** 2),
    (Absolute(), lambda x: torch.sqrt(x * x), torch.sign),
    (CosineWave(), lambda x: torch.sin(x + math.pi / 2), lambda x: -torch.sin(x)),
    (Gaussian(), lambda x: torch.exp(-(x**2)), lambda x: -2 * x * torch.exp(-(x**2))),
    (
        Multiquadric(c=0.5),
        lambda x: torch.hypot(x, torch.tensor(0.5)),
        lambda x: x / torch.hypot(x, torch.tensor(0.5)),
    ),
    (
        InverseMultiquadric(c=0.5),
        lambda x: 1 / torch.hypot(x, torch.tensor(0.5)),
        lambda x: -x / (x**2 + 0.25) ** 1.5,
    ),
    (
        Probit(epsilon=0.01),
        lambda x: of_scipy(stats.norm.ppf, x.clamp(0.01, 0.99)),
        lambda x: inside(x) / of_scipy(stats.norm.pdf, of_scipy(stats.norm.ppf, x.clamp(0.01, 0.99))),
    ),
    (
        Logit(epsilon=0.01),
        lambda x: of_scipy(special.logit, x.clamp(0.01, 0.99)),
        lambda x: torch.where(inside(x) > 0, 1 / (x * (1 - x)), 0.0),
    ),
    (HardTanh(), lambda x: x.clamp(-1, 1), lambda x: (x.abs() < 1).double()),
    (
        LeCunTanh(),
        lambda x: 1.7159 * torch.tanh(2 * x / 3),
        lambda x: 1.7159 * 2 / 3 * (1 - torch.tanh(2 * x / 3) ** 2),
    ),
    (
        PReLU(slope=0.3),
        lambda x: torch.where(x >= 0, x, SINGLE * x),
        lambda x: torch.where(x > 0, 1.0, SINGLE),
    ),
    (ReLU6(), lambda x: x.clamp(0, 6), lambda x: ((x > 0) & (x < 6)).double()),
    (
        SELU(),
        lambda x: LAMBDA * torch.where(x > 0, x, ALPHA * (torch.exp(x) - 1)),
        lambda x: LAMBDA * torch.where(x > 0, 1.0, ALPHA * torch.exp(x)),
    ),
    (Mish(), lambda x: x * torch.tanh(softplus(x)), slope_of_mish),
    (
        HardSwish(),
        lambda x: x * (x + 3).clamp(0, 6) / 6,
        lambda x: torch.where(x <= -3, 0.0, torch.where(x >= 3, 1.0, (2 * x + 3) / 6)),
    ),
]

#: Those that mix units, which have a test of their own.
MIXED = {Softmax, LogSoftmax, Maxout}


def built(item: Activation, units: int = 1) -> Rule:
    module: torch.nn.Module = item.call(Context(((units,),), None, lambda nodes: (1,))).build(dropout=None)
    return module.double()


@pytest.mark.parametrize(
    ("item", "formula", "slope"), PUBLISHED, ids=lambda value: getattr(value, "kind", "")
)
def test_function_and_slope_are_the_published_ones(item: Activation, formula: Rule, slope: Rule) -> None:
    x = X.clone().requires_grad_(True)
    y = built(item)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(y.detach(), formula(X), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(gradient, slope(X).to(torch.float64), rtol=1e-10, atol=1e-10)


def test_every_activation_has_its_case() -> None:
    assert {type(item) for item, *_ in PUBLISHED} | MIXED == {
        item for item in catalog(Activation).values() if issubclass(item, Activation)
    }


def test_the_step_is_one_at_zero_and_keeps_what_is_no_number() -> None:
    x = torch.tensor([[-0.0], [0.0], [-1e-30], [math.inf], [-math.inf], [math.nan]])
    assert built(BinaryStep())(x)[:5, 0].tolist() == [1, 1, 0, 1, 0]
    assert built(BinaryStep())(x)[5].isnan()


def test_maxout_chooses_among_consecutive_units_or_channels() -> None:
    x = torch.tensor([[1.0, 4.0, 3.0, -2.0, -5.0, -6.0]])
    module: Any = Maxout(pieces=3).call(Context(((6,),), None, lambda nodes: (6,))).build(dropout=None)
    assert module(x).tolist() == [[4.0, -2.0]]
    assert module(torch.stack([x, 2 * x], dim=2)).shape == (1, 2, 2)
    with pytest.raises(ValueError, match=r"5 units cannot be divided .* expected a multiple of 3"):
        Maxout(pieces=3).call(Context(((5,),), None, lambda nodes: (5,)))


def test_prelu_learns_one_slope_or_one_for_each_unit() -> None:
    for each, slopes in ((False, 1), (True, 6)):
        context = Context(((6, 2, 2),), None, lambda nodes: (6,))
        module: Any = PReLU(each=each).call(context).build(dropout=None)
        assert module.weight.tolist() == [0.25] * slopes
        x = torch.randn(3, 6, 2, 2, generator=torch.Generator().manual_seed(0))
        (slope,) = torch.autograd.grad(module(x).sum(), module.weight)
        expected = x.clamp(max=0).sum((0, 2, 3))
        torch.testing.assert_close(slope, expected if each else expected.sum()[None])


def test_log_softmax_is_exact_where_shares_round_to_zero() -> None:
    x = torch.tensor([[0.0, 1000.0]], dtype=torch.float64)
    assert built(LogSoftmax())(x).tolist() == [[-1000.0, 0.0]]


def test_probit_and_logit_are_finite_whatever_arrives() -> None:
    x = torch.tensor([[-1e30], [0.0], [0.5], [1.0], [1e30]], requires_grad=True)
    for item in (Probit(), Logit()):
        y = built(item)(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        assert y.isfinite().all()
        assert slope.isfinite().all()
        assert (slope[:, 0] > 0).tolist() == [False, False, True, False, False]


def test_softmax_gives_shares_of_units_or_channels() -> None:
    x = torch.randn(3, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = built(Softmax())(x)
    torch.testing.assert_close(y, torch.exp(x) / torch.exp(x).sum(1, keepdim=True))
    row = x[0, :, 0]
    f = torch.softmax(row, 0)
    jacobian = torch.func.jacrev(lambda z: built(Softmax())(z[None])[0])(row)
    torch.testing.assert_close(jacobian, torch.diag(f) - torch.outer(f, f))


@pytest.mark.parametrize("kind", sorted(catalog(Activation)))
def test_bounds_and_flat_ends_are_those_of_the_function(kind: str) -> None:
    item = catalog(Activation)[kind].model_validate({"kind": kind})
    x = torch.linspace(-60, 60, 4802, dtype=torch.float64)[:, None].expand(-1, 2).clone().requires_grad_()
    y = built(item, 2)(x)
    least, greatest = item.bounds() or (-math.inf, math.inf)
    assert least - 1e-3 <= y.min()
    assert y.max() <= greatest + 1e-3
    [slope] = torch.autograd.grad(y.sum(), x, materialize_grads=True)
    below, above = item.flat_ends()
    for flat, end in ((below, 0), (above, -1)):
        assert not flat or slope[end].abs().max() == 0
