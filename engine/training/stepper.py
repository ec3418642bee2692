"""Stepper: the sequence of training steps, eager, replayed, or as CUDA graphs, by the capture policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch

from glassnet.engine.training.batches import Batches
from glassnet.engine.training.capture_policy import CapturePolicy
from glassnet.engine.training.compilation import Compilation
from glassnet.engine.training.graphed_steps import GraphedSteps
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.step import Step, Turn
from glassnet.engine.training.training_state import TrainingState


class Tier(NamedTuple):
    """What computes the steps of a training."""

    #: PyTorch's operators one by one; a replay of their kernels; a CUDA graph; code of torch.compile.
    name: Literal["eager", "replay", "graph", "compiled"]
    #: Where compiled code is asked for and not there: why, for users.
    detail: str | None


class Stepper:
    """The steps of a training: each takes the next batch of the order, and the scheduled learning rate."""

    def __init__(
        self,
        state: TrainingState,
        batches: Batches,
        regularizers: list[AppliedRegularizer],
        *,
        policy: CapturePolicy,
        turns: Sequence[Turn],
        steps: int,
        compilation: Compilation | None,
    ) -> None:
        """`turns` are what a step consists of (see step.py); `steps` is the length of the training.

        `compilation` is the network of the passes, where compiled code is asked for.
        """
        self._state, self._batches, self._regularizers = state, batches, regularizers
        self._policy, self._turns, self._steps = policy, turns, steps
        self._device = state.loss_sum.device
        self._compilation = compilation
        self._step: Step | GraphedSteps | None = None
        #: Whether the step computes with compiled code.
        self._is_compiled = False
        #: The stage of the compilation when the step was last made.
        self._made_at: str | None = None

    def follow(
        self,
        turns: Sequence[Turn],
        steps: int,
        compilation: Compilation | None,
    ) -> None:
        """Replace what the passes compute, and the length of the training."""
        self._turns, self._steps, self._compilation = turns, steps, compilation
        self.discard_captures()

    @property
    def tier(self) -> Tier:
        """What computes the steps."""
        detail = None if self._compilation is None else self._compilation.detail
        if self._is_compiled:
            return Tier("compiled", detail)
        if not self._policy.training:
            return Tier("eager", detail)
        return Tier("graph" if self._policy.graphs else "replay", detail)

    @property
    def is_outdated(self) -> bool:
        """Whether compiled code has come, or has been given up, since the last step."""
        compilation = self._compilation
        return compilation is not None and compilation.is_over and compilation.stage != self._made_at

    def discard_captures(self) -> None:
        """Free captured passes, which the next step captures again."""
        self._step = None

    @torch.no_grad()
    def advance(self, *, observed: bool) -> None:
        """Take one step: forward, loss, gradients, update, which is recorded where it is `observed`."""
        if self._step is None:
            self._step = self._made_step()
        state = self._state
        batch = state.order.next()
        state.loss_count += 1
        state.steps_taken += 1
        due = [group for group in state.groups if state.steps_taken % group.every == 0]
        # Around the whole step, so that its captures are the same with and without.
        for group in due:
            group.begin_update(observed=observed)
        if isinstance(self._step, GraphedSteps):
            self._step.take(batch.shape[-1], due, self._rates_of_epoch)
        else:
            for group in due:
                group.tune(state.steps_taken, state.order.per_epoch, self._steps)
            self._step(batch.to(self._device), due)
        for group in due:
            group.end_update()
        if self._compilation is not None:
            self._compilation.begin_once()

    def _made_step(self) -> Step | GraphedSteps:
        state, graphs = self._state, self._policy.graphs
        self._made_at = None if self._compilation is None else self._compilation.take_over()
        self._is_compiled = self._compilation is not None and self._compilation.is_compiled
        step = Step(
            self._turns,
            self._batches,
            self._regularizers,
            loss_sum=state.loss_sum,
            replays=self._policy.training and not graphs and not self._is_compiled,
            compiled=self._is_compiled,
        )
        drawn = [generator for several in state.generators.values() for generator in several]
        return GraphedSteps(state.order, state.groups, step, drawn) if graphs else step

    def _rates_of_epoch(self, batch: int) -> list[list[list[float]]]:
        """Each group's rates at each step of the current epoch, of which `batch` is the next batch."""
        per_epoch = self._state.order.per_epoch
        first = self._state.steps_taken - batch
        steps = range(first, first + per_epoch)
        return [
            [group.rates_at(step, per_epoch, self._steps) for step in steps] for group in self._state.groups
        ]
