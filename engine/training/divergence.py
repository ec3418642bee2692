"""The first value that is not finite, among outputs, gradients, weights and optimizer state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from glassnet.engine.network.module import Network
from glassnet.engine.training.parameter_groups import ParameterGroup


def all_finite(loss: Tensor, groups: Sequence[ParameterGroup]) -> bool:
    """Whether a loss, all parameters, all optimizer state and all collected gradients are finite."""
    kept = [tensor for group in groups for tensor in (group.flat, group.sum, *group.slots.values())]
    finite = [torch.isfinite(tensor).all() for tensor in (loss, *kept) if tensor is not None]
    return bool(torch.stack(finite).all())  # one synchronisation with the device


def first_output(network: Network, inputs: Tensor) -> str | None:
    """The first node whose output for these inputs is not finite."""
    with torch.no_grad():
        outputs = network(inputs)
    return next((name for name, x in outputs.items() if not is_finite(x)), None)


def first_weight(network: nn.Module) -> str | None:
    """The first node with a parameter that is not finite."""
    for name, parameter in network.named_parameters():
        if not is_finite(parameter):
            return name.rpartition(".")[0]
    return None


def first_gradient(groups: Sequence[ParameterGroup]) -> str | None:
    """The first node with a gradient that is not finite, in the order of the backward pass."""
    for group in groups:
        for name, gradient in zip(reversed(group.names), reversed(group.gradients), strict=True):
            if not is_finite(gradient):
                return name.rpartition(".")[0]
    return None


def first_average(groups: Sequence[ParameterGroup]) -> str | None:
    """The first node whose optimizer state is not finite."""
    for group in groups:
        for slot in group.slots.values():
            for name, view in zip(group.names, group.views(slot), strict=True):
                if not is_finite(view):
                    return name.rpartition(".")[0]
    return None


def is_finite(tensor: Tensor) -> bool:
    """Whether all numbers of a tensor are finite."""
    return bool(torch.isfinite(tensor).all())


def last_that_holds(first: int, end: int, holds: Callable[[int], bool]) -> int | None:
    """The last step before `end` at which `holds` is true, by bisection; None if it is false at `first`."""
    if not holds(first):
        return None
    while end - first > 1:
        middle = (first + end) // 2
        first, end = (middle, end) if holds(middle) else (first, middle)
    return first
