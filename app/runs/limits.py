"""The limits of one experiment on this server, checked before anything is built."""

from __future__ import annotations

import math

from glassnet.app.core.resources import machine_memory
from glassnet.app.core.settings import Settings
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.training.memory_estimate import activations, estimate


def check(experiment: Experiment, plan: Plan, settings: Settings) -> None:
    """Raises InvalidExperiment, with the number that is too great and the place to change it."""
    if len(plan.nodes) > settings.max_nodes:
        raise InvalidExperiment.at(
            "/network", f"{len(plan.nodes):,} nodes; this server takes at most {settings.max_nodes:,}"
        )
    if settings.max_parameters and plan.parameters > settings.max_parameters:
        largest = _largest(plan)
        raise InvalidExperiment.at(
            largest.pointer,
            f"node '{largest.name}' has {largest.parameters:,} parameters, of {plan.parameters:,} in all; "
            f"this server takes at most {settings.max_parameters:,}",
        )
    if experiment.data.count > settings.max_samples:
        raise InvalidExperiment.at(
            "/data", f"{experiment.data.count:,} samples; this server takes at most {settings.max_samples:,}"
        )
    batch_size = experiment.training.batch_size
    numbers = plan.activations * min(batch_size, experiment.data.count)
    if settings.max_activations and numbers > settings.max_activations:
        raise InvalidExperiment.at(
            "/training/batch_size",
            f"a batch of {batch_size:,} leaves {numbers:,} numbers in the network; "
            f"this server takes at most {settings.max_activations:,}",
        )
    _check_memory(experiment, plan, settings.run_memory or machine_memory())


def with_fitting_batch(experiment: Experiment, plan: Plan, settings: Settings) -> Experiment:
    """The experiment with its batch halved until this server takes it; as it is where no batch is taken."""
    training = experiment.training
    batch_size = training.batch_size
    while batch_size:
        smaller = training.model_copy(update={"batch_size": batch_size})
        tried = experiment.model_copy(update={"training": smaller})
        try:
            check(tried, plan, settings)
        except InvalidExperiment:
            batch_size //= 2
        else:
            return tried
    return experiment


def _check_memory(experiment: Experiment, plan: Plan, memory: int) -> None:
    """Check the estimated memory; the problem points at the largest part, with a value that fits."""
    need = estimate(experiment, plan)
    if need.total <= memory:
        return
    most = max(need.activations, need.parameters + need.copies, need.data)
    left = memory - need.total
    if most == need.activations:
        batch = _fitting_batch(experiment, plan, left + need.activations)
        widest = max(plan.nodes, key=lambda placed: math.prod(placed.shape))
        pointer = "/training/batch_size" if batch else widest.pointer
        advice = (
            f"a batch of {batch:,} would fit"
            if batch
            else f"not even a batch of one would fit, at node '{widest.name}'"
        )
    elif most == need.data:
        fitting = (left + need.data) * experiment.data.count // need.data
        pointer = "/data"
        advice = f"{fitting:,} of {experiment.data.count:,} samples would fit" if fitting > 1 else ""
    else:
        largest = _largest(plan)
        each = (need.parameters + need.copies) / max(plan.parameters, 1)
        fitting = max(0, int((left + need.parameters + need.copies) / each))
        pointer = largest.pointer
        advice = (
            f"{_millions(plan.parameters)} parameters, {_millions(largest.parameters)} of them in node "
            f"'{largest.name}'; {_millions(fitting)} would fit"
        )
    said = f"needs about {_gigabytes(need.total)}, this server gives a run {_gigabytes(memory)}"
    raise InvalidExperiment.at(pointer, f"{said}; {advice}" if advice else said)


def _fitting_batch(experiment: Experiment, plan: Plan, memory: int) -> int:
    """The largest batch size whose activations fit into the remaining memory; 0 where not even 1 does."""
    low, high = 0, experiment.training.batch_size
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if activations(experiment, plan, middle) <= memory else (low, middle)
    return low


def _largest(plan: Plan) -> PlannedNode:
    return max(plan.nodes, key=lambda placed: placed.parameters)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"


def _millions(number: int) -> str:
    return f"{number / 1e6:,.0f} million" if number >= 10_000_000 else f"{number:,}"
