"""Every optimizer is torch's: one update, and twenty, in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

from glassnet.engine.catalog import catalog
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.adagrad import Adadelta, Adagrad
from glassnet.engine.items.optimizers.adam import Adam, AdaMax, AdamW, NAdam
from glassnet.engine.items.optimizers.rmsprop import RMSprop
from glassnet.engine.items.optimizers.sgd import NAG, SGD, Momentum
from glassnet.engine.items.schedules.constant import Constant
from glassnet.engine.items.schedules.step import Step
from glassnet.engine.training.parameter_groups import ParameterGroup

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
    (AdamW(learning_rate=0.05), lambda p: torch.optim.AdamW(p, lr=0.05)),
    (
        AdamW(learning_rate=0.1, beta1=0.6, weight_decay=0.3),
        lambda p: torch.optim.AdamW(p, lr=0.1, betas=(0.6, 0.999), weight_decay=0.3),
    ),
    (AdaMax(learning_rate=0.02), lambda p: torch.optim.Adamax(p, lr=0.02)),
    (
        AdaMax(beta1=0.5, beta2=0.7, epsilon=1e-2),
        lambda p: torch.optim.Adamax(p, lr=0.01, betas=(0.5, 0.7), eps=1e-2),
    ),
    (NAdam(learning_rate=0.02), lambda p: torch.optim.NAdam(p, lr=0.02)),
    (
        NAdam(beta1=0.7, beta2=0.8, momentum_decay=0.1),
        lambda p: torch.optim.NAdam(p, lr=0.01, betas=(0.7, 0.8), momentum_decay=0.1),
    ),
    (Adagrad(learning_rate=0.5), lambda p: torch.optim.Adagrad(p, lr=0.5)),
    (Adagrad(epsilon=1e-2), lambda p: torch.optim.Adagrad(p, lr=0.01, eps=1e-2)),
    (Adadelta(), lambda p: torch.optim.Adadelta(p, lr=1.0)),
    (
        Adadelta(learning_rate=0.5, rho=0.6, epsilon=1e-3),
        lambda p: torch.optim.Adadelta(p, lr=0.5, rho=0.6, eps=1e-3),
    ),
]

Path = list[torch.Tensor]


def momentum_as_published(start: torch.Tensor, gradients: Path, rate: float, beta: float) -> Path:
    """v ← βv + (1 − β)g;  θ ← θ − ηv."""
    place, v, path = start, torch.zeros_like(start), []
    for g in gradients:
        v = beta * v + (1 - beta) * g
        place = place - rate * v
        path.append(place)
    return path


def adagrad_as_written(start: torch.Tensor, gradients: Path, rate: float, epsilon: float) -> Path:
    """s ← s + g²;  θ ← θ − ηg / √(s + ε)."""
    place, s, path = start, torch.zeros_like(start), []
    for g in gradients:
        s = s + g**2
        place = place - rate * g / torch.sqrt(s + epsilon)
        path.append(place)
    return path


#: Those that torch does not have, with their equations.
PUBLISHED: list[tuple[Optimizer, Callable[[torch.Tensor, Path], Path]]] = [
    (
        Momentum(learning_rate=0.1, beta=0.8),
        lambda start, gradients: momentum_as_published(start, gradients, 0.1, 0.8),
    ),
    (
        Adagrad(learning_rate=0.3, epsilon=1e-2, place="inside"),
        lambda start, gradients: adagrad_as_written(start, gradients, 0.3, 1e-2),
    ),
]

SHAPES = {"a.weight": (5, 3), "a.bias": (5,), "b.weight": (2, 3, 3, 3), "c.weight": ()}


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    """torch keeps numbers of its own, NAdam's product of momenta, in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def parameters(dtype: torch.dtype = torch.float64) -> dict[str, nn.Parameter]:
    draw = torch.Generator().manual_seed(0)
    return {
        name: nn.Parameter(torch.randn(shape, generator=draw, dtype=torch.float64).to(dtype))
        for name, shape in SHAPES.items()
    }


