"""Every schedule is torch's, over the whole training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import pytest
import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from glassnet.engine.catalog import catalog
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.schedules.constant import Constant
from glassnet.engine.items.schedules.cosine import Cosine, WarmRestarts
from glassnet.engine.items.schedules.cyclical import Cyclical, OneCycle
from glassnet.engine.items.schedules.plateau import ReduceOnPlateau
from glassnet.engine.items.schedules.polynomial import Polynomial
from glassnet.engine.items.schedules.step import Exponential, Step
from glassnet.engine.items.schedules.warm_up import WarmUp
from tests.engine.experiments import refused

PER_EPOCH, STEPS = 7, 70

MODES: tuple[Literal["triangular", "triangular2", "exp_range"], ...] = (
    "triangular",
    "triangular2",
    "exp_range",
)

Make = Callable[[torch.optim.Optimizer], LRScheduler]

CASES: list[tuple[Schedule, Make]] = [
    (Constant(), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    (Step(period=3, gamma=0.5), lambda o: lr_scheduler.StepLR(o, step_size=3 * PER_EPOCH, gamma=0.5)),
    (Step(period=1, gamma=0.9), lambda o: lr_scheduler.StepLR(o, step_size=PER_EPOCH, gamma=0.9)),
    (Cosine(), lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=STEPS)),
    (Cosine(end=0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.02)),
    (Polynomial(), lambda o: lr_scheduler.PolynomialLR(o, total_iters=STEPS)),
    (Polynomial(power=0.9), lambda o: lr_scheduler.PolynomialLR(o, total_iters=STEPS, power=0.9)),
    (Exponential(gamma=0.7), lambda o: lr_scheduler.ExponentialLR(o, gamma=0.7 ** (1 / PER_EPOCH))),
    (
        WarmRestarts(first=2, growth=2, end=0.05),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=2 * PER_EPOCH, T_mult=2, eta_min=0.01),
    ),
    (
        WarmRestarts(first=1, growth=1),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=PER_EPOCH, T_mult=1),
    ),
    *[
        (
            Cyclical(mode=mode, base_rate=0.01, max_rate=0.3, step_size=9, gamma=0.97),
            partial(
                lr_scheduler.CyclicLR,
                base_lr=0.01,
                max_lr=0.3,
                step_size_up=9,
                mode=mode,
                gamma=0.97,
                cycle_momentum=False,
            ),
        )
        for mode in MODES
    ],
    (OneCycle(), lambda o: lr_scheduler.OneCycleLR(o, 0.2, total_steps=STEPS, cycle_momentum=False)),
    (
        OneCycle(rise=0.45, start_divisor=10, end_divisor=100, shape="linear"),
        lambda o: lr_scheduler.OneCycleLR(
            o,
            0.2,
            total_steps=STEPS,
            pct_start=0.45,
            div_factor=10,
            final_div_factor=100,
            anneal_strategy="linear",
            cycle_momentum=False,
        ),
    ),
    (
        WarmUp(epochs=2, start=0.25, then=Cosine()),
        lambda o: lr_scheduler.SequentialLR(
            o,
            [
                lr_scheduler.LinearLR(o, start_factor=0.25, total_iters=2 * PER_EPOCH),
                lr_scheduler.CosineAnnealingLR(o, T_max=STEPS - 2 * PER_EPOCH),
            ],
            milestones=[2 * PER_EPOCH],
        ),
    ),
    (ReduceOnPlateau(), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),  # of no metric: test_plateau.py
    (WarmUp(epochs=1), lambda o: lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=PER_EPOCH)),
]


def rates(make: Make | None, steps: int) -> list[float]:
    """The rate of each step, starting from 0.2, as torch has it."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    schedule = None if make is None else make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if schedule is not None:
            schedule.step()
    return found


def test_every_schedule_has_its_case() -> None:
    assert {type(item) for item, _ in CASES} == set(catalog(Schedule).values())


