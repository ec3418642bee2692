"""A slow start before another schedule."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from glassnet.engine.catalog import Choice, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.schedules.constant import Constant


class WarmUp(Schedule):
    """Warm-up: the rate rises in a straight line, then another schedule begins.

    With w steps of warm-up, from a share a. Goyal et al. 2017, section 2.2: large batches need it, and
    so does Adam, whose first steps rest on few gradients.
    """

    kind: Literal["warm_up"] = "warm_up"
    formula: ClassVar[str] = "η = η_then(0) · (a + (1 − a) t / w) for t < w, then η_then(t − w)"
    epochs: int = option(5, "The length of the rise.", unit="epochs", ge=1, le=10**6, live=True)
    start: float = option(0.1, "a, the share of the rate at the start.", ge=0, le=1, live=True)
    then: Annotated[Schedule, Choice(Schedule)] = option(Constant(), "The schedule that follows.")

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        rise = self.epochs * steps_per_epoch
        then = self.then.curve(steps_per_epoch, max(1, steps - rise))
        return Call(Rise, rise, self.start, then)


class Rise:
    """From a share of the other curve's first rate up to it in a straight line, then that curve."""

    def __init__(self, steps: int, start: float, then: Any) -> None:
        self.steps, self.start, self.then = steps, start, then

    def __call__(self, initial: float, step: int) -> float:
        if step >= self.steps:
            return float(self.then(initial, step - self.steps))
        return float(self.then(initial, 0) * (self.start + (1 - self.start) * step / self.steps))
