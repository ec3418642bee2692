"""Checks of an experiment's stops: what they read is recorded, and is not of the test set."""

from __future__ import annotations

import difflib

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import evaluated_metrics, progress_metrics
from glassnet.engine.items.stops import Stop

#: The prefixes of the metrics of a set.
VALIDATION, TEST = "validation_", "test_"


def check_stops(experiment: Experiment) -> None:
    """Raise InvalidExperiment, with a pointer, at the first stop that cannot be read of this experiment."""
    evaluated, progress = evaluated_metrics(experiment), progress_metrics(experiment)
    for index, stop in enumerate(experiment.training.stops):
        problem = _problem(stop, evaluated, progress)
        if problem is not None:
            raise InvalidExperiment.at(f"/training/stops/{index}{problem[0]}", problem[1])


def _problem(
    stop: Stop, evaluated: dict[str, bool | None], progress: dict[str, bool | None]
) -> tuple[str, str] | None:
    """The pointer within a stop and the reason why it cannot be read; None where it can."""
    for pointer, metric in stop.metrics().items():
        wrong = _unreadable(metric, [*evaluated, *progress])
        if wrong is not None:
            return pointer, wrong
        if metric in progress and stop.check != "step":
            return (
                "/check",
                f"'{metric}' is recorded every few steps, not in evaluations; expected check 'step'",
            )
    return stop.problem({**evaluated, **progress})


def _unreadable(metric: str, known: list[str]) -> str | None:
    if metric.startswith(TEST):
        return (
            f"'{metric}' is of the test set, and a training that it ends has learned from it; expected a "
            "metric of the training or the validation set"
        )
    if metric in known:
        return None
    if metric.startswith(VALIDATION) and not any(name.startswith(VALIDATION) for name in known):
        return (
            f"'{metric}' needs samples that are kept for validation, and there are none; expected a "
            "validation share of the data above 0, such as 0.2"
        )
    readable = [name for name in known if not name.startswith(TEST)]
    close = difflib.get_close_matches(metric[:40], readable, n=1)
    meant = f" (did you mean '{close[0]}'?)" if close else ""
    return f"unknown metric '{metric}'{meant}; expected one of {', '.join(readable)}"
