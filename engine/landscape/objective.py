"""Objective: the loss over some samples, of a copy of a trainer's network."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from glassnet.engine.data.load import Samples
from glassnet.engine.training.criterion import BuiltLoss, Criterion, built_losses, totals

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


@dataclass(frozen=True)
class Part:
    """A batch of samples."""

    inputs: Tensor
    #: The targets, encoded for each loss.
    targets: list[Tensor]


class Objective:
    """L(θ) over the first samples of a set, in evaluation mode; penalties are left out.

    Of samples that are too many for one batch it is concluded from sums over the batches (see
    `Criterion.summed`), so that it is the loss of all of them however they are cut.

    The network is a copy whose parameters may be changed.
    """

    def __init__(self, trainer: Observed, split: Literal["train", "test"], count: int) -> None:
        self.network = copy.deepcopy(trainer.evaluation_network, {id(trainer.dropout): trainer.dropout})
        self.plan, self.dtype, self.device = trainer.plan, trainer.dtype, trainer.device
        #: Whether passes over fixed tensors are captured and replayed (see replay.py).
        self.replays = trainer.replays
        task = trainer.experiment.task
        #: The losses, with their modules.
        self.losses: list[BuiltLoss] = built_losses(task, self.device, self.dtype)
        self._criterion = Criterion(self.losses, self.plan.loss_nodes, ())
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
            self.parts.append(Part(inputs, targets))

    def compare(self, outputs: dict[str, Tensor], targets: Sequence[Tensor]) -> Tensor:
        """The loss of one batch."""
        return self._criterion(outputs, targets)[0]

    def summed(self, outputs: dict[str, Tensor], targets: Sequence[Tensor]) -> list[Tensor]:
        """What each loss is concluded from, of one batch: to be summed over the parts."""
        return self._criterion.summed(outputs, targets)

    def concluded(self, sums: Sequence[Sequence[Tensor]]) -> Tensor:
        """The loss of all samples, (…), from the sums of each part: (…, numbers), one for each loss."""
        return self._criterion.concluded(totals(sums)).to(self.dtype)

    def value(self) -> Tensor:
        """The loss at the copy's current parameters, differentiable by them."""
        return self.concluded([self.summed(self.network(part.inputs), part.targets) for part in self.parts])

    @torch.no_grad()
    def follow(self, trainer: Observed) -> None:
        """Set the copy's parameters to those of the trainer's network."""
        theirs = trainer.evaluation_network
        for own, live in zip(self.network.parameters(), theirs.parameters(), strict=True):
            own.copy_(live)
        for buffer, live_buffer in zip(self.network.buffers(), theirs.buffers(), strict=True):
            buffer.copy_(live_buffer)
