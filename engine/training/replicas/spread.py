"""The spread of a number over replicas: the least, the median and the greatest."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from glassnet.engine.experiment.recorded import HIGH, LOW, MEDIAN


def with_spread(of_replicas: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Each number of replica 0 by name, and beside it NAME.low, NAME.median and NAME.high, if there are more.

    Replicas that have diverged, whose numbers are not finite, are left out; NaN where all have.
    """
    row: dict[str, float] = {}
    for name, values in of_replicas.items():
        if len(values) == 1:
            row[name] = values[0]
            continue
        finite = sorted(value for value in values if math.isfinite(value)) or [math.nan]
        row |= {
            name: values[0],
            name + LOW: finite[0],
            name + MEDIAN: statistics.median(finite),
            name + HIGH: finite[-1],
        }
    return row


def of_replica(means: Mapping[str, Sequence[float]], index: int = 0) -> dict[str, float]:
    """The numbers of the one training, or of a replica, by name."""
    return {name: values[index] for name, values in means.items()}
