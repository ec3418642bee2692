"""Steps down."""

from __future__ import annotations

from typing import Literal

from engine.call import Call, Name
from engine.catalog import option
from engine.schedules import Schedule


class Step(Schedule):
    """Step: the rate is multiplied by a factor every so many epochs, η = η₀ · γ^⌊epoch / period⌋."""

    kind: Literal["step"] = "step"
    period: int = option(30, "Epochs between two steps.", unit="epochs", ge=1, le=10**6, live=True)
    gamma: float = option(0.1, "γ, the factor of each step.", gt=0, le=1, live=True)

    def factor(self, step: int, steps_per_epoch: int, steps: int) -> float:
        return float(self.gamma ** (step // (self.period * steps_per_epoch)))

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return Call(
            "torch.optim.lr_scheduler.StepLR",
            Name("optimizer"),
            step_size=self.period * steps_per_epoch,
            gamma=self.gamma,
        )
