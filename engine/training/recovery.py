"""The way back from a divergence: safe copies of the state, and the steps taken again from them.

Whether all is finite is asked of the device only now and then. When something is not, training goes back to
its last safe copy and takes the same steps again, one by one, up to the first that made it so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.errors import Diverged
from glassnet.engine.training.divergence import (
    all_finite,
    first_average,
    first_gradient,
    first_output,
    first_weight,
    is_finite,
    last_that_holds,
)
from glassnet.engine.training.safe_copy import InMemory, OnDisk, SafeCopy
from glassnet.engine.training.training_state import TrainingState

#: Steps from one safe copy of the state to the next: how far a divergence is traced back.
COPY_EVERY = 100

#: What begins the names of tensors that are the network's and the optimizer's: the larger part of a state.
LARGE_PARTS = ("parameters/", "optimizer/", "regularizer/")


class Recovery:
    """The safe copies of one training."""

    def __init__(
        self,
        state: TrainingState,
        loader: BatchLoader,
        judged: str,
        *,
        advance: Callable[[], None],
        scratch: Path | None,
    ) -> None:
        """`advance` takes one step; `judged` is the node whose output the loss judges.

        A large state's copy lies in the folder `scratch`, where there is one, otherwise in memory.
        """
        self._state, self._loader, self._judged, self._advance = state, loader, judged, advance
        self._scratch = scratch
        #: None until the next step, which makes one first.
        self.copy: SafeCopy | None = None
        self._copied_at = 0

    def before_step(self) -> None:
        """Keep a copy every COPY_EVERY steps. Raises Diverged where the state is not finite."""
        if self.copy is None:
            self.keep()
        elif self._state.steps_taken - self._copied_at >= COPY_EVERY:
            if not self._is_finite():
                raise self.trace()
            self.keep()

    def keep(self) -> None:
        """Take the present state for one to go back to."""
        if self.copy is None:
            on_disk = self._scratch is not None and self._state.is_large
            self.copy = OnDisk(self._scratch) if on_disk and self._scratch else InMemory()
        self.copy.put(self._state.tensors())
        self._copied_at = self._state.steps_taken

    def forget(self) -> None:
        """The state is another's now: the next step makes the first copy."""
        self.copy = None

    def trace(self) -> Diverged:
        """What made the numbers not finite; the state then stands before the step that did."""
        last, copy = self._state.steps_taken, self.copy
        if copy is not None:
            self._go_to(copy, self._copied_at)
            while self._state.steps_taken < last:
                self._advance()
                if not self._is_finite():
                    return self._cause(copy)
        # All that training computed is finite: it was the evaluation, of samples that training never sees.
        return Diverged(last, self._judged, "evaluated output")

    def _is_finite(self) -> bool:
        return all_finite(self._state.loss_sum, self._state.groups)

    def _cause(self, copy: SafeCopy) -> Diverged:
        """What the step just taken was the first to make not finite; the state goes back to before it."""
        state = self._state
        step, loss_was_finite = state.steps_taken, is_finite(state.loss_sum)
        gradient, average = first_gradient(state.groups), first_average(state.groups)
        weights = first_weight(state.network)
        self._go_to(copy, step - 1)
        if not loss_was_finite:
            node = self._first_output()
            return Diverged(step, node or self._judged, "output" if node else "loss")
        if gradient is not None:
            return Diverged(step, gradient, "gradient")
        if weights is not None:
            return Diverged(step, weights, "weights")
        return Diverged(step, average or self._judged, "optimizer state")

    def _first_output(self) -> str | None:
        """The node where the next batch first is not finite; nothing of the state is changed."""
        state = self._state
        before = {name: t.clone() for name, t in state.tensors().items() if not name.startswith(LARGE_PARTS)}
        try:
            batch = state.order.next().to(state.loss_sum.device)
            return first_output(state.network, self._loader(batch))
        finally:
            state.restore(before.items())

    def _go_to(self, copy: SafeCopy, step: int) -> None:
        """Go to a step by way of a copy: to copy the state at each step would take as much."""
        self._state.restore(copy.items())
        self.go_on_to(step)

    def go_on_to(self, step: int) -> None:
        """Take the steps again that were gone back from."""
        while self._state.steps_taken < step:
            self._advance()

    def go_to_last(self, measurable: Callable[[], bool]) -> bool:
        """Go back to the last state that can be evaluated; whether there is one.

        States are looked at that training passed since its last safe copy; the present one stays where
        none of them can be evaluated.
        """
        if measurable() or (copy := self.copy) is None:
            return measurable()
        end = self._state.steps_taken

        def holds(step: int) -> bool:
            self._go_to(copy, step)
            return measurable()

        step = last_that_holds(self._copied_at, end, holds)
        self._go_to(copy, end if step is None else step)
        return step is not None
