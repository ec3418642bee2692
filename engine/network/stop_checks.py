"""Checks of an experiment's stops: what they read is recorded, and is not of the test set."""

from __future__ import annotations

import difflib

from glassnet.engine.errors import InvalidExperiment, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import evaluated_metrics, progress_metrics
from glassnet.engine.items.stops import Metrics, Stop
from glassnet.engine.network.remedies import validation_share

#: The prefixes of the metrics of a set.
VALIDATION, TEST = "validation_", "test_"


def check_stops(experiment: Experiment) -> None:
    """Raise InvalidExperiment, with a pointer, at the first stop that cannot be read of this experiment."""
    evaluated, progress = evaluated_metrics(experiment), progress_metrics(experiment)
    for index, stop in enumerate(experiment.training.stops):
        problem = _problem(stop, evaluated, progress)
        if problem is not None:
            raise InvalidExperiment([problem.moved(f"/training/stops/{index}{problem.pointer}")])


def _problem(stop: Stop, evaluated: Metrics, progress: Metrics) -> Problem | None:
    """Why a stop cannot be read, with the pointer within it; None where it can."""
    for pointer, metric in stop.metrics().items():
        if metric.startswith(TEST):
            return Problem(
                pointer,
                f"'{metric}' is of the test set, and a training that it ends has learned from it; expected a "
                "metric of the training or the validation set",
            )
        if metric not in evaluated and metric not in progress:
            return _unrecorded(pointer, metric, [*evaluated, *progress])
        if metric in progress and stop.check != "step":
            return Problem(
                "/check", f"'{metric}' is recorded every few steps, not in evaluations; expected check 'step'"
            )
    wrong = stop.problem({**evaluated, **progress})
    return None if wrong is None else Problem(*wrong)


def _unrecorded(pointer: str, metric: str, known: list[str]) -> Problem:
    if metric.startswith(VALIDATION) and not any(name.startswith(VALIDATION) for name in known):
        return Problem(
            pointer,
            f"'{metric}' needs samples that are kept for validation, and there are none; expected a "
            "validation share of the data above 0, such as 0.2",
            validation_share(),
        )
    readable = [name for name in known if not name.startswith(TEST)]
    close = difflib.get_close_matches(metric[:40], readable, n=1)
    meant = f" (did you mean '{close[0]}'?)" if close else ""
    return Problem(pointer, f"unknown metric '{metric}'{meant}; expected one of {', '.join(readable)}")
