"""Warnings of a training's course: what its length and its rate do not let happen."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.data.order import batches
from glassnet.engine.errors import Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import evaluated_metrics


def course_warnings(experiment: Experiment) -> Iterator[Problem]:
    """The warnings of schedules, optimizers, regularizers and stops, each at its field."""
    training = experiment.training
    _, per_epoch, _ = batches(experiment.data.trained, training.batch_size, training.last_batch)
    steps = per_epoch * training.epochs
    for index, update in enumerate(training.updates):
        rate, at = update.optimizer.learning_rate, f"/training/updates/{index}"
        yield from _at(f"{at}/optimizer", update.optimizer.warning())
        yield from _at(f"{at}/schedule", update.schedule.warning(rate, training.epochs, steps))
    greatest = max(update.optimizer.learning_rate for update in training.updates)
    for index, regularizer in enumerate(training.regularizers):
        yield from _at(f"/training/regularizers/{index}", regularizer.warning(greatest))
    evaluated = evaluated_metrics(experiment)
    evaluations = training.epochs + steps // (training.evaluate_every or steps + 1)
    for index, stop in enumerate(training.stops):
        readings = training.epochs if stop.check == "epoch" else evaluations
        if evaluated.keys() >= set(stop.metrics().values()):
            yield from _at(f"/training/stops/{index}", stop.warning(readings, steps))


def _at(pointer: str, found: Problem | None) -> Iterator[Problem]:
    if found is not None:
        yield found.within(pointer)
