"""Stepper: the sequence of training steps, eager, replayed, or as CUDA graphs, by the capture policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.experiment.precision import Precision
from glassnet.engine.network.memory_layout import laid_out
from glassnet.engine.training.capture_policy import CapturePolicy
from glassnet.engine.training.compilation import Compilation
from glassnet.engine.training.criterion import Criterion
from glassnet.engine.training.graphed_steps import GraphedSteps
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.step import Step
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
        loader: BatchLoader,
        targets: list[Tensor],
        encode: Callable[[Tensor], list[Tensor]],
        regularizers: list[AppliedRegularizer],
        *,
        policy: CapturePolicy,
        precision: Precision,
        memory_format: torch.memory_format,
        criterion: Criterion,
        steps: int,
    ) -> None:
        """`targets` are those of the training set, as `encode` makes them; the whole training has `steps`."""
        self._state, self._loader, self._regularizers = state, loader, regularizers
        self._targets, self._encode = targets, encode
        #: Where compiled code is asked for.
        self.compilation: Compilation | None = None
        self._policy, self._precision, self._memory_format = policy, precision, memory_format
        self._criterion, self._steps = criterion, steps
        self._device = state.loss_sum.device
        self._step: Step | GraphedSteps | None = None
        #: Whether the step computes with compiled code.
        self._is_compiled = False

    def compile(self, wanted: bool) -> None:
        """Have the network compiled from the next step on, anew where it was; or go on without."""
        state = self._state
        self.compilation = None
        if wanted:
            sizes = sorted(state.order.sizes, reverse=True)
            self.compilation = Compilation(
                state.network,
                self._criterion.judged,
                state.generators["dropout"],
                self._precision,
                [laid_out(self._loader.unchanged(size), self._memory_format) for size in sizes],
            )

    @property
    def tier(self) -> Tier:
        """What computes the steps."""
        detail = None if self.compilation is None else self.compilation.detail
        if self._is_compiled:
            return Tier("compiled", detail)
        if not self._policy.training:
            return Tier("eager", detail)
        return Tier("graph" if self._policy.graphs else "replay", detail)

    @property
    def is_outdated(self) -> bool:
        """Whether compiled code has come, or has been given up, since the last step."""
        compilation = self.compilation
        return compilation is not None and compilation.is_compiled != self._is_compiled

    def set_criterion(self, criterion: Criterion, steps: int) -> None:
        """Replace the criterion, and the length of the training."""
        self._criterion, self._steps = criterion, steps
        self.discard_captures()

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
            self._step.take(len(batch), due, self._rates_of_epoch)
        else:
            for group in due:
                group.tune(state.steps_taken, state.order.per_epoch, self._steps)
            self._step(batch.to(self._device), due)
        for group in due:
            group.end_update()
        if self.compilation is not None:
            self.compilation.begin_once()

    def _made_step(self) -> Step | GraphedSteps:
        state, graphs = self._state, self._policy.graphs
        self._is_compiled = self.compilation is not None and self.compilation.is_compiled
        step = Step(
            self.compilation if self.compilation is not None and self._is_compiled else state.network,
            self._criterion,
            state.groups,
            self._regularizers,
            loader=self._loader,
            targets=self._targets,
            encode=self._encode,
            loss_sum=state.loss_sum,
            precision=self._precision,
            memory_format=self._memory_format,
            replays=self._policy.training and not graphs and not self._is_compiled,
            compiled=self._is_compiled,
        )
        return GraphedSteps(state.order, state.groups, step, state.generators.values()) if graphs else step

    def _rates_of_epoch(self, batch: int) -> list[list[float]]:
        """Each group's rate at each step of the current epoch, of which `batch` is the next batch."""
        per_epoch = self._state.order.per_epoch
        first = self._state.steps_taken - batch
        steps = range(first, first + per_epoch)
        return [
            [group.rate_at(step, per_epoch, self._steps) for step in steps] for group in self._state.groups
        ]
