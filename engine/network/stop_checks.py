"""Checks of an experiment's stops: what they read is recorded, and is not of the test set."""

from __future__ import annotations

import difflib

from glassnet.engine.errors import InvalidExperiment, Problem, Remedy
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import evaluated_metrics, progress_metrics
from glassnet.engine.items.stops import Metrics, Stop, spoken
from glassnet.engine.network.remedies import validation_share

#: The prefixes of the metrics of a set.
VALIDATION, TEST = "validation_", "test_"


def check_stops(experiment: Experiment) -> None:
    """Raise InvalidExperiment, with a pointer, at the first stop that cannot be read of this experiment."""
    evaluated, progress = evaluated_metrics(experiment), progress_metrics(experiment)
    for index, stop in enumerate(experiment.training.stops):
        problem = _problem(stop, f"/training/stops/{index}", evaluated, progress)
        if problem is not None:
            raise InvalidExperiment([problem])


def _problem(stop: Stop, at: str, evaluated: Metrics, progress: Metrics) -> Problem | None:
    """Why a stop at a pointer cannot be read; None where it can."""
    for within, metric in stop.metrics().items():
        pointer = at + within
        if metric.startswith(TEST):
            return Problem(
                pointer,
                f"'{metric}' is of the test set, and a training that it ends has learned from it; expected a "
                "metric of the training or the validation set",
                _validated(pointer, metric, evaluated),
            )
        if metric not in evaluated and metric not in progress:
            return _unrecorded(pointer, metric, [*evaluated, *progress])
        if metric in progress and stop.check != "step":
            return Problem(
                f"{at}/check",
                f"'{metric}' is recorded every few steps, not in evaluations; expected check 'step'",
            )
    wrong = stop.problem({**evaluated, **progress})
    return None if wrong is None else Problem(at + wrong[0], wrong[1])


def _validated(pointer: str, metric: str, evaluated: Metrics) -> Remedy | None:
    """The same metric of the validation set, and one where none is kept."""
    if metric not in evaluated:
        return None
    other = VALIDATION + metric.removeprefix(TEST)
    kept = [] if other in evaluated else validation_share().patch
    return Remedy(f"Watch {spoken(other)}", [*kept, *Remedy.setting("", {pointer: other}).patch])


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
