"""The size limits of an experiment."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.network.plan import Plan


@dataclass(frozen=True)
class Limits:
    """The limits of a network's size; larger ones are refused before memory is allocated."""

    #: None, here and below: limited by memory alone.
    parameters: int | None = 200_000_000
    #: Numbers that the forward pass of one batch keeps.
    activations: int | None = 500_000_000


def check_limits(plan: Plan, batch_size: int, limits: Limits, replicas: int = 1) -> None:
    """Raise InvalidExperiment, which names the largest node, where a network exceeds the limits."""
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
    for what, most, each in (
        ("parameters", limits.parameters, plan.parameters),
        ("numbers in a batch", limits.activations, plan.activations * batch_size),
    ):
        if most is not None and each * replicas > most:
            raise InvalidExperiment.at(
                "/training/replicas",
                f"{replicas:,} replicas of {each:,} {what} are {each * replicas:,}; "
                f"expected at most {most:,} in all, {most // each:,} replicas",
            )
