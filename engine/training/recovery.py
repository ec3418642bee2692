"""Recovery: the return from a divergence by safe copies of the state, from which steps are repeated.

Whether all values are finite is checked only at intervals. When they are not, training returns to its last
safe copy and repeats the steps, one by one, up to the first that produced a value that is not finite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakMethod

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
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.safe_copy import InMemory, OnDisk, SafeCopy
from glassnet.engine.training.stopping import PREFIX
from glassnet.engine.training.training_state import TrainingState

#: Steps between two safe copies of the state, over which a divergence is traced back.
COPY_EVERY = 100

#: The prefixes of the network's and the optimizer's tensors, the larger part of a state.
LARGE_PARTS = ("parameters/", "optimizer/", "regularizer/")


class Recovery:
    """The recovery of one training."""

    def __init__(
        self,
        state: TrainingState,
        loader: BatchLoader,
        judged: str,
        *,
        groups: Sequence[ParameterGroup],
        advance: Callable[[], None],
        scratch: Path | None,
    ) -> None:
        """`advance` is the trainer's method that takes one step; `judged` the node that the loss judges.

        `groups` and `loader` are those of replica 0, where there are several: whether it diverges decides.
        The copy of a large state is in the folder `scratch`, if given, otherwise in memory.
        """
        self._state, self._loader, self._judged, self._advance = state, loader, judged, _weak(advance)
        self._groups = groups
        self._scratch = scratch
        #: None until the next step, which makes one first.
        self.copy: SafeCopy | None = None
        self._copied_at = 0

    def before_step(self, *, at_once: bool = False) -> None:
        """Make a copy every COPY_EVERY steps, or `at_once`. Raises Diverged where the state is not finite."""
        if self.copy is None:
            self.save_safe_copy()
        elif at_once or self._state.steps_taken - self._copied_at >= COPY_EVERY:
            if not self._is_finite():
                raise self.trace()
            self.save_safe_copy()

    def save_safe_copy(self) -> None:
        """Make a copy of the current state."""
        if self.copy is None:
            on_disk = self._scratch is not None and self._state.is_large
            self.copy = OnDisk(self._scratch) if on_disk and self._scratch else InMemory()
        # What stops have counted is not part of a step: the repeated steps would not count it again.
        tensors = self._state.tensors().items()
        self.copy.put({name: tensor for name, tensor in tensors if not name.startswith(PREFIX)})
        self._copied_at = self._state.steps_taken

    def forget(self) -> None:
        """Discard the copy, because the state was replaced; the next step makes one."""
        self.copy = None

    def trace(self) -> Diverged:
        """The cause of the divergence; the state is then the one before the step that diverged."""
        last, copy = self._state.steps_taken, self.copy
        if copy is not None:
            self._go_to(copy, self._copied_at)
            while self._state.steps_taken < last:
                self._advance()
                if not self._is_finite():
                    return self._cause(copy)
        # All of training's values are finite: it was the evaluation, on samples that are not trained on.
        return Diverged(last, self._judged, "evaluated output")

    def _is_finite(self) -> bool:
        return all_finite(self._state.first_loss, self._groups)

    def _cause(self, copy: SafeCopy) -> Diverged:
        """The cause in the last step, which was the first to diverge; the state returns to before it."""
        state = self._state
        step, loss_was_finite = state.steps_taken, is_finite(state.first_loss)
        gradient, average = first_gradient(self._groups), first_average(self._groups)
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
        """The first node whose output for the next batch is not finite; the state is not changed."""
        state = self._state
        before = {name: t.clone() for name, t in state.tensors().items() if not name.startswith(LARGE_PARTS)}
        try:
            batches = state.order.next()
            batch = (batches[0] if state.leading else batches).to(state.loss_sum.device)
            return first_output(state.network, self._loader(batch))
        finally:
            state.restore(before.items())

    def _go_to(self, copy: SafeCopy, step: int) -> None:
        """Restore a copy and repeat steps up to `step`, which costs no more than copying at each step."""
        self._state.restore(copy.items())
        self.go_on_to(step)

    def go_on_to(self, step: int) -> None:
        """Repeat steps up to `step`."""
        while self._state.steps_taken < step:
            self._advance()

    def go_to_last(self, measurable: Callable[[], bool]) -> bool:
        """Return to the last state that can be evaluated; returns whether there is one.

        Only states since the last safe copy are considered; the state is unchanged where none of them can be
        evaluated.
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


def _weak(method: Callable[[], None]) -> Callable[[], None]:
    """A method of a trainer for a part of it: without a reference cycle both are freed at once."""
    reference = WeakMethod(method)

    def call() -> None:
        held = reference()
        assert held is not None
        held()

    return call
