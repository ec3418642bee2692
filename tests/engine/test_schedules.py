"""Every schedule is torch's, over the whole training."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from engine.catalog import catalog
from engine.schedules import Schedule
from engine.schedules.constant import Constant
from engine.schedules.cosine import Cosine
from engine.schedules.step import Step

PER_EPOCH, STEPS = 7, 70

Make = Callable[[torch.optim.Optimizer], LRScheduler]

CASES: list[tuple[Schedule, Make]] = [
    (Constant(), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    (Step(period=3, gamma=0.5), lambda o: lr_scheduler.StepLR(o, step_size=3 * PER_EPOCH, gamma=0.5)),
    (Step(period=1, gamma=0.9), lambda o: lr_scheduler.StepLR(o, step_size=PER_EPOCH, gamma=0.9)),
    (Cosine(), lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=STEPS)),
    (Cosine(end=0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.02)),
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
def test_factors_equal_torchs(item: Schedule, make: Make) -> None:
    ours = [0.2 * item.factor(step, PER_EPOCH, STEPS) for step in range(STEPS)]
    assert ours == pytest.approx(rates(make, STEPS), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("item", [item for item, _ in CASES], ids=lambda item: item.kind)
def test_the_exported_call_gives_the_same_rates_also_beyond_the_end(item: Schedule) -> None:
    call = item.call(PER_EPOCH, STEPS)
    make = None if call is None else lambda o: call.build(optimizer=o)
    ours = [0.2 * item.factor(step, PER_EPOCH, STEPS) for step in range(STEPS + 10)]
    assert ours == pytest.approx(rates(make, STEPS + 10), rel=1e-12)
