"""What one experiment may ask for."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.network.plan import Plan


@dataclass(frozen=True)
class Limits:
    """The greatest network that is built; beyond, an experiment is refused before it takes memory."""

    #: None, here and below: as many as there is memory for.
    parameters: int | None = 200_000_000
    #: Numbers that the forward pass of one batch leaves.
    activations: int | None = 500_000_000


def check_limits(plan: Plan, batch_size: int, limits: Limits) -> None:
    """Refuse what would not fit in memory, naming the node that takes most of it."""
    if limits.parameters is not None and plan.parameters > limits.parameters:
        largest = max(plan.nodes, key=lambda placed: placed.parameters)
        raise InvalidExperiment.at(
            largest.pointer,
            f"node '{largest.name}' has {largest.parameters:,} parameters, of {plan.parameters:,} in all; "
            f"expected at most {limits.parameters:,} in all",
        )
    if limits.activations is not None and plan.activations * batch_size > limits.activations:
        raise InvalidExperiment.at(
            "/training/batch_size",
            f"a batch of {batch_size:,} leaves {plan.activations * batch_size:,} numbers in the network; "
            f"expected at most {limits.activations:,}",
        )
