"""First layers of AlexNet and ZFNet under four conditions, five seeds each: what dies, fades and aliases.

No speed: the counts of docs/looking.md, as anybody can have them again.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from glassnet.engine.studies.first_layers import NETWORKS, FirstLayers

SEEDS = range(5)

#: What differs between the conditions; 300 steps of SGD with momentum 0.9 in each.
CONDITIONS: dict[str, dict[str, Any]] = {
    "pixels as they are": {},
    "centred": {"normalize": "center", "learning_rate": 0.01},
    "centred, renormalised": {"normalize": "center", "learning_rate": 0.01, "radius": 0.1},
    "standardised, He": {"normalize": "standardize", "std": None, "learning_rate": 0.01},
}

KEYS = ("strongest", "faint", "aliased", "accuracy")


def main() -> Iterator[str]:
    """A line for each condition and network: counts of each seed; the rest as median and range."""
    for name, options in CONDITIONS.items():
        last = [_last(FirstLayers(seed=seed, **options)) for seed in SEEDS]
        for network in NETWORKS:
            seen = [{key: arrays[f"{network}/{key}"] for key in KEYS} for arrays in last]
            filters = seen[0]["strongest"].numel()
            dead = [int((each["strongest"] <= 0).sum()) for each in seen]
            faint = [int(each["faint"].sum()) for each in seen]
            aliased = [100 * float(each["aliased"].mean()) for each in seen]
            accuracy = [100 * float(each["accuracy"]) for each in seen]
            yield (
                f"{name:<22} {network:<8} of {filters}: dead {_all(dead)}, faint {_all(faint)}, "
                f"aliased {_range(aliased, 1)} %, test accuracy {_range(accuracy, 0)} %"
            )


def _last(study: FirstLayers) -> dict[str, Any]:
    *_, frame = study.compute()
    return frame.arrays


def _all(counts: list[int]) -> str:
    return " ".join(map(str, counts))


def _range(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