@pytest.mark.parametrize(("item", "make"), CASES, ids=lambda case: str(getattr(case, "kind", "")))
def test_rates_equal_torchs(item: Schedule, make: Make) -> None:
    ours = [item.rate(0.2, step, PER_EPOCH, STEPS) for step in range(STEPS)]
    assert ours == pytest.approx(rates(make, STEPS), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("item", [item for item, _ in CASES], ids=lambda item: item.kind)
def test_the_exported_call_gives_the_same_rates_also_beyond_the_end(item: Schedule) -> None:
    call = item.call(PER_EPOCH, STEPS)
    make = None if call is None else lambda o: call.build(optimizer=o)
    ours = [item.rate(0.2, step, PER_EPOCH, STEPS) for step in range(STEPS + 10)]
    assert ours == pytest.approx(rates(make, STEPS + 10), rel=1e-12)


def test_the_amplitude_of_triangular2_halves_and_the_least_rate_stays() -> None:
    item = Cyclical(mode="triangular2", base_rate=0.1, max_rate=0.9, step_size=5)
    peaks = [item.rate(1.0, step, 1, 40) for step in (5, 15, 25)]
    assert peaks == pytest.approx([0.9, 0.5, 0.3])
    assert [item.rate(1.0, step, 1, 40) for step in (0, 10, 20)] == pytest.approx([0.1, 0.1, 0.1])


def test_a_warm_up_ends_where_what_follows_begins() -> None:
    """Also before a schedule that has bounds of its own."""
    item = WarmUp(epochs=2, start=0.0, then=Cyclical(base_rate=0.04, max_rate=0.1, step_size=3))
    found = [item.rate(5.0, step, 2, 20) for step in range(8)]
    assert found == pytest.approx([0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1])


def test_bounds_of_a_cycle_the_wrong_way_round_are_refused_at_the_upper_one() -> None:
    schedule = {"kind": "cyclical", "base_rate": 0.5, "max_rate": 0.1}
    document = {"data": {"kind": "spiral"}, "training": {"updates": [{"schedule": schedule}]}}
    assert refused(Experiment.parse, document) == {
        "/training/updates/0/schedule/max_rate": "max_rate 0.1 is below base_rate 0.5; expected at least that"
    }


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("item", [item for item, _ in CASES], ids=lambda item: item.kind)
def test_every_rate_of_a_very_short_training_is_finite(item: Schedule, steps: int) -> None:
    assert all(0 <= item.rate(0.2, step, 1, steps) <= 0.3 + 1e-9 for step in range(steps + 2))


def test_a_polynomial_is_its_equation_and_level_after_the_end() -> None:
    item = Polynomial(power=2.0, end=0.1)
    expected = [0.2 * (0.1 + 0.9 * max(0.0, 1 - step / STEPS) ** 2) for step in range(STEPS + 5)]
    assert [item.rate(0.2, step, PER_EPOCH, STEPS) for step in range(STEPS + 5)] == pytest.approx(expected)


@pytest.mark.parametrize(("first", "growth"), [(2, 2), (1, 3), (3, 1)])
def test_a_cycle_ends_where_the_rate_is_least_before_a_restart(first: int, growth: int) -> None:
    item = WarmUp(epochs=2, then=WarmRestarts(first=first, growth=growth))
    found = [item.rate(0.2, step, PER_EPOCH, 500) for step in range(500)]
    restarts = [step for step in range(2 * PER_EPOCH + 1, 500) if found[step] > found[step - 1]]
    ended = {step: item.cycle_ended(step, PER_EPOCH) for step in range(500)}
    assert [step for step, cycle in ended.items() if cycle] == restarts
    assert [cycle for cycle in ended.values() if cycle] == list(range(1, len(restarts) + 1))


@pytest.mark.parametrize("kind", catalog(Schedule))
def test_a_warm_up_comes_before_any_schedule(kind: str) -> None:
    then = catalog(Schedule)[kind].model_validate({"kind": kind})
    whole = WarmUp(epochs=2, start=0.5, then=then)
    found = [whole.rate(0.2, step, PER_EPOCH, STEPS) for step in range(STEPS)]
    rise, first = 2 * PER_EPOCH, then.rate(0.2, 0, PER_EPOCH, STEPS - 2 * PER_EPOCH)
    if kind != "warm_up":
        assert found[:rise] == pytest.approx([first * (0.5 + 0.5 * step / rise) for step in range(rise)])
    later = [then.rate(0.2, step, PER_EPOCH, STEPS - rise) for step in range(STEPS - rise)]
    assert found[rise:] == pytest.approx(later)
