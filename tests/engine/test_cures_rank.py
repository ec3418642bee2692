"""The rank of cures agrees with a plain loop over the engine that trains each of them on ten seeds.

The samples are the run's own for all seeds, as in the study: which cure helps thirty points depends most on
which thirty they are. Early stopping does nothing for those of `18-few-points`, whose few
validation points are easy, and comes first where they are drawn anew.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from glassnet.engine.data.load import Data
from glassnet.engine.diagnosis.finding import Trouble
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies.cures import MEASURES, Cures
from glassnet.engine.training.trainer import Trainer

#: Prepared troubles: an example, what is wrong with it, and the steps of each training.
TROUBLES: list[tuple[str, Trouble, int]] = [
    ("28-digits-eight-sigmoids", "vanishing", 220),
    ("16-rate-too-high", "exploding", 300),
    ("29-digits-dead-relus", "dead_units", 110),
    ("17-all-zero", "stalled", 500),
    ("18-few-points", "overfitting", 450),
]

SEEDS = 10


def trained(experiment: Experiment, data: Data, steps: int, measure: str) -> float:
    """The loss of a training from its own start; infinite where it diverges. Its stops end it."""
    trainer = Trainer(experiment, data=data)
    best: dict[str, Any] | None = None
    try:
        while trainer.steps_taken < steps:
            trainer.step()
            step = trainer.steps_taken
            if step % trainer.steps_per_epoch or not trainer.stopping.applied:
                continue
            held = trainer.stopping.read(step, trainer.evaluate(), evaluated=True, epoch_ends=True)
            if step in trainer.stopping.best_steps():
                best = trainer.state()
            if held is not None and best is not None:
                trainer.load(best)
                break
        return trainer.evaluate()[measure]
    except Diverged:
        return float("inf")


def kendall(one: list[float], other: list[float]) -> float:
    """Kendall's τ-a of two lists of losses; equal losses agree with nothing."""
    pairs = list(combinations(range(len(one)), 2))
    signs = [_sign(one[a], one[b]) * _sign(other[a], other[b]) for a, b in pairs]
    return sum(signs) / len(pairs)


def _sign(a: float, b: float) -> int:
    return (a > b) - (a < b)


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("name", "trouble", "steps"), TROUBLES, ids=str)
def test_the_rank_agrees_with_ten_seeds_trained_plainly(name: str, trouble: Trouble, steps: int) -> None:
    experiment = Experiment.parse(Path(f"app/presets/{name}.json").read_text())
    study = Cures(trouble=trouble, steps=steps)
    *_, last = study.compute(Trainer(experiment))
    ranks = last.arrays["rank"].tolist()
    patches = [cure.patch for cure in study.chosen(experiment)]
    measure = MEASURES[int(last.arrays["measure"])]
    cured = [apply_patch(experiment, list(patch)) for patch in ([], *patches)]
    samples = [Trainer(each).data for each in cured]
    losses = [
        median(
            trained(each.model_copy(update={"seed": seed}), data, steps, measure)
            for seed in range(100, 100 + SEEDS)
        )
        for each, data in zip(cured, samples, strict=True)
    ]
    tau = kendall(ranks, losses)
    assert tau >= 0.6, (tau, ranks, losses)
