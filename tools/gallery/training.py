"""An example trained for a stated number of steps, and the frames of what it then shows."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

import glassnet
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes.filters import first_layers
from glassnet.engine.training.trainer import Trainer

#: The most steps behind a picture, and about how often losses are measured until then.
MOST_STEPS, MEASURED = 2500, 48

#: The same for pictures larger than a digit, whose steps take long.
MOST_LONG_STEPS, MEASURED_LONG = 300, 8

#: Steps at the beginning after each of which losses are measured: what diverges does so at once.
WATCHED = 60

Arrays = dict[str, np.ndarray]


def fingerprint(document: bytes) -> str:
    """The hash of an experiment's file: whether a picture is still of what it was made of."""
    canonical = json.dumps(json.loads(document), sort_keys=True)
    return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()


@dataclass
class Losses:
    """The losses of the training and test set at the steps at which they were measured."""

    steps: list[int] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    #: All that was measured last.
    metrics: dict[str, float] = field(default_factory=dict)

    def measure(self, trainer: Trainer) -> None:
        self.metrics = trainer.evaluate()
        self.steps.append(trainer.steps_taken)
        self.train.append(self.metrics["train_loss"])
        self.test.append(self.metrics["test_loss"])


@dataclass
class Best:
    """The state that a training goes back to when one of its stops holds."""

    state: dict[str, Tensor] = field(default_factory=dict)

    def is_over(self, trainer: Trainer) -> bool:
        """Whether a stop holds at the end of this epoch; the trainer is then in the best state."""
        stopping, step = trainer.stopping, trainer.steps_taken
        if not stopping.applied:
            return False
        held = stopping.read(step, trainer.evaluate(), evaluated=True, epoch_ends=True)
        if step in stopping.best_steps():
            self.state = trainer.state()
        if held is not None and self.state:
            trainer.load(self.state)
        return held is not None


def train(experiment: Experiment) -> tuple[Trainer, Losses]:
    """A trained network and its losses; one that diverges is as it last could be measured."""
    trainer, losses, best = Trainer(experiment), Losses(), Best()
    large = len(trainer.plan.input_shape) == 3 and max(trainer.plan.input_shape) > 8
    last = min(trainer.steps, MOST_LONG_STEPS if large else MOST_STEPS)
    every = max(1, last // (MEASURED_LONG if large else MEASURED))
    watched = 0 if large else WATCHED
    losses.measure(trainer)
    with suppress(Diverged):
        while trainer.steps_taken < last:
            trainer.step()
            step = trainer.steps_taken
            if step <= watched or step % every == 0 or step == last:
                losses.measure(trainer)
            if step % trainer.steps_per_epoch == 0 and best.is_over(trainer):
                losses.metrics = trainer.evaluate()
                break
        return trainer, losses
    trainer.go_to_last_measurable()
    return trainer, losses


def frames(trainer: Trainer) -> dict[str, Arrays]:
    """The frames of the probes of which a picture is drawn, by kind: those that apply."""
    dataset = trainer.data.dataset
    wanted: dict[str, dict[str, object]] = {"samples": {}, "weights": {}}
    if dataset.plane is not None:
        wanted["surface"] = {"resolution": 200}
    if dataset.family in ("class", "masks"):
        wanted["confusion_matrix"] = {}
    if dataset.family == "masks":
        wanted["pixel_classes"] = {"samples": list(range(9))}
    if dataset.family == "boxes":
        wanted["found_boxes"] = {"samples": list(range(9))}
    if layers := first_layers(trainer.plan):
        wanted["filters"] = {"nodes": layers[:1]}
    return {kind: glassnet.observe(trainer, kind, **options) for kind, options in wanted.items()}
