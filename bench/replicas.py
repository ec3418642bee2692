"""Replicas: many seeds of one small training at once against one after the other."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

from bench.compare import compare
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer

#: Replicas of the playground's network, and steps of all in one go of a contestant.
REPLICAS, STEPS = 1024, 10

#: Steps of the one training beside them, which takes all seeds one after the other.
ALONE = 200


def main() -> Iterator[str]:
    """A line: steps of single trainings a second, and how many times those of one alone."""
    value, ratio = measured("cpu")
    yield f"{REPLICAS:,} replicas of 2-8-8-8-1   {value}   {ratio:.1f}× one at a time"


def measured(device: str, replicas: int = REPLICAS) -> tuple[str, float]:
    """Steps of single trainings a second, as text, and the ratio to those of one training at a time."""
    together = Trainer(playground(replicas), device=device)
    alone = Trainer(playground(1), device=device)
    result = compare(_steps(together, STEPS), _steps(alone, ALONE), rounds=7)
    ours, theirs = (statistics.median(times) for times in (result.ours, result.theirs))
    rate, single = replicas * STEPS / ours, ALONE / theirs
    return f"{rate:,.0f} steps/s, one alone {single:,.0f}", rate / single


def playground(replicas: int) -> Experiment:
    """2-8-8-8-1 on the spiral, batch 10."""
    hidden: list[dict[str, Any]] = []
    for _ in range(3):
        hidden += [{"kind": "linear", "units": 8}, {"kind": "tanh"}]
    return Experiment.parse(
        {
            "data": {"kind": "spiral"},
            "task": {"kind": "classification", "losses": [{"kind": "binary_cross_entropy"}]},
            "network": [*hidden, {"kind": "linear", "units": None}],
            "training": {"batch_size": 10, "epochs": 10**6, "replicas": replicas},
        }
    )


def _steps(trainer: Trainer, count: int) -> Callable[[], object]:
    return partial(_take, trainer, count)


def _take(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        trainer.step()
    if trainer.device != "cpu":
        torch.cuda.synchronize()