def test_every_optimizer_has_its_case() -> None:
    published = {type(item) for item, _ in PUBLISHED}
    assert {type(item) for item, _ in CASES} | published | {NAG} == set(catalog(Optimizer).values())


@pytest.mark.parametrize(("item", "make"), CASES, ids=lambda case: str(getattr(case, "kind", "")))
@pytest.mark.parametrize("updates", [1, 20])
def test_updates_equal_torchs(item: Optimizer, make: Make, updates: int) -> None:
    group = ParameterGroup(parameters(), item, Constant(), every=1)
    theirs = parameters()
    optimizer = make(list(theirs.values()))
    draw = torch.Generator().manual_seed(1)
    for _ in range(updates):
        for name, gradient in zip(group.names, group.gradients, strict=True):
            drawn = torch.randn(gradient.shape, generator=draw, dtype=torch.float64)
            gradient.copy_(drawn)
            theirs[name].grad = drawn.clone()
        with torch.no_grad():
            group.tune(1, steps_per_epoch=10, steps=100)
            group.move()
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


@pytest.mark.parametrize(("item", "equation"), PUBLISHED, ids=lambda case: str(getattr(case, "kind", "")))
def test_updates_equal_the_published_equation(
    item: Optimizer, equation: Callable[[torch.Tensor, Path], Path]
) -> None:
    draw = torch.Generator().manual_seed(2)
    start = torch.randn(6, generator=draw, dtype=torch.float64)
    gradients = [torch.randn(6, generator=draw, dtype=torch.float64) for _ in range(20)]
    group = ParameterGroup({"w": nn.Parameter(start.clone())}, item, Constant(), every=1)
    exported = nn.Parameter(start.clone())
    optimizer = item.call().build(parameters=[exported])
    for gradient, expected in zip(gradients, equation(start, gradients), strict=True):
        group.gradients[0].copy_(gradient)
        exported.grad = gradient.clone()
        with torch.no_grad():
            group.tune(1, steps_per_epoch=10, steps=100)
            group.move()
        optimizer.step()
        torch.testing.assert_close(group.parameters[0].detach(), expected, rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(exported.detach(), expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("item", [item for item, _ in PUBLISHED] + [NAG()], ids=lambda item: str(item.kind))
def test_exported_optimizers_take_a_closure_as_torchs_do(item: Optimizer) -> None:
    """It is called before the step, with gradients on, and its loss is handed back."""
    weight, still = nn.Parameter(torch.tensor(2.0)), nn.Parameter(torch.tensor(5.0))
    optimizer = item.call().build(parameters=[weight, still])

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = weight.square()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    assert optimizer.step(closure).item() == 4.0
    assert weight.item() < 2.0
    assert still.item() == 5.0, "without a gradient nothing moves"


def test_nag_is_the_published_one_also_while_the_rate_falls() -> None:
    """V ← βV + η∇J(θ − βV);  θ ← θ − V, on J(θ) = Σ θ⁴: where the gradient is taken matters."""
    item = NAG(learning_rate=0.02, beta=0.8)
    start = torch.tensor([1.0, -0.7, 0.3], dtype=torch.float64)
    group = ParameterGroup({"w": nn.Parameter(start.clone())}, item, Step(period=1, gamma=0.5), every=1)
    exported = nn.Parameter(start.clone())
    optimizer = item.call().build(parameters=[exported])
    theta, v = start.clone(), torch.zeros_like(start)
    for step in range(20):
        rate = 0.02 * 0.5 ** (step // 10)
        v = 0.8 * v + rate * 4 * (theta - 0.8 * v) ** 3
        theta = theta - v
        group.gradients[0].copy_(4 * group.parameters[0].detach() ** 3)
        exported.grad = 4 * exported.detach() ** 3
        optimizer.param_groups[0]["lr"] = rate
        with torch.no_grad():
            group.tune(step + 1, steps_per_epoch=10, steps=20)
            group.move()
            found = item.position(group.flat, group.slots)[:3]
        optimizer.step()
        torch.testing.assert_close(found, theta, rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(exported.detach(), group.parameters[0].detach(), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(
    "item", [item() for item in catalog(Optimizer).values()], ids=lambda item: str(item.kind)
)
def test_replicas_with_rates_and_inertias_of_their_own_are_those_runs(item: Optimizer) -> None:
    """The very same update, with the replicas as a leading axis."""
    rates, inertias = [0.1, 0.02], [0.5, 0.9]
    inertia = item.inertia
    draw = torch.Generator().manual_seed(3)
    start = torch.randn(2, 3, generator=draw, dtype=torch.float64)
    gradients = [torch.randn(2, 3, generator=draw, dtype=torch.float64) for _ in range(5)]

    def run(item: Optimizer, place: torch.Tensor, rate: torch.Tensor, rows: slice) -> torch.Tensor:
        place = place.clone()
        state = {name: torch.zeros_like(place) for name in item.slots}
        state |= {name: torch.zeros_like(rate) for name in item.scalars}
        for count, gradient in enumerate(gradients, 1):
            number = torch.tensor(float(count), dtype=torch.float64)
            item.update(place, gradient[rows].clone(), state, rate, number)
        return place

    column = {inertia: torch.tensor(inertias, dtype=torch.float64)[:, None]} if inertia else {}
    together = run(
        item.model_copy(update=column), start, torch.tensor(rates, dtype=torch.float64)[:, None], slice(0, 2)
    )
    for row in range(2):
        own = item.model_copy(update={inertia: inertias[row]} if inertia else {})
        rate = torch.tensor(rates[row], dtype=torch.float64)
        alone = run(own, start[row : row + 1], rate, slice(row, row + 1))
        torch.testing.assert_close(together[row], alone[0], rtol=1e-13, atol=1e-13)


def test_no_step_of_adamax_is_much_longer_than_the_rate() -> None:
    item = AdaMax(learning_rate=0.1)
    group = ParameterGroup(parameters(), item, Constant(), every=1)
    draw = torch.Generator().manual_seed(4)
    for _ in range(50):
        before = group.flat.clone()
        group.gradient.copy_(torch.randn(group.flat.shape, generator=draw, dtype=torch.float64) ** 3)
        with torch.no_grad():
            group.tune(1, 10, 100)
            group.move()
        assert float((group.flat - before).abs().max()) <= 0.1 * (1 + 1e-9)


def test_nesterov_without_momentum_is_plain_sgd() -> None:
    """torch refuses that; here the two options are independent, and there is nothing to look ahead to."""
    group = ParameterGroup(parameters(), SGD(learning_rate=0.5, nesterov=True), Constant(), every=1)
    start = group.flat.clone()
    group.gradient.fill_(2.0)
    with torch.no_grad():
        group.tune(1, 10, 100)
        group.move()
    torch.testing.assert_close(group.flat, start - 1.0)
    assert SGD(nesterov=True).call().build(parameters=list(parameters().values())).defaults["momentum"] == 0


def test_a_group_lays_its_parameters_out_as_aligned_views_of_one_tensor() -> None:
    before = {name: p.detach().clone() for name, p in parameters(torch.float32).items()}
    group = ParameterGroup(parameters(torch.float32), Adam(), Constant(), every=1)
    for name, parameter in zip(group.names, group.parameters, strict=True):
        assert torch.equal(parameter, before[name])
        assert parameter.untyped_storage().data_ptr() == group.flat.untyped_storage().data_ptr()
        assert parameter.storage_offset() * parameter.element_size() % 64 == 0
    group.flat.zero_()
    assert all(not parameter.any() for parameter in group.parameters)


def test_the_schedules_factor_is_on_the_rate() -> None:
    group = ParameterGroup(parameters(), SGD(learning_rate=0.5), Step(period=1, gamma=0.5), every=1)
    rates = []
    for step in range(5):
        with torch.no_grad():
            group.tune(step + 1, steps_per_epoch=2, steps=10)
            group.move()
        rates.append(float(group.rate))
    assert rates == [0.5, 0.5, 0.25, 0.25, 0.125]
