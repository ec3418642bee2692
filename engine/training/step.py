"""Step: the computation of one training step over tensors with fixed storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from glassnet.engine.training.batches import Batches
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.replay import capture

#: A pass over tensors with fixed storage: it fills every group's gradient and returns the loss.
Pass = Callable[[], Sequence[Tensor]]


class Step:
    """Forward pass, loss, gradients and update of one batch.

    It refers to parts of a trainer, never to the trainer (see passes.py), and depends on nothing that changes
    but tensors: it can be captured, and be discarded and rebuilt at any time.
    """

    def __init__(
        self,
        passing: Callable[[Tensor, list[Tensor]], Pass],
        batches: Batches,
        groups: Sequence[ParameterGroup],
        regularizers: Sequence[AppliedRegularizer],
        *,
        loss_sum: Tensor,
        replays: bool,
        compiled: bool = False,
    ) -> None:
        """`passing` gives the pass over the inputs and targets of `batches`.

        The batch's loss is added to `loss_sum`. `replays`: forward and backward are captured (see replay.py).
        `compiled`: the network is compiled code.
        """
        self.compiled = compiled
        self._passing, self._batches = passing, batches
        self._groups, self._regularizers = groups, regularizers
        self._loss_sum, self._replays = loss_sum, replays
        #: By the size of the batch: the tensors that a pass reads, and the pass.
        self.passes: dict[int, tuple[Tensor, list[Tensor], Pass]] = {}

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
        size = batch.shape[-1]
        if size not in self.passes:
            inputs, targets = self._batches(batch)
            first, again = self._pass(inputs, targets)
            self.passes[size] = inputs, targets, again
            return first
        inputs, targets, again = self.passes[size]
        self._batches(batch, (inputs, targets))
        return again()[0]

    def _pass(self, inputs: Tensor, targets: list[Tensor]) -> tuple[Tensor, Pass]:
        """Run forward and backward over these tensors; returns the loss, and a function that repeats it."""
        compute = self._passing(inputs, targets)
        if not self._replays:
            return compute()[0], compute
        first, again = capture(compute)
        return first[0], again
