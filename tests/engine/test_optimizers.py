"""Every optimizer is torch's: one update, and twenty, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from engine.catalog import catalog
from engine.groups import Group
from engine.optimizers import Optimizer
from engine.optimizers.adam import Adam
from engine.optimizers.rmsprop import RMSprop
from engine.optimizers.sgd import SGD
from engine.schedules.constant import Constant
from engine.schedules.step import Step

Make = Callable[[list[nn.Parameter]], torch.optim.Optimizer]

CASES: list[tuple[Optimizer, Make]] = [
    (SGD(learning_rate=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    (SGD(learning_rate=0.1, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    (
        SGD(learning_rate=0.03, momentum=0.7, nesterov=True),
        lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.7, nesterov=True),
    ),
    (RMSprop(learning_rate=0.01), lambda p: torch.optim.RMSprop(p, lr=0.01)),
    (
        RMSprop(learning_rate=0.02, alpha=0.8, epsilon=1e-4, momentum=0.5),
        lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.8, eps=1e-4, momentum=0.5),
    ),
    (Adam(learning_rate=0.01), lambda p: torch.optim.Adam(p, lr=0.01)),
    (
        Adam(learning_rate=0.05, beta1=0.5, beta2=0.9, epsilon=1e-3),
        lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.5, 0.9), eps=1e-3),
    ),
]

SHAPES = {"a.weight": (5, 3), "a.bias": (5,), "b.weight": (2, 3, 3, 3), "c.weight": ()}


def parameters(dtype: torch.dtype = torch.float64) -> dict[str, nn.Parameter]:
    draw = torch.Generator().manual_seed(0)
    return {
        name: nn.Parameter(torch.randn(shape, generator=draw, dtype=torch.float64).to(dtype))
        for name, shape in SHAPES.items()
    }


def test_every_optimizer_has_its_case() -> None:
    assert {type(item) for item, _ in CASES} == set(catalog(Optimizer).values())


@pytest.mark.parametrize(("item", "make"), CASES, ids=lambda case: str(getattr(case, "kind", "")))
@pytest.mark.parametrize("updates", [1, 20])
def test_updates_equal_torchs(item: Optimizer, make: Make, updates: int) -> None:
    group = Group(parameters(), item, Constant(), every=1)
    theirs = parameters()
    optimizer = make(list(theirs.values()))
    draw = torch.Generator().manual_seed(1)
    for _ in range(updates):
        for name, gradient in zip(group.names, group.gradients, strict=True):
            drawn = torch.randn(gradient.shape, generator=draw, dtype=torch.float64)
            gradient.copy_(drawn)
            theirs[name].grad = drawn.clone()
        with torch.no_grad():
            group.update(0, steps_per_epoch=10, steps=100)
        optimizer.step()
    for name, parameter in zip(group.names, group.parameters, strict=True):
        torch.testing.assert_close(parameter, theirs[name], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("item", "make"), CASES, ids=lambda case: str(getattr(case, "kind", "")))
def test_the_exported_call_is_that_optimizer_of_torch(item: Optimizer, make: Make) -> None:
    values = list(parameters().values())
    theirs, ours = make(values), item.call().build(parameters=values)
    assert type(ours) is type(theirs)

    def options(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        return {k: v for k, v in optimizer.param_groups[0].items() if k != "params"}

    assert options(ours) == options(theirs)


def test_nesterov_without_momentum_is_plain_sgd() -> None:
    """torch refuses that; here the two options are independent, and there is nothing to look ahead to."""
    group = Group(parameters(), SGD(learning_rate=0.5, nesterov=True), Constant(), every=1)
    start = group.flat.clone()
    group.gradient.fill_(2.0)
    with torch.no_grad():
        group.update(0, 10, 100)
    torch.testing.assert_close(group.flat, start - 1.0)
    assert SGD(nesterov=True).call().build(parameters=list(parameters().values())).defaults["momentum"] == 0


def test_a_group_lays_its_parameters_out_as_aligned_views_of_one_tensor() -> None:
    before = {name: p.detach().clone() for name, p in parameters(torch.float32).items()}
    group = Group(parameters(torch.float32), Adam(), Constant(), every=1)
    for name, parameter in zip(group.names, group.parameters, strict=True):
        assert torch.equal(parameter, before[name])
        assert parameter.untyped_storage().data_ptr() == group.flat.untyped_storage().data_ptr()
        assert parameter.storage_offset() * parameter.element_size() % 64 == 0
    group.flat.zero_()
    assert all(not parameter.any() for parameter in group.parameters)


def test_the_schedules_factor_is_on_the_rate() -> None:
    group = Group(parameters(), SGD(learning_rate=0.5), Step(period=1, gamma=0.5), every=1)
    rates = []
    for step in range(5):
        with torch.no_grad():
            group.update(step, steps_per_epoch=2, steps=10)
        rates.append(float(group.rate))
    assert rates == [0.5, 0.5, 0.25, 0.25, 0.125]
