"""Step: the computation of one training step over tensors with fixed storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.experiment.precision import Precision
from glassnet.engine.training.criterion import Criterion
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.passes import training_pass
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.replay import capture


class Step:
    """Forward pass, loss, gradients and update of one batch.

    It refers to parts of a trainer, never to the trainer (see passes.py), and depends on nothing that changes
    but tensors: it can be captured, and be discarded and rebuilt at any time.
    """

    def __init__(
        self,
        network: Callable[[Tensor], dict[str, Tensor]],
        criterion: Criterion,
        groups: Sequence[ParameterGroup],
        regularizers: Sequence[AppliedRegularizer],
        *,
        loader: BatchLoader,
        targets: list[Tensor],
        encode: Callable[[Tensor], list[Tensor]],
        loss_sum: Tensor,
        precision: Precision,
        memory_format: torch.memory_format,
        replays: bool,
        compiled: bool = False,
    ) -> None:
        """`targets` are those of the training set, encoded for each loss, as `encode` does.

        The batch's loss is added to `loss_sum`. `replays`: forward and backward are captured (see replay.py).
        `compiled`: the network is compiled code.
        """
        self.compiled = compiled
        self._network, self._criterion = network, criterion
        self._groups, self._regularizers = groups, regularizers
        self._loader, self._targets, self._encode = loader, targets, encode
        self._loss_sum = loss_sum
        self._precision, self._memory_format, self._replays = precision, memory_format, replays
        #: By the size of the batch: the tensors that a pass reads, and the pass.
        self.passes: dict[int, tuple[Tensor, list[Tensor], Callable[[], Sequence[Tensor]]]] = {}

    def __call__(self, batch: Tensor, due: Sequence[ParameterGroup]) -> None:
        """Train on the samples at these positions, and update the groups that are due."""
        self._loss_sum += self._gradients(batch)
        for group in self._groups:
            group.collect()
        for group in due:
            group.average()
        for regularizer in self._regularizers:
            regularizer.change_gradients(due)
        for regularizer in self._regularizers:
            regularizer.before_update(due)
        for group in due:
            group.move()
        for regularizer in self._regularizers:
            regularizer.after_update(due, self._groups[0].rate)

    def _gradients(self, batch: Tensor) -> Tensor:
        """Fill every group's gradient for the samples at these positions; returns the batch's loss."""
        if len(batch) not in self.passes:
            inputs, targets = self._taken(batch)
            first, again = self._pass(inputs, targets)
            self.passes[len(batch)] = inputs, targets, again
            return first
        inputs, targets, again = self.passes[len(batch)]
        self._take(batch, inputs, targets)
        return again()[0]

    def _taken(self, batch: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The inputs at these positions, and their targets, encoded for each loss."""
        if not self._loader.moves_targets:
            return self._loader(batch), [target[batch] for target in self._targets]
        inputs, targets = self._loader.moved(batch)
        return inputs, self._encode(targets)

    def _take(self, batch: Tensor, inputs: Tensor, targets: list[Tensor]) -> None:
        """The same, written to these tensors."""
        if self._loader.moves_targets:
            moved, encoded = self._taken(batch)
            inputs.copy_(moved)
            for target, chosen in zip(encoded, targets, strict=True):
                chosen.copy_(target)
            return
        self._loader(batch, inputs)
        for target, chosen in zip(self._targets, targets, strict=True):
            torch.index_select(target, 0, batch, out=chosen)

    def _pass(self, inputs: Tensor, targets: list[Tensor]) -> tuple[Tensor, Callable[[], Sequence[Tensor]]]:
        """Run forward and backward over these tensors; returns the loss, and a function that repeats it."""
        compute = training_pass(
            self._network,
            self._criterion,
            self._groups,
            inputs,
            targets,
            self._precision,
            self._memory_format,
        )
        if not self._replays:
            return compute()[0], compute
        first, again = capture(compute)
        return first[0], again
