"""Passes of all replicas at once, by `vmap`, or one after the other where a node does not bear it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, vmap

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import Precision, computing
from glassnet.engine.items.tasks import Task
from glassnet.engine.network.memory_layout import laid_out
from glassnet.engine.network.module import Network, Substitute
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.criterion import Criterion
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.passes import measured
from glassnet.engine.training.replicas.draws import Draws, needed_draws, substitutes
from glassnet.engine.training.replicas.networks import Networks

Tensors = Mapping[str, Tensor]


#: Replicas up to which a network with batch norm computes each as it would be alone.
FEW = 16


def is_vectorized(plan: Plan, experiment: Experiment) -> bool:
    """Whether the replicas of a pass are computed together: all items bear it, and it changes no training.

    Together they round differently. A bias before a batch norm has a gradient that is zero but for that, of
    which Adam makes whole steps: few replicas of such a network are computed one after the other, bit for
    bit as if each were alone.
    """
    normed = any(placed.item.role == "batch_normalization" for placed in plan.nodes)
    return _bears_vmap(plan, experiment) and not (normed and experiment.training.replicas <= FEW)


def _bears_vmap(plan: Plan, experiment: Experiment) -> bool:
    """Whether all items that a pass computes with can be mapped over replicas."""
    penalties = [item for item in experiment.training.regularizers if item.penalty() is not None]
    return (
        all(placed.item.vmap for placed in plan.nodes)
        and all(loss.vmap for loss in experiment.task.losses)
        and all(item.vmap for item in penalties)
    )


@dataclass(frozen=True)
class StackedPasses:
    """The passes of the replicas of a network over tensors with a leading axis."""

    network: Network
    networks: Networks
    generators: Sequence[torch.Generator]
    #: The nodes that draw while they train.
    drawing: Sequence[str]
    precision: Precision
    vectorized: bool
    #: How the images of a replica that is computed alone lie in memory.
    memory_format: torch.memory_format

    def training(
        self,
        criterion: Criterion,
        groups: Sequence[ParameterGroup],
        inputs: Tensor,
        targets: list[Tensor],
    ) -> Callable[[], Sequence[Tensor]]:
        """A function that runs forward and backward, fills gradients and returns the losses (replicas,)."""
        names = [name for group in groups for name in group.names]
        gradients = [gradient for group in groups for gradient in group.gradients]
        draws = Draws(self._needed(inputs), self.generators)
        device = str(inputs.device)
        by_name = {name: tensor.detach() for name, tensor in self.networks.parameters.items()}
        leaves = {name: by_name[name].detach().requires_grad_() for name in names}
        stacked = ({**by_name, **leaves}, self.networks.buffers, draws.of_nodes, inputs, targets)

        def one(
            parameters: Tensors, buffers: Tensors, drawn: dict[str, Tensor], x: Tensor, wanted: list[Tensor]
        ) -> tuple[Tensor, Tensor]:
            outputs = self._run(parameters, buffers, x, substitutes(drawn))
            return criterion(outputs, wanted, parameters)

        def compute() -> Sequence[Tensor]:
            draws.draw()
            with torch.enable_grad(), computing(self.precision, device):
                loss, total = self._mapped(one, stacked)
                # The sum's gradient by a replica's weights is that of its own loss.
                fresh = torch.autograd.grad(
                    total.sum(), list(leaves.values()), allow_unused=True, materialize_grads=True
                )
            torch._foreach_copy_(gradients, list(fresh))
            return (loss.detach(),)

        return compute

    def evaluation(
        self,
        task: Task,
        judged: str,
        criterion: Criterion,
        inputs: Callable[[], Tensor],
        targets: Tensor,
        encoded: list[Tensor],
        names: list[str],
    ) -> Callable[[], Sequence[Tensor]]:
        """A function that returns the sums of each loss and each measure (replicas, …), in evaluation mode.

        `names` is set to the metrics' names.
        """

        def one(
            parameters: Tensors, buffers: Tensors, x: Tensor, truth: Tensor, wanted: list[Tensor]
        ) -> tuple[Tensor, ...]:
            outputs = self._run(parameters, buffers, x, {})
            return tuple(measured(task, judged, criterion, truth, wanted, names, outputs))

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            parameters = {name: tensor.detach() for name, tensor in self.networks.parameters.items()}
            return self._mapped(one, (parameters, self.networks.buffers, inputs(), targets, encoded))

        return compute

    def _run(
        self, parameters: Tensors, buffers: Tensors, x: Tensor, instead: dict[str, Substitute]
    ) -> dict[str, Tensor]:
        arriving = x if self.vectorized else laid_out(x, self.memory_format)
        outputs: dict[str, Tensor] = functional_call(
            self.network, {**parameters, **buffers}, (arriving,), {"substitutes": instead}
        )
        return outputs

    def _mapped(self, one: Callable[..., tuple[Tensor, ...]], stacked: tuple[Any, ...]) -> tuple[Tensor, ...]:
        """A function of one replica, of each of them: the results with a leading axis."""
        if self.vectorized:
            results: tuple[Tensor, ...] = vmap(one)(*stacked)
            return results
        replicas = len(self.generators)
        rows = [one(*row) for row in zip(*(_rows(part, replicas) for part in stacked), strict=True)]
        return tuple(torch.stack(list(results)) for results in zip(*rows, strict=True))

    def _needed(self, inputs: Tensor) -> dict[str, Tensor]:
        """What the nodes draw for inputs (replicas, batch, …), without a trace."""
        if not self.drawing:
            return {}
        parameters = {name: tensor.detach()[0] for name, tensor in self.networks.parameters.items()}
        buffers = {name: tensor[0].clone() for name, tensor in self.networks.buffers.items()}

        def run(instead: dict[str, Substitute]) -> object:
            with torch.no_grad(), computing(self.precision, str(inputs.device)):
                return self._run(parameters, buffers, inputs[0], instead)

        return needed_draws(self.network, self.drawing, run)


def _rows(stacked: Any, replicas: int) -> list[Any]:
    """The part of each replica of stacked tensors in lists and dictionaries."""
    match stacked:
        case Tensor():
            return list(stacked.unbind(0))
        case {}:
            columns = {name: _rows(part, replicas) for name, part in stacked.items()}
            return [{name: rows[index] for name, rows in columns.items()} for index in range(replicas)]
        case _:
            several = [_rows(part, replicas) for part in stacked]
            return [[rows[index] for rows in several] for index in range(replicas)]
