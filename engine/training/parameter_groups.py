"""Parameter groups: what one optimizer moves, in one flat tensor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from glassnet.engine.experiment.experiment import Update
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.network.graph import matches


class Group:
    """The parameters that one optimizer moves, laid out in one flat tensor.

    Every parameter is a view of `flat`, starting at a multiple of 64 bytes as a tensor of its own
    would, so that the same kernels run on it; gradients and optimizer slots are laid out alike.
    """

    ALIGNED = 64
    #: Numbers that a large group is moved by at a time: what a rule makes in between is no longer.
    CHUNK = 1 << 22

    def __init__(
        self, parameters: dict[str, nn.Parameter], optimizer: Optimizer, schedule: Schedule, every: int
    ) -> None:
        self.optimizer, self.schedule, self.every = optimizer, schedule, every
        self.names = list(parameters)
        self.parameters = list(parameters.values())
        unit = self.ALIGNED // self.parameters[0].element_size()
        self._places = []
        size = 0
        for parameter in self.parameters:
            self._places.append((size, parameter.shape))
            size += -(-parameter.numel() // unit) * unit
        self.flat = self._zeros(size)
        for parameter, view in zip(self.parameters, self.views(self.flat), strict=True):
            view.copy_(parameter.detach())
            parameter.data = view
        self.gradient = self._zeros(size)
        self.gradients = self.views(self.gradient)
        #: Where an update stands for several batches: the sum of their gradients, and how many they are.
        self.sum = self._zeros(size) if every > 1 else None
        self.pending = self._number(0.0)
        self.slots = {name: self._zeros(size) for name in optimizer.slots}
        self.rate = self._number(optimizer.learning_rate)
        self.count = self._number(0.0)
        self.scalars = {name: self._number(0.0) for name in optimizer.scalars}
        self._kept = self.slots | self.scalars

    def _zeros(self, size: int) -> Tensor:
        like = self.parameters[0]
        return torch.zeros(size, dtype=like.dtype, device=like.device)

    def _number(self, value: float) -> Tensor:
        return torch.tensor(value, dtype=torch.float64, device=self.flat.device)

    def views(self, flat: Tensor) -> list[Tensor]:
        """The parts of a tensor laid out like `flat`, each shaped like its parameter."""
        return [flat[start : start + shape.numel()].view(shape) for start, shape in self._places]

    def collect(self) -> None:
        """Add this batch's gradient to those that the next update stands for."""
        if self.sum is not None:
            self.sum.add_(self.gradient)
            self.pending.add_(1)

    def average(self) -> None:
        """Make `gradient` the mean of what was collected, and begin anew."""
        if self.sum is not None:
            torch.div(self.sum, self.pending, out=self.gradient)
            self.sum.zero_()
            self.pending.zero_()

    def rate_at(self, step: int, steps_per_epoch: int, steps: int) -> float:
        """The scheduled rate of the update that closes a step, counted from 1, of a training of `steps`."""
        # The schedule goes by steps: an update stands for all batches since the last.
        taken = max(0, step - self.every)
        return self.schedule.rate(self.optimizer.learning_rate, taken, steps_per_epoch, steps)

    def tune(self, step: int, steps_per_epoch: int, steps: int) -> None:
        """Set `rate` for the update that closes a step."""
        self.rate.fill_(self.rate_at(step, steps_per_epoch, steps))

    def move(self) -> None:
        """One optimizer step along `gradient`, as long as `rate` says."""
        self.count.add_(1)
        if len(self.flat) <= self.CHUNK or self.scalars:  # which an update changes once
            self.optimizer.update(self.flat, self.gradient, self._kept, self.rate, self.count)
            return
        for start in range(0, len(self.flat), self.CHUNK):
            part = slice(start, start + self.CHUNK)
            slots = {name: slot[part] for name, slot in self.slots.items()}
            self.optimizer.update(self.flat[part], self.gradient[part], slots, self.rate, self.count)

    def state(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """Name and tensor of everything but the parameters themselves; averages are of one optimizer's."""
        prefix = f"{prefix}/{self.optimizer.kind}"
        yield f"{prefix}/count", self.count
        yield f"{prefix}/rate", self.rate
        for name, number in self.scalars.items():
            yield f"{prefix}/{name}", number
        for slot, flat in self.slots.items():
            for name, view in zip(self.names, self.views(flat), strict=True):
                yield f"{prefix}/{slot}/{name}", view

    def collected(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """Name and tensor of the gradients that the next update stands for, so far."""
        if self.sum is not None:
            yield f"{prefix}/pending", self.pending
            for name, view in zip(self.names, self.views(self.sum), strict=True):
                yield f"{prefix}/sum/{name}", view


def grouped(network: nn.Module, updates: Sequence[Update]) -> list[Group]:
    """One group for each update, of the parameters it moves (checks.py has seen that they are apart)."""
    named = list(network.named_parameters())
    return [
        Group(
            {name: parameter for name, parameter in named if matches(update.nodes, name.rpartition(".")[0])},
            update.optimizer,
            update.schedule,
            update.every,
        )
        for update in updates
    ]
