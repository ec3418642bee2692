"""A slow start before another schedule."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem
from glassnet.engine.items.schedules import Following, Schedule, use
from glassnet.engine.items.schedules.constant import Constant


class WarmUp(Schedule):
    """Warm-up: the rate rises in a straight line, then another schedule begins.

    With w steps of warm-up, from a share a. Goyal et al. 2017, section 2.2: large batches need it, and
    so does Adam, whose first steps rest on few gradients. A schedule that follows a metric does so from the
    end of the rise on.
    """

    kind: Literal["warm_up"] = "warm_up"
    formula: ClassVar[str] = "η = η_then(0) · (a + (1 − a) t / w) for t < w, then η_then(t − w)"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The first steps, which rest on random weights and few gradients, do no damage.",),
        cons=("A few epochs of small steps.",),
        use="Before any other schedule, with large batches, with Adam, and for transformers.",
        example=Example(
            "The loss falls slowly at first, then as it would without the warm-up.",
            preset="circle",
        ),
        tex=(
            (
                r"\eta = \begin{cases} \eta_{\text{then}}(0) \left(a + (1 - a) \frac{t}{w}\right) & "
                r"\text{for } t < w \\ \eta_{\text{then}}(t - w) & \text{else} \end{cases}"
            ),
        ),
    )
    epochs: int = option(5, "The length of the rise.", unit="epochs", ge=1, le=10**6, live=True)
    start: float = option(0.1, "a, the share of the rate at the start.", ge=0, le=1, live=True)
    then: Annotated[Schedule, Choice(Schedule)] = option(Constant(), "The schedule that follows.")

    def warning(self, rate: float, epochs: int, steps: int) -> Problem | None:
        left = epochs - self.epochs
        if left > 0:
            inner = self.then.warning(rate, left, steps // epochs * left)
            return None if inner is None else inner.within("/then")
        return Problem(
            "/epochs",
            f"the rate rises for {self.epochs:,} epochs, and there are {epochs:,}: what follows never begins",
            use("/epochs", max(1, epochs // 10), "epochs") if epochs > 1 else None,
        )

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        rise = self.epochs * steps_per_epoch
        then = self.then.curve(steps_per_epoch, max(1, steps - rise))
        return Call(Rise, rise, self.start, then)

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        following, curve = self.follows(steps_per_epoch), self.curve(steps_per_epoch, steps)
        if following is None:
            return super().call(steps_per_epoch, steps)
        return Call(ScheduledByMetric, Name("optimizer"), curve, following.rule, following.delay)

    def cycle_ended(self, step: int, steps_per_epoch: int) -> int:
        rise = self.epochs * steps_per_epoch
        return self.then.cycle_ended(step - rise, steps_per_epoch) if step > rise else 0

    def follows(self, steps_per_epoch: int) -> Following | None:
        inner = self.then.follows(steps_per_epoch)
        if inner is None:
            return None
        delay = inner.delay + self.epochs * steps_per_epoch
        return inner._replace(pointer=f"/then{inner.pointer}", delay=delay)


class Rise:
    """From a share of the other curve's first rate up to it in a straight line, then that curve."""

    def __init__(self, steps: int, start: float, then: Any) -> None:
        self.steps, self.start, self.then = steps, start, then

    def __call__(self, initial: float, step: int) -> float:
        if step >= self.steps:
            return float(self.then(initial, step - self.steps))
        return float(self.then(initial, 0) * (self.start + (1 - self.start) * step / self.steps))


class ScheduledByMetric:
    """A scheduler that sets an optimizer's rate to a curve of the steps, reduced by a metric's course.

    `step()` is called after each update, `observe(metric, steps)` at each epoch's end, of which the first
    `delay` steps do not count.
    """

    def __init__(self, optimizer: Any, curve: Any, rule: Any, delay: int) -> None:
        self.optimizer, self.curve, self.rule, self.delay = optimizer, curve, rule, delay
        self.initial = [group["lr"] for group in optimizer.param_groups]
        self.numbers, self.steps = rule.start(), 0
        self.set_rates()

    def step(self) -> None:
        self.steps += 1
        self.set_rates()

    def observe(self, metric: float, steps: int) -> None:
        if steps > self.delay:
            self.numbers = self.rule.after(self.numbers, metric)
            self.set_rates()

    def set_rates(self) -> None:
        for group, initial in zip(self.optimizer.param_groups, self.initial, strict=True):
            group["lr"] = self.rule.rate(self.curve(initial, self.steps), self.numbers)
