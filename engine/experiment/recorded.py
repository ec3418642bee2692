"""The metrics that a run of an experiment records in its rows."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.monitored import falls

#: The endings of a metric's spread over the replicas of a training.
LOW, MEDIAN, HIGH = ".low", ".median", ".high"

#: The error of values that is given in the target's original units as well, under this ending.
ERROR, ORIGINAL = "absolute_error", "_original"


def evaluated_metrics(experiment: Experiment) -> dict[str, bool | None]:
    """The metrics of the rows of `evaluation`, by whether more of one is better."""
    sets = ("train", *(("validation",) if experiment.data.validation_count else ()), "test")
    names = [f"{each}_{name}" for each in sets for name in _measures(experiment)]
    return _with_spread({name: not falls(name) for name in names}, experiment)


def progress_metrics(experiment: Experiment) -> dict[str, bool | None]:
    """The metrics of the rows of `progress`; a learning rate is neither better nor worse: None."""
    count = len(experiment.training.updates)
    rates = [f"learning_rate_{index}" for index in range(count)] if count > 1 else ["learning_rate"]
    return _with_spread({"batch_loss": False, **dict.fromkeys(rates)}, experiment)


def recorded_metrics(experiment: Experiment) -> dict[str, bool | None]:
    """All metrics of a run's rows, by whether more of one is better; None: neither is."""
    return evaluated_metrics(experiment) | progress_metrics(experiment)


def _measures(experiment: Experiment) -> Iterator[str]:
    """What each set is measured by."""
    yield "loss"
    yield from (f"loss_{loss.name}" for loss in experiment.task.losses if loss.name is not None)
    metrics = experiment.task.metrics(experiment.data)
    yield from metrics
    if ERROR in metrics and experiment.data.normalize_values.fit() is not None:
        yield f"{ERROR}{ORIGINAL}"


def _with_spread(metrics: dict[str, bool | None], experiment: Experiment) -> dict[str, bool | None]:
    """The metrics, and beside each the least, the median and the greatest of several replicas."""
    if experiment.training.replicas == 1:
        return metrics
    return {name + ending: more for name, more in metrics.items() for ending in ("", LOW, MEDIAN, HIGH)}
