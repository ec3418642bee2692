"""How a training diverged: where a value first stopped being finite, and what can be gone back to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from glassnet.engine.errors import Diverged
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.anchor import Anchor
from glassnet.engine.training.parameter_groups import Group


class Traceable(Protocol):
    """A trainer that can be taken back, and forward again step by step."""

    plan: Plan
    network: Network
    groups: list[Group]
    loss_sum: Tensor
    steps_taken: int
    anchor: Anchor | None
    anchored_at: int

    def walk(self, anchor: Anchor, step: int) -> None:
        """Go to a step by way of a copy of an earlier one."""

    def go_on_to(self, step: int) -> None:
        """Take the steps again that were gone back from."""

    def first_output_not_finite(self) -> str | None:
        """The first node whose output for the next batch is not finite."""


def divergence(trainer: Traceable) -> Diverged:
    """What made a trainer's numbers not finite; it then stands before the step that did.

    It goes back to its last safe copy and walks to the first value that is not finite.
    """
    last, anchor = trainer.steps_taken, trainer.anchor
    if anchor is not None:
        trainer.walk(anchor, trainer.anchored_at)
        while trainer.steps_taken < last:
            trainer.go_on_to(trainer.steps_taken + 1)
            if not all_finite(trainer.loss_sum, trainer.groups):
                return _cause(trainer, anchor)
    # All that training computed is finite: it was the evaluation, of samples that training never sees.
    return Diverged(last, trainer.plan.loss_nodes[0], "evaluated output")


def _cause(trainer: Traceable, anchor: Anchor) -> Diverged:
    """What the step just taken was the first to make not finite; the trainer goes back to before it."""
    step, loss_was_finite = trainer.steps_taken, _finite(trainer.loss_sum)
    gradient, average = first_gradient(trainer.groups), first_average(trainer.groups)
    weights = first_weight(trainer.network)
    trainer.walk(anchor, step - 1)
    if not loss_was_finite:
        node = trainer.first_output_not_finite()
        return Diverged(step, node or trainer.plan.loss_nodes[0], "output" if node else "loss")
    if gradient is not None:
        return Diverged(step, gradient, "gradient")
    if weights is not None:
        return Diverged(step, weights, "weights")
    return Diverged(step, average or trainer.plan.loss_nodes[0], "optimizer state")


def all_finite(loss: Tensor, groups: Sequence[Group]) -> bool:
    """Whether a loss, all parameters, all optimizer state and all collected gradients are finite."""
    kept = [tensor for group in groups for tensor in (group.flat, group.sum, *group.slots.values())]
    finite = [torch.isfinite(tensor).all() for tensor in (loss, *kept) if tensor is not None]
    return bool(torch.stack(finite).all())  # one question to the device


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


def last_that_holds(first: int, end: int, holds: Callable[[int], bool]) -> int | None:
    """The last step before `end` of which something holds that holds up to some step; None where of none."""
    if not holds(first):
        return None
    while end - first > 1:
        middle = (first + end) // 2
        first, end = (middle, end) if holds(middle) else (first, middle)
    return first
