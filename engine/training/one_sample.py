"""One sample: its forward and backward pass, and the update after it, on a copy in float64."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.node import INPUT
from glassnet.engine.random_streams import stream
from glassnet.engine.training.criterion import Criterion, built_losses
from glassnet.engine.training.parameter_groups import ParameterGroup, in_turns, parameter_groups
from glassnet.engine.training.regularization import apply_regularizer

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: The most parameters of a network that is copied, and the most multiply-adds of one forward pass.
MOST_PARAMETERS, MOST_MACS = 20_000_000, 500_000_000


def check_size(plan: Plan) -> None:
    """Raise ValueError where a network is too large to be copied in float64 each time it is looked at."""
    if plan.parameters > MOST_PARAMETERS:
        raise ValueError(
            f"the network has {plan.parameters:,} parameters; expected at most {MOST_PARAMETERS:,} "
            "to follow one sample"
        )
    if plan.macs > MOST_MACS:
        raise ValueError(
            f"one sample takes {plan.macs:,} multiply-adds; expected at most {MOST_MACS:,} to follow one"
        )


@dataclass(frozen=True)
class Pass:
    """One forward pass: what every node gives, and the loss, differentiable by all of it."""

    #: The first output of each node by name, the input's among them: (1, …).
    outputs: dict[str, Tensor]
    #: The loss of the data, and with the penalties of the regularizers; 0-d.
    loss: Tensor
    penalised: Tensor


@dataclass(frozen=True)
class Change:
    """What an update makes of one parameter."""

    #: The gradient that the optimizer is given: with penalties, clipped.
    given: Tensor
    change: Tensor
    #: The learning rate, 0-d.
    rate: Tensor


class OneSample:
    """One sample of the data, through a float64 copy of a trainer's network in evaluation mode.

    Nothing that trains is touched: parameters, buffers, gradients and optimizer state are copied.
    """

    def __init__(self, trainer: Observed, chosen: Input) -> None:
        """Raises ValueError where the input is no sample of the data: a loss needs its target."""
        if not isinstance(chosen, SampleInput):
            raise ValueError(
                f"an input of kind '{chosen.kind}' has no target, and no loss; expected one of kind 'sample'"
            )
        check_size(trainer.plan)
        if len(in_turns(trainer.groups, trainer.experiment.training)) > 1:
            raise ValueError("updates with losses of their own have no one gradient; expected one update")
        chosen.raw(trainer.data, trainer.blobs)  # refuses a position that is not in the set
        self._trainer = trainer
        samples = trainer.data.train if chosen.set == "train" else trainer.data.test
        place = slice(chosen.index, chosen.index + 1)
        inputs = samples.inputs[place]
        self.inputs = inputs.double() if inputs.is_floating_point() else inputs
        task, data = trainer.experiment.task, trainer.experiment.data
        encoded = [
            task.targets(loss, data).build(targets=samples.targets[place].to(trainer.device))
            for loss in task.losses
        ]
        #: The target as each loss wants it.
        self.targets: list[Tensor] = [t.double() if t.is_floating_point() else t for t in encoded]
        memo: dict[int, object] = {id(trainer.dropout): trainer.dropout}
        self.network = copy.deepcopy(trainer.evaluation_network, memo).double()
        self.groups = parameter_groups(self.network, trainer.experiment.training)
        self._noise = stream(trainer.experiment.seed, "one_sample", trainer.device)
        self._regularizers = [
            apply_regularizer(item, self.groups, self._noise)
            for item in trainer.experiment.training.regularizers
        ]
        losses = built_losses(task, trainer.device, torch.float64)
        names = in_turns(self.groups, trainer.experiment.training)[0][1]
        self._criterion = Criterion(losses, trainer.plan.loss_nodes, self._regularizers, names)

    @torch.no_grad()
    def follow(self) -> None:
        """Set the copy to where the training now stands."""
        live = self._trainer.evaluation_network
        for parameter, live_one in zip(self.network.parameters(), live.parameters(), strict=True):
            parameter.copy_(live_one)
        for buffer, live_buffer in zip(self.network.buffers(), live.buffers(), strict=True):
            buffer.copy_(live_buffer)
        for group, live_group in zip(self.groups, self._trainer.groups, strict=True):
            self._copy_state(group, live_group)
        for regularizer, applied in zip(self._regularizers, self._trainer.regularizers, strict=True):
            for kept, live_kept in zip(regularizer.kept, applied.kept, strict=True):
                kept.copy_(live_kept)
        self._noise.manual_seed(self._noise.initial_seed())

    def _copy_state(self, group: ParameterGroup, live: ParameterGroup) -> None:
        """The optimizer's state of a group, and the rate that its next update has."""
        for name, slot in group.slots.items():
            for mine, theirs in zip(group.views(slot), live.views(live.slots[name]), strict=True):
                mine.copy_(theirs)
        for name, number in group.scalars.items():
            number.copy_(live.scalars[name])
        group.count.copy_(live.count)
        per_epoch = self._trainer.steps_per_epoch
        steps = self._trainer.experiment.training.epochs * per_epoch
        group.rate.fill_(live.rate_at(self._trainer.steps_taken + 1, per_epoch, steps))

    def run(self) -> Pass:
        """A forward pass whose outputs, the input's among them, may be differentiated by."""
        with torch.enable_grad():
            inputs = self.inputs.detach().requires_grad_(self.inputs.is_floating_point())
            outputs = self.network(inputs)
            loss, penalised = self._criterion(outputs, self.targets)
        return Pass({INPUT: inputs, **outputs}, loss, penalised)

    @torch.no_grad()
    def update(self, penalised: Tensor) -> dict[str, Change]:
        """What the update would change if this sample were the whole batch, by parameter; it is undone."""
        parameters = [parameter for group in self.groups for parameter in group.parameters]
        views = [view for group in self.groups for view in group.gradients]
        fresh = torch.autograd.grad(
            penalised, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        torch._foreach_copy_(views, list(fresh))
        before = [parameter.detach().clone() for parameter in parameters]
        for regularizer in self._regularizers:
            regularizer.change_gradients(self.groups)
        for regularizer in self._regularizers:
            regularizer.before_update(self.groups)
        given = [view.clone() for view in views]
        for group in self.groups:
            group.move()
        for regularizer in self._regularizers:
            regularizer.after_update(self.groups, self.groups[0].rate)
        rates = [group.rate for group in self.groups for _ in group.names]
        names = [name for group in self.groups for name in group.names]
        changes = [parameter.detach() - old for parameter, old in zip(parameters, before, strict=True)]
        self._put_back(parameters, before)
        parts = zip(given, changes, rates, strict=True)
        return {name: Change(*part) for name, part in zip(names, parts, strict=True)}

    def _put_back(self, parameters: Sequence[Tensor], before: Sequence[Tensor]) -> None:
        for parameter, old in zip(parameters, before, strict=True):
            parameter.copy_(old)
