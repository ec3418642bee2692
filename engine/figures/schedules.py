"""Schedules: the rate over the steps of a training; of one that follows a metric, the metric too."""

from __future__ import annotations

from glassnet.engine.figures.figure import Axis, Chart, Figure, Line
from glassnet.engine.items.schedules import Schedule

#: Steps of an epoch, epochs, and the optimizer's own rate.
STEPS_PER_EPOCH, EPOCHS, RATE = 25, 40, 0.01
STEPS = STEPS_PER_EPOCH * EPOCHS

NOTE = f"{EPOCHS} epochs of {STEPS_PER_EPOCH} steps, with η₀ = {RATE}; the rate of each step, as it trains."

#: The metric that is followed: it falls, and stops falling after so many epochs.
STILL_AFTER = 8
FALL = 4.0


def figure(item: Schedule) -> Figure:
    """The rate of every step, on an even and on a logarithmic scale."""
    rates = _rates(item)
    steps = [float(step) for step in range(STEPS)]
    line = (Line("", steps, rates),)
    parts = [
        Chart("Rate", Axis("step"), Axis("η"), line),
        Chart("Rate, logarithmic", Axis("step"), Axis("η", log=True), line),
    ]
    if item.plateau(STEPS_PER_EPOCH) is not None:
        followed = Line("a metric", steps, [_metric(step // STEPS_PER_EPOCH) for step in range(STEPS)])
        parts.append(Chart("The metric that it follows", Axis("step"), Axis("metric"), (followed,)))
    return Figure(tuple(parts), NOTE)


def _rates(item: Schedule) -> list[float]:
    rates = [item.rate(RATE, step, STEPS_PER_EPOCH, STEPS) for step in range(STEPS)]
    following, rule = item.follows(STEPS_PER_EPOCH), item.plateau(STEPS_PER_EPOCH)
    if following is None or rule is None:
        return rates
    numbers = rule.start()
    for step in range(STEPS):
        if step % STEPS_PER_EPOCH == 0 and step > following.delay:
            value = _metric(step // STEPS_PER_EPOCH - 1)
            numbers = rule.after(numbers, value if rule.falls else -value)
        rates[step] = rule.rate(rates[step], numbers)
    return rates


def _metric(epoch: int) -> float:
    """A loss at the end of an epoch."""
    return 1 / (1 + min(epoch, STILL_AFTER) / FALL)
