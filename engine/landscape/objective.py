"""Objective: the mean loss over some samples, of a copy of a trainer's network."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.data.load import Samples
from glassnet.engine.training.criterion import built_losses

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


@dataclass(frozen=True)
class Part:
    """A batch of samples."""

    inputs: Tensor
    #: The targets, encoded for each loss.
    targets: list[Tensor]
    #: The batch's share of all samples.
    share: float


class Objective:
    """L(θ) over the first samples of a set, in evaluation mode; penalties are left out.

    Of samples that are too many for one batch, the mean over the batches by their shares.

    The network is a copy whose parameters may be changed.
    """

    def __init__(self, trainer: Observed, split: Literal["train", "test"], count: int) -> None:
        self.network = copy.deepcopy(trainer.evaluation_network, {id(trainer.dropout): trainer.dropout})
        self.plan, self.dtype, self.device = trainer.plan, trainer.dtype, trainer.device
        #: Whether passes over fixed tensors are captured and replayed (see replay.py).
        self.replays = trainer.replays
        task = trainer.experiment.task
        self._losses = built_losses(task, self.device, self.dtype)
        samples: Samples = trainer.data.train if split == "train" else trainer.data.test
        #: Drawn at random when the data were split, so the first are as good as any.
        self.count = min(count, len(samples))
        self.parts = []
        for start in range(0, self.count, trainer.evaluation_batch):
            chosen = slice(start, min(start + trainer.evaluation_batch, self.count))
            targets = [
                task.targets(loss, trainer.experiment.data).build(targets=samples.targets[chosen])
                for loss in task.losses
            ]
            targets = [t.to(self.dtype) if t.is_floating_point() else t for t in targets]
            inputs = samples.inputs[chosen]
            self.parts.append(Part(inputs, targets, len(inputs) / self.count))

    @property
    def losses(self) -> list[tuple[float, nn.Module, str]]:
        """The weight, module and node of each loss."""
        built = zip(self._losses, self.plan.loss_nodes, strict=True)
        return [(loss.item.weight, loss.module, node) for loss, node in built]

    def compare(self, outputs: dict[str, Tensor], targets: Sequence[Tensor]) -> Tensor:
        """The loss of one batch."""
        total = torch.zeros((), dtype=self.dtype, device=self.device)
        for (weight, module, node), target in zip(self.losses, targets, strict=True):
            total = total + weight * module(outputs[node], target)
        return total

    def value(self) -> Tensor:
        """The loss at the copy's current parameters, differentiable by them."""
        parts = [part.share * self.compare(self.network(part.inputs), part.targets) for part in self.parts]
        return torch.stack(parts).sum()

    @torch.no_grad()
    def follow(self, trainer: Observed) -> None:
        """Set the copy's parameters to those of the trainer's network."""
        theirs = trainer.evaluation_network
        for own, live in zip(self.network.parameters(), theirs.parameters(), strict=True):
            own.copy_(live)
        for buffer, live_buffer in zip(self.network.buffers(), theirs.buffers(), strict=True):
            buffer.copy_(live_buffer)
