"""Checks of an experiment of several replicas before anything is built."""

from __future__ import annotations

from glassnet.engine.catalog.call import Name
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import LARGEST_SEED, Experiment
from glassnet.engine.items.modules import call_of
from glassnet.engine.network.plan import Plan, PlannedNode

REPLICAS = "/training/replicas"


def check_replicas(plan: Plan, experiment: Experiment) -> None:
    """Raise InvalidExperiment, with a pointer, where the replicas cannot be trained side by side."""
    replicas, updates = experiment.training.replicas, experiment.training.updates
    if replicas == 1:
        return
    if len(updates) > 1:
        raise InvalidExperiment.at(
            REPLICAS, f"{replicas:,} replicas with {len(updates)} updates; expected 1, or a single update"
        )
    if experiment.seed + replicas - 1 > LARGEST_SEED:
        raise InvalidExperiment.at(
            "/seed",
            f"{experiment.seed} is the first of {replicas:,} seeds; "
            f"expected at most {LARGEST_SEED - replicas + 1}",
        )
    for placed in plan.nodes:
        if not placed.item.draws and _draws(placed):
            raise InvalidExperiment.at(
                placed.pointer,
                f"'{placed.name}' ({placed.kind}) draws random numbers by itself, the same for all replicas; "
                f"expected a node that takes them (its class says `draws`), or 1 replica",
            )


def _draws(placed: PlannedNode) -> bool:
    """Whether a node's module is given the generator of dropout."""
    call = call_of(placed.item, placed.context)
    return Name("dropout") in (*call.args, *call.kwargs.values())
