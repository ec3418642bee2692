"""Parameter groups: the parameters of one optimizer in one flat tensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from glassnet.engine.experiment.experiment import Training
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.network.graph import is_frozen, matches


class ParameterGroup:
    """The parameters of one optimizer, laid out in one flat tensor.

    Every parameter is a view of `flat`, aligned to 64 bytes as a separate tensor would be, so that the same
    kernels run on it; gradients and optimizer state have the same layout. Those of several replicas have them
    as a leading axis of all tensors; `of_replica` is a view of one.
    """

    ALIGNED = 64
    #: Elements of a large group that are updated at a time, which bounds a rule's intermediate tensors.
    CHUNK = 1 << 22

    def __init__(
        self,
        parameters: dict[str, nn.Parameter],
        optimizer: Optimizer,
        schedule: Schedule,
        every: int,
        replicas: int | None = None,
    ) -> None:
        """Lay out the parameters; with `replicas`, their first axis is that of the replicas."""
        self.optimizer, self.schedule, self.every = optimizer, schedule, every
        self._leading = () if replicas is None else (replicas,)
        self.names = list(parameters)
        self.parameters = list(parameters.values())
        unit = self.ALIGNED // self.parameters[0].element_size()
        self._places = []
        size = 0
        for parameter in self.parameters:
            shape = parameter.shape[len(self._leading) :]
            self._places.append((size, shape))
            size += -(-shape.numel() // unit) * unit
        self.flat = self._zeros(size)
        for parameter, view in zip(self.parameters, self.views(self.flat), strict=True):
            view.copy_(parameter.detach())
            parameter.data = view
        self.gradient = self._zeros(size)
        self.gradients = self.views(self.gradient)
        #: Where an update is over several batches: the sum of their gradients, and their number.
        self.sum = self._zeros(size) if every > 1 else None
        self.pending = self._number(0.0)
        self.slots = {name: self._zeros(size) for name in optimizer.slots}
        self.rate = self._number(optimizer.learning_rate)
        self.count = self._number(0.0)
        self.scalars = {name: self._number(0.0) for name in optimizer.scalars}
        self._kept = self.slots | self.scalars
        #: What a schedule that follows a metric counts (see Plateau), which is the host's.
        self.followed: Tensor | None = None
        if (rule := schedule.plateau(1)) is not None:
            self.followed = host_numbers(rule.start()).repeat(*self._leading, 1).view(*self._leading, -1)
        #: What an update changed, with the layout of `flat`; None where none is recorded.
        self._update: Tensor | None = None
        #: Whether that is of the last update.
        self._is_recorded = False

    def _zeros(self, size: int) -> Tensor:
        like = self.parameters[0]
        return torch.zeros(*self._leading, size, dtype=like.dtype, device=like.device)

    def _number(self, value: float) -> Tensor:
        return torch.full(self._leading, value, dtype=torch.float64, device=self.flat.device)

    def views(self, flat: Tensor) -> list[Tensor]:
        """The views of a tensor with the layout of `flat`, each shaped like its parameter."""
        return [
            flat[..., start : start + shape.numel()].view((*flat.shape[:-1], *shape))
            for start, shape in self._places
        ]

    def of_replica(self, index: int, parameters: Sequence[nn.Parameter]) -> GroupOfReplica:
        """The group of one replica, over the same tensors, which are from now on its `parameters`."""
        return GroupOfReplica(self, index, parameters)

    @property
    def last_updates(self) -> list[Tensor]:
        """What the last update changed in each parameter; NaN where it was not recorded."""
        if self._update is None or not self._is_recorded:
            return [torch.full_like(view, torch.nan) for view in self.gradients]
        return self.views(self._update)

    @property
    def records_updates(self) -> bool:
        """Whether updates are recorded."""
        return self._update is not None

    def record_updates(self, on: bool) -> None:
        """Set whether updates are recorded, from the next one on."""
        if on != self.records_updates:
            self._update, self._is_recorded = torch.empty_like(self.flat) if on else None, False

    def begin_update(self, *, observed: bool) -> None:
        """Keep the parameters as they are before an update that is `observed`, where updates are recorded.

        The update over several batches always is: the steps that are looked at after it are not its own.
        """
        self._is_recorded = self._update is not None and (observed or self.every > 1)
        if self._update is not None and self._is_recorded:
            self._update.copy_(self.flat)

    def end_update(self) -> None:
        """Set `last_updates`, where this update is recorded."""
        if self._update is not None and self._is_recorded:
            torch.sub(self.flat, self._update, out=self._update)

    def collect(self) -> None:
        """Add this batch's gradient to the sum for the next update."""
        if self.sum is not None:
            self.sum.add_(self.gradient)
            self.pending.add_(1)

    def average(self) -> None:
        """Set `gradient` to the mean of the collected gradients, and reset the sum."""
        if self.sum is not None:
            torch.div(self.sum, self.pending if not self._leading else self.pending[0], out=self.gradient)
            self.sum.zero_()
            self.pending.zero_()

    def rate_at(self, step: int, steps_per_epoch: int, steps: int) -> float:
        """The scheduled rate of the update after step `step`, counted from 1, of a training of `steps`."""
        return self.rates_at(step, steps_per_epoch, steps)[0]

    def rates_at(self, step: int, steps_per_epoch: int, steps: int) -> list[float]:
        """`rate_at` of each replica, or one rate that all have."""
        # The schedule counts steps: an update is for all batches since the last.
        taken = max(0, step - self.every)
        rate = self.schedule.rate(self.optimizer.learning_rate, taken, steps_per_epoch, steps)
        rule = self.schedule.plateau(steps_per_epoch)
        if rule is None or self.followed is None:
            return [rate]
        return [rule.rate(rate, counts) for counts in _rows(self.followed)]

    def metric(self, step: int, steps_per_epoch: int) -> str | None:
        """The metric that reduces the rate at the end of an epoch after step `step`; None where none does."""
        following = self.schedule.follows(steps_per_epoch)
        return following.metric if following is not None and step > following.delay else None

    def observe(self, values: Sequence[float], steps_per_epoch: int) -> None:
        """Take the metric of an epoch's end into account, of each replica."""
        rule = self.schedule.plateau(steps_per_epoch)
        if rule is not None and self.followed is not None:
            rows = zip(_rows(self.followed), values, strict=True)
            self.followed.copy_(
                host_numbers([rule.after(counts, value) for counts, value in rows]).view_as(self.followed)
            )

    def tune(self, step: int, steps_per_epoch: int, steps: int) -> None:
        """Set `rate` for the update after a step."""
        rates = self.rates_at(step, steps_per_epoch, steps)
        if len(rates) == 1:
            self.rate.fill_(rates[0])
        else:
            self.rate.copy_(host_numbers(rates))

    def move(self) -> None:
        """Take one optimizer step from `gradient` with learning rate `rate`."""
        self.count.add_(1)
        if self._leading:
            self._move_replicas()
        elif len(self.flat) <= self.CHUNK or self.scalars:  # which an update changes once
            self.optimizer.update(self.flat, self.gradient, self._kept, self.rate, self.count)
        else:
            for start in range(0, len(self.flat), self.CHUNK):
                part = slice(start, start + self.CHUNK)
                slots = {name: slot[part] for name, slot in self.slots.items()}
                self.optimizer.update(self.flat[part], self.gradient[part], slots, self.rate, self.count)

    def _move_replicas(self) -> None:
        """The step of all replicas, which have counted the same and may differ in their rates."""
        # As 0-d tensors, which leave the precision of the parameters as it is.
        scalars = {name: number[0] for name, number in self.scalars.items()}
        rate = self.rate[0] if self.followed is None else self.rate[:, None].to(self.flat.dtype)
        self.optimizer.update(self.flat, self.gradient, self.slots | scalars, rate, self.count[0])
        for name, number in scalars.items():
            self.scalars[name].fill_(number)

    def state(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """The names and tensors of the optimizer's state, parameters excepted."""
        prefix = f"{prefix}/{self.optimizer.kind}"
        yield f"{prefix}/count", self.count
        yield f"{prefix}/rate", self.rate
        for name, number in self.scalars.items():
            yield f"{prefix}/{name}", number
        for slot, flat in self.slots.items():
            for name, view in zip(self.names, self.views(flat), strict=True):
                yield f"{prefix}/{slot}/{name}", view

    def counted(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """The name and tensor of what a schedule that follows a metric counts."""
        following = self.schedule.follows(1)
        if following is not None and self.followed is not None:
            yield f"{prefix}/{following.metric}", self.followed

    def collected(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """The names and tensors of the gradients collected for the next update."""
        if self.sum is not None:
            yield f"{prefix}/pending", self.pending
            for name, view in zip(self.names, self.views(self.sum), strict=True):
                yield f"{prefix}/sum/{name}", view


class GroupOfReplica(ParameterGroup):
    """The parameters of one replica in the group of several: a view of its tensors, which moves nothing."""

    def __init__(self, whole: ParameterGroup, index: int, parameters: Sequence[nn.Parameter]) -> None:
        """The parameters become views of the group's tensors."""
        self._whole, self._index, self._leading = whole, index, ()
        self.optimizer, self.schedule, self.every = whole.optimizer, whole.schedule, whole.every
        self.names, self._places = whole.names, whole._places
        self.parameters = list(parameters)
        self.flat, self.gradient = whole.flat[index], whole.gradient[index]
        self.gradients = self.views(self.gradient)
        for parameter, view in zip(self.parameters, self.views(self.flat), strict=True):
            parameter.data = view
        self.sum = None if whole.sum is None else whole.sum[index]
        self.pending, self.rate, self.count = whole.pending[index], whole.rate[index], whole.count[index]
        self.slots = {name: slot[index] for name, slot in whole.slots.items()}
        self.scalars = {name: number[index] for name, number in whole.scalars.items()}
        self.followed = None if whole.followed is None else whole.followed[index]

    @property
    def last_updates(self) -> list[Tensor]:
        return [update[self._index] for update in self._whole.last_updates]

    @property
    def records_updates(self) -> bool:
        return self._whole.records_updates


def host_numbers(numbers: Sequence[float] | Sequence[Sequence[float]]) -> Tensor:
    """Numbers that the host alone reads, as a float64 tensor of the state."""
    return torch.tensor(numbers, dtype=torch.float64)


def _rows(counted: Tensor) -> list[list[float]]:
    """What each replica has counted, or the one training."""
    rows: list[list[float]] = counted.reshape(-1, counted.shape[-1]).tolist()
    return rows


def parameter_groups(
    network: nn.Module, training: Training, stacked: Mapping[str, nn.Parameter] | None = None
) -> list[ParameterGroup]:
    """One group for each update, of its parameters (checks.py has verified that they do not overlap).

    `stacked` are those of several replicas of the network, by name, with the replicas as their first axis.
    """
    named = [
        (name, parameter if stacked is None else stacked[name])
        for name, parameter in network.named_parameters()
        if not is_frozen(name.rpartition(".")[0], training.frozen)
    ]
    replicas = None if stacked is None else training.replicas
    return [
        ParameterGroup(
            {name: parameter for name, parameter in named if matches(update.nodes, name.rpartition(".")[0])},
            update.optimizer,
            update.schedule,
            update.every,
            replicas,
        )
        for update in training.updates
    ]


def in_turns(
    groups: Sequence[ParameterGroup], training: Training
) -> list[tuple[Sequence[ParameterGroup], list[str] | None]]:
    """The groups of each pass of a step, and the names of the losses that the pass is of; None: of all."""
    updates = training.updates
    if all(update.losses is None for update in updates):
        return [(groups, None)]
    return [([group], update.losses) for group, update in zip(groups, updates, strict=True)]
