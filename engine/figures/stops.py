"""Stops: a metric that falls and rises again, and the step at which the rule ends the training."""

from __future__ import annotations

import math

from glassnet.engine.figures.figure import Axis, Chart, Figure, Line
from glassnet.engine.items.stops import Stop

#: Readings, the step of each, and the seconds between two.
READINGS, EVERY, SECONDS = 60, 25, 2.0

#: The reading at which the metric is best.
BEST = 20

NOTE = (
    f"The rule reads a metric every {EVERY} steps, which take {SECONDS:g} seconds here. The line ends where "
    "the training ends."
)


def figure(item: Stop) -> Figure:
    """A validation loss up to the step where the rule holds, and what it would have been."""
    metrics = item.metrics().values()
    rule = item.call(dict.fromkeys(metrics, False)).build()
    end = next((n for n in range(READINGS) if rule(EVERY * n, SECONDS * n, _row(metrics, n))), READINGS - 1)
    steps = [float(EVERY * reading) for reading in range(READINGS)]
    values = [_metric(reading) for reading in range(READINGS)]
    lines = (
        Line("", steps[: end + 1], values[: end + 1]),
        Line("without it", steps[end:], values[end:]),
    )
    return Figure((Chart("Where it ends", Axis("step"), Axis("metric"), lines),), NOTE)


def _row(metrics: object, reading: int) -> dict[str, float]:
    assert hasattr(metrics, "__iter__")
    return {name: _metric(reading) for name in metrics}


def _metric(reading: int) -> float:
    """A loss on samples that are not trained on: it falls, and rises when the network overfits."""
    return 0.35 + 0.65 * math.exp(-reading / 7) + 0.0002 * max(0, reading - BEST) ** 2
