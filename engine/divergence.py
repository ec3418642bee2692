"""Where a value first stopped being finite: the name of a node, or None where all is finite."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.groups import Group
from engine.network import Network


def all_finite(loss: Tensor, groups: Sequence[Group]) -> bool:
    """Whether a loss, all parameters, all optimizer state and all collected gradients are finite."""
    kept = [tensor for group in groups for tensor in (group.flat, group.sum, *group.slots.values())]
    return all(tensor is None or _finite(tensor) for tensor in (loss, *kept))


def first_output(network: Network, inputs: Tensor) -> str | None:
    """The first node whose output for these inputs is not finite."""
    with torch.no_grad():
        outputs = network(inputs)
    return next((name for name, x in outputs.items() if not _finite(x)), None)


def first_weight(network: nn.Module) -> str | None:
    """The first node with a parameter that is not finite."""
    for name, parameter in network.named_parameters():
        if not _finite(parameter):
            return name.rpartition(".")[0]
    return None


def first_gradient(groups: Sequence[Group]) -> str | None:
    """The first node to get a gradient that is not finite: gradients are made from the last node back."""
    for group in groups:
        for name, gradient in zip(reversed(group.names), reversed(group.gradients), strict=True):
            if not _finite(gradient):
                return name.rpartition(".")[0]
    return None


def first_average(groups: Sequence[Group]) -> str | None:
    """The first node whose optimizer state is not finite."""
    for group in groups:
        for slot in group.slots.values():
            for name, view in zip(group.names, group.views(slot), strict=True):
                if not _finite(view):
                    return name.rpartition(".")[0]
    return None


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())
