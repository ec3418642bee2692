"""Step: the computation of one training step over tensors with fixed storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Tensor

from glassnet.engine.training.batches import Batches
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.replay import capture

#: A pass over tensors with fixed storage: it fills gradients and returns the loss.
Pass = Callable[[], Sequence[Tensor]]


class Turn(NamedTuple):
    """Groups that are updated together: by one forward and backward pass, after the turns before it."""

    groups: Sequence[ParameterGroup]
    #: What gives the pass over a batch's inputs and encoded targets, which fills the gradients of the groups.
    passing: Callable[[Tensor, list[Tensor]], Pass]


class Batch(NamedTuple):
    """What the passes over a batch of some size read, and the passes that there are, one for each turn."""

    inputs: Tensor
    targets: list[Tensor]
    passes: list[Pass]


class Step:
    """Forward pass, loss, gradients and update of one batch: one turn, or several one after the other.

    It refers to parts of a trainer, never to the trainer (see passes.py), and depends on nothing that changes
    but tensors: it can be captured, and be discarded and rebuilt at any time.
    """

    def __init__(
        self,
        turns: Sequence[Turn],
        batches: Batches,
        regularizers: Sequence[AppliedRegularizer],
        *,
        loss_sum: Tensor,
        replays: bool,
        compiled: bool = False,
    ) -> None:
        """The losses of all turns are added to `loss_sum`.

        `replays`: forward and backward are captured (see replay.py). `compiled`: the network is compiled
        code.
        """
        self.compiled = compiled
        self._turns, self._batches, self._regularizers = turns, batches, regularizers
        self._first = turns[0].groups[0]
        self._loss_sum, self._replays = loss_sum, replays
        #: By the size of the batch.
        self.passes: dict[int, Batch] = {}

    def __call__(self, batch: Tensor, due: Sequence[ParameterGroup]) -> None:
        """Train on the samples at these positions, and update the groups that are due."""
        size = batch.shape[-1]
        if size in self.passes:
            inputs, targets, passes = self.passes[size]
            self._batches(batch, (inputs, targets))
        else:
            inputs, targets, passes = self.passes[size] = Batch(*self._batches(batch), [])
        for number, turn in enumerate(self._turns):
            if number == len(passes):
                self._loss_sum += self._first_pass(turn, self.passes[size])
            else:
                self._loss_sum += passes[number]()[0]
            self._update(turn, due)

    def _update(self, turn: Turn, due: Sequence[ParameterGroup]) -> None:
        """Update those of a turn's groups that are due, by their gradients."""
        if len(self._turns) > 1:
            due = [group for group in due if group in turn.groups]
        for group in turn.groups:
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
            regularizer.after_update(due, self._first.rate)

    def _first_pass(self, turn: Turn, batch: Batch) -> Tensor:
        """Run the pass of a turn for the first time, and keep what repeats it; returns the loss."""
        compute = turn.passing(batch.inputs, batch.targets)
        first, again = capture(compute) if self._replays else (compute(), compute)
        batch.passes.append(again)
        return first[0]
