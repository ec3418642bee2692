"""Passes over fixed tensors, as functions without arguments that can be captured and replayed.

They refer to parts of a trainer, never to the trainer, which holds them: without a reference cycle it is
freed at once, not by the garbage collector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from glassnet.engine.data.load import Inputs
from glassnet.engine.experiment.precision import Precision, computing
from glassnet.engine.items.tasks import Task
from glassnet.engine.network.memory_layout import laid_out
from glassnet.engine.network.module import Network
from glassnet.engine.training.criterion import Criterion
from glassnet.engine.training.parameter_groups import ParameterGroup


def training_pass(
    network: Callable[[Tensor], dict[str, Tensor]],
    criterion: Criterion,
    groups: Sequence[ParameterGroup],
    inputs: Tensor,
    targets: list[Tensor],
    precision: Precision,
    memory_format: torch.memory_format,
) -> Callable[[], Sequence[Tensor]]:
    """A function that runs forward and backward over these tensors, fills gradients and returns the loss."""
    device = str(inputs.device)
    parameters = [parameter for group in groups for parameter in group.parameters]
    gradients = [gradient for group in groups for gradient in group.gradients]
    one = torch.ones((), dtype=inputs.dtype, device=inputs.device)

    def compute() -> Sequence[Tensor]:
        with torch.enable_grad(), computing(precision, device):
            loss, total = criterion(network(laid_out(inputs, memory_format)), targets)
            fresh = torch.autograd.grad(total, parameters, one, allow_unused=True, materialize_grads=True)
        torch._foreach_copy_(gradients, fresh)
        return (loss.detach(),)

    return compute


def evaluation_pass(
    network: Network,
    inputs: Inputs,
    part: slice,
    measure: Callable[[dict[str, Tensor]], Sequence[Tensor]],
    memory_format: torch.memory_format,
) -> Callable[[], Sequence[Tensor]]:
    """A function that returns `measure` of the network's outputs for a part of the inputs."""

    @torch.no_grad()
    def compute() -> Sequence[Tensor]:
        return measure(network(laid_out(inputs[part], memory_format)))

    return compute


def measured(
    task: Task,
    judged: str,
    criterion: Criterion,
    targets: Tensor,
    encoded: Sequence[Tensor],
    names: list[str],
    outputs: dict[str, Tensor],
) -> Sequence[Tensor]:
    """The sums of each loss, then the measures of outputs; `names` is set to the measures' names."""
    measures = task.measure(outputs[judged], targets)
    names[:] = measures
    return (*criterion.summed(outputs, encoded), *measures.values())
