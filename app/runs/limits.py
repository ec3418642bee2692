"""What one experiment may ask of this server, checked before anything is built."""

from __future__ import annotations

from app.settings import Settings
from engine.errors import InvalidExperiment
from engine.plan import Plan
from engine.spec import Experiment


def check(experiment: Experiment, plan: Plan, settings: Settings) -> None:
    """Raises InvalidExperiment, with the number that is too great and the place to change it."""
    if len(plan.nodes) > settings.max_nodes:
        raise InvalidExperiment.at(
            "/network", f"{len(plan.nodes):,} nodes; this server takes at most {settings.max_nodes:,}"
        )
    if plan.parameters > settings.max_parameters:
        largest = max(plan.nodes, key=lambda placed: placed.parameters)
        raise InvalidExperiment.at(
            largest.pointer,
            f"node '{largest.name}' has {largest.parameters:,} parameters, of {plan.parameters:,} in all; "
            f"this server takes at most {settings.max_parameters:,}",
        )
    if experiment.data.count > settings.max_samples:
        raise InvalidExperiment.at(
            "/data", f"{experiment.data.count:,} samples; this server takes at most {settings.max_samples:,}"
        )
    numbers = plan.activations * experiment.training.batch_size
    if numbers > settings.max_activations:
        raise InvalidExperiment.at(
            "/training/batch_size",
            f"a batch of {experiment.training.batch_size:,} leaves {numbers:,} numbers in the network; "
            f"this server takes at most {settings.max_activations:,}",
        )
