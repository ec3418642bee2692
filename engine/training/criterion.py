"""Criterion: the objective of training, the task's losses plus the penalties of the regularizers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.tasks import Task
from glassnet.engine.training.regularization import AppliedRegularizer


class BuiltLoss(NamedTuple):
    """A loss of a task, with its module."""

    item: Loss
    module: nn.Module


def built_losses(task: Task, device: str | torch.device, dtype: torch.dtype) -> list[BuiltLoss]:
    """The losses of a task, with class weights on this device."""
    return [BuiltLoss(loss, task.compare(loss).build().to(device, dtype)) for loss in task.losses]


def encoder(experiment: Experiment, dtype: torch.dtype) -> Callable[[Tensor], list[Tensor]]:
    """The function from targets of the data to those that each loss of the task compares with."""
    task, data = experiment.task, experiment.data
    calls = [task.targets(loss, data) for loss in task.losses]

    def encode(targets: Tensor) -> list[Tensor]:
        encoded = [call.build(targets=targets) for call in calls]
        return [target.to(dtype) if target.is_floating_point() else target for target in encoded]

    return encode


class Criterion:
    """The weighted sum of a task's losses, without and with the regularizers' penalties."""

    def __init__(
        self,
        losses: Sequence[BuiltLoss],
        judged: Sequence[str],
        regularizers: Sequence[AppliedRegularizer],
        names: Collection[str] | None = None,
    ) -> None:
        """`judged` names the node that each loss reads; of several, those with these `names` count."""
        self._losses, self._judged, self._regularizers = losses, judged, regularizers
        self._names = names

    def without_penalties(self) -> Criterion:
        """The criterion of the data alone."""
        return Criterion(self._losses, self._judged, ())

    def of(self, names: Collection[str] | None) -> Criterion:
        """The criterion of the losses with these names, or of all."""
        return Criterion(self._losses, self._judged, self._regularizers, names)

    def __call__(
        self,
        outputs: dict[str, Tensor],
        targets: Sequence[Tensor],
        parameters: Mapping[str, Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The loss, and the loss with penalties, which is minimised; both are 0-d.

        Penalties are of these `parameters` by name, or, without, of those of the regularizers.
        """
        parts = []
        for (item, compare), name, target in zip(self._losses, self._judged, targets, strict=True):
            if self._names is not None and item.name not in self._names:
                continue
            part = compare(_exact(outputs[name]), target)
            parts.append(part if item.weight == 1 else item.weight * part)
        loss = sum(parts[1:], start=parts[0])
        total = loss
        for regularizer in self._regularizers:
            total = regularizer.penalised(total, parameters)
        return loss, total

    def summed(self, outputs: dict[str, Tensor], targets: Sequence[Tensor]) -> list[Tensor]:
        """Of a batch, what each loss over a whole set is concluded from, to be summed over batches.

        A mean of batches' losses would depend on how a set is cut into batches, where a loss is no mean over
        samples: of pixels that have a class, of weights, of areas.
        """
        return [
            item.summed(compare, _exact(outputs[name]), target)
            for (item, compare), name, target in zip(self._losses, self._judged, targets, strict=True)
        ]

    def concluded(self, sums: Sequence[Tensor]) -> Tensor:
        """The loss without penalties over a whole set, (…), from the sums over its batches."""
        parts = [
            loss.item.weight * loss.item.concluded(own) for loss, own in zip(self._losses, sums, strict=True)
        ]
        return torch.stack(parts).sum(0)

    def every(self, sums: Sequence[Tensor]) -> dict[str, Tensor]:
        """The `loss` that `concluded` gives, and each that has a name, without its weight: `loss_NAME`."""
        named = {
            f"loss_{loss.item.name}": loss.item.concluded(own)
            for loss, own in zip(self._losses, sums, strict=True)
            if loss.item.name is not None
        }
        return {"loss": self.concluded(sums), **named}


def totals(sums: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    """The sums of each loss over all batches, added one batch after the other."""
    return [sum(of_batches[1:], start=of_batches[0]) for of_batches in zip(*sums, strict=True)]


def _exact(output: Tensor) -> Tensor:
    """The output as float32 under autocast, because losses are computed in full precision."""
    return output.float() if output.dtype is torch.bfloat16 else output
