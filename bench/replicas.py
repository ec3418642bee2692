"""Replicas: many seeds of one small training at once against one after the other, alone and in studies."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest import mock

import torch

from bench.compare import compare
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies import NetworkStudy, lr_range_test, resamples
from glassnet.engine.studies.lr_range_test import LRRangeTest
from glassnet.engine.studies.resamples import Resamples
from glassnet.engine.training.trainer import Trainer

#: Replicas of the playground's network, and steps of all in one go of a contestant.
REPLICAS, STEPS = 1024, 10

#: Steps of the one training beside them, which takes all seeds one after the other.
ALONE = 200


#: Studies that train several networks.
STUDIES: dict[str, NetworkStudy] = {
    "resamples, 10 networks of 300 steps": Resamples(),
    "LR range test, 12 sweeps of 300 steps": LRRangeTest(tries=False),
}


def main() -> Iterator[str]:
    """A line for steps of single trainings a second, and one for each study, with its ratio to the loop."""
    value, ratio = measured("cpu")
    yield f"{REPLICAS:,} replicas of 2-8-8-8-1   {value}   {ratio:.1f}× one at a time"
    for name, study in STUDIES.items():
        value, ratio = studied(study, "cpu")
        yield f"{name}   {value}   {ratio:.2f}× one at a time"


def studied(study: NetworkStudy, device: str) -> tuple[str, float]:
    """Seconds of a study of 2-8-8-8-1, as text, and how many times those of its loop."""
    trainer = Trainer(playground(1), device=device)

    def alone() -> None:
        with (
            mock.patch.object(resamples, "at_once", return_value=1),
            mock.patch.object(lr_range_test, "at_once", return_value=1),
        ):
            _whole(study, trainer)

    result = compare(partial(_whole, study, trainer), alone, rounds=5)
    return f"{statistics.median(result.ours):.2f} s", result.ratio


def _whole(study: NetworkStudy, trainer: Trainer) -> None:
    for _ in study.compute(trainer):
        pass


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
