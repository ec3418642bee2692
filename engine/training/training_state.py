"""TrainingState: everything that the next step depends on, as one flat dictionary of tensors.

    parameters/NODE.NAME  buffers/NODE.NAME  optimizer/GROUP/…  gradients/GROUP/…  regularizer/INDEX/…
    schedule/GROUP/METRIC  order/permutation  order/batch  generator/PURPOSE  stop/KEY/NAME
    layout/images  loss/sum  loss/count  step

The storage of the tensors never changes: training and loading modify them in place. Those of several replicas
have the replicas as their first axis, every one of them: a row is the state of a training of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from glassnet.engine.data.order import Order
from glassnet.engine.network.module import Network
from glassnet.engine.random_streams import stream
from glassnet.engine.training.checkpoint import LARGE
from glassnet.engine.training.image_layout import NAME as LAYOUT
from glassnet.engine.training.image_layout import ImageLayout
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.replicas.networks import Networks
from glassnet.engine.training.soundness import check_fits, check_sound, generator_state, on_this_device
from glassnet.engine.training.stopping import Stopping

#: How the names of tensors begin whose axes are units, channels or places of a network.
OF_UNITS = ("parameters/", "buffers/", "optimizer/", "gradients/", "regularizer/")

#: The counters of a state that all replicas share.
OF_ALL = {"step", "loss/count", "order/batch", LAYOUT}


class TrainingState:
    """The tensors, counters and generators of one training, or of its replicas."""

    def __init__(
        self,
        network: Network,
        groups: Sequence[ParameterGroup],
        regularizers: Sequence[AppliedRegularizer],
        order: Order,
        generators: Mapping[str, Sequence[torch.Generator]],
        stopping: Stopping,
        device: str,
        replicas: Networks | None = None,
        layout: ImageLayout | None = None,
    ) -> None:
        """The state before the first step. `generators` by purpose, one for each replica.

        `layout` where it is a matter of measuring.
        """
        self._layout = layout
        self.network, self.groups, self.order, self.generators = network, groups, order, generators
        self._regularizers, self._stopping, self._replicas = regularizers, stopping, replicas
        self._seeds = {
            name: [each.initial_seed() for each in several] for name, several in generators.items()
        }
        self._persistent = network.state_dict().keys() - dict(network.named_parameters()).keys()
        #: The leading axis of every tensor: () for one training.
        self.leading = order.permutation.shape[:-1]
        self.steps_taken = 0
        #: Sum of the batch losses since it was last taken, of each replica, and how many.
        self.loss_sum = torch.zeros(self.leading, dtype=torch.float64, device=device)
        self.loss_count = 0

    @property
    def first_loss(self) -> Tensor:
        """The sum of the batch losses of replica 0: 0-d."""
        return self.loss_sum[0] if self.leading else self.loss_sum

    def copy(self) -> dict[str, Tensor]:
        """A copy of every tensor, by name."""
        return {name: tensor.clone() for name, tensor in self.tensors().items()}

    def tensors(self) -> dict[str, Tensor]:
        """What `copy` copies: training changes these very tensors."""
        return {name: tensor.detach() for name, tensor in self._tensors()}

    @property
    def size(self) -> int:
        """Bytes of parameters, buffers and what the optimizer keeps beside them."""
        return sum(tensor.numel() * tensor.element_size() for _, tensor in self._tensors())

    @property
    def is_large(self) -> bool:
        """Whether a copy is not to be held in memory only to be written a little later."""
        return self.size > LARGE

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state of the same experiment, bit for bit.

        Raises CheckpointError, and changes nothing, where it is another's or damaged.
        """
        own = self.tensors()
        state = self._on_this_device({**self._what_older_ones_lack(), **state}, own)
        check_fits(state, own)
        self._check_sound(state)
        self.restore(state.items())

    def load_matching(self, state: Mapping[str, Tensor]) -> list[str]:
        """Load the tensors of another experiment's state that have a name in this one; returns their names.

        Of a tensor of another size the leading slice on each axis is taken over: the units that stay keep
        their weights, and those that are new start at their own initial values. Raises CheckpointError, and
        changes nothing, where what would be taken is damaged.
        """
        own = self.tensors()
        state = self._on_this_device(with_leading(state, own), own)
        taken = {name: fitted(tensor, own[name]) for name, tensor in state.items() if fits(name, tensor, own)}
        same_order = {"order/permutation", "order/batch"} <= taken.keys()
        if not same_order or number(taken["order/batch"]) > self.order.per_epoch:
            # Other samples or batches: an epoch of their own begins.
            taken = {name: tensor for name, tensor in taken.items() if not name.startswith("order/")}
        self._check_sound({**own, **taken})
        self.restore(taken.items())
        return list(taken)

    @torch.no_grad()
    def restore(self, state: Iterable[tuple[str, Tensor]]) -> None:
        """Set what a state names, unchecked; the rest stays."""
        own = dict(self._tensors())
        for name, tensor in state:
            own[name].copy_(tensor)
            if name.startswith("generator/"):
                purpose = name.removeprefix("generator/")
                for generator, row in zip(self.generators[purpose], _rows(tensor, self.leading), strict=True):
                    generator.set_state(generator_state(row))
        self._stopping.restore({name: _first(tensor, self.leading) for name, tensor in own.items()})
        if self._layout is not None:
            self._layout.restore(number(own[LAYOUT]))
        self.order.resume_at(number(own["order/batch"]))
        self.loss_count, self.steps_taken = number(own["loss/count"]), number(own["step"])

    def _check_sound(self, state: Mapping[str, Tensor]) -> None:
        """Raise CheckpointError where no training can have produced a state."""
        check_sound(state, self.order.per_epoch, self.generators, replicas=bool(self.leading))

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        own = self._replicas
        for name, parameter in own.parameters.items() if own else self.network.named_parameters():
            yield f"parameters/{name}", parameter
        for name, buffer in own.buffers.items() if own else self.network.named_buffers():
            if name in self._persistent:
                yield f"buffers/{name}", buffer
        for index, group in enumerate(self.groups):
            yield from group.state(f"optimizer/{index}")
            yield from group.collected(f"gradients/{index}")
            yield from group.counted(f"schedule/{index}")
        for index, regularizer in enumerate(self._regularizers):
            yield from regularizer.state(f"regularizer/{index}")
        yield from self.order.state()
        for name, generators in self.generators.items():
            states = [generator.get_state() for generator in generators]
            yield f"generator/{name}", torch.stack(states) if self.leading else states[0]
        for name, counted in self._stopping.tensors():
            yield name, counted.repeat(self.leading)
        if self._layout is not None:
            yield LAYOUT, torch.full(self.leading, self._layout.measured)
        yield "loss/sum", self.loss_sum
        yield "loss/count", torch.full(self.leading, self.loss_count)
        yield "step", torch.full(self.leading, self.steps_taken)

    def _on_this_device(self, state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A state whose generators of another kind of device are seeded anew.

        By the seed and the step alone: the same run moved at the same step draws the same numbers, and none
        that it has drawn before.
        """
        counted = state.get("step")
        known = counted is not None and counted.numel() and not counted.is_floating_point()
        step = number(counted) if counted is not None and known else 0

        def anew(name: str) -> Tensor:
            purpose = name.removeprefix("generator/")
            generators = zip(self._seeds[purpose], self.generators[purpose], strict=True)
            states = [
                stream(seed, f"{purpose} from step {step}", str(generator.device)).get_state()
                for seed, generator in generators
            ]
            return torch.stack(states) if self.leading else states[0]

        return on_this_device(state, own, anew)

    def _what_older_ones_lack(self) -> dict[str, Tensor]:
        """Gradients collected between updates, and what was measured, where a state was written without."""
        collected = {
            name: torch.zeros_like(tensor)
            for index, group in enumerate(self.groups)
            for name, tensor in group.collected(f"gradients/{index}")
        }
        return collected if self._layout is None else {LAYOUT: torch.full(self.leading, 0), **collected}


def fits(name: str, tensor: Tensor, own: Mapping[str, Tensor]) -> bool:
    """Whether a tensor, or its leading slice, can take the place of the one of this name."""
    if name not in own or own[name].dtype != tensor.dtype:
        return False
    return own[name].shape == tensor.shape or (own[name].ndim == tensor.ndim and name.startswith(OF_UNITS))


def fitted(tensor: Tensor, own: Tensor) -> Tensor:
    """A tensor in the size of another, which has the numbers that are beyond the first one's size."""
    if tensor.shape == own.shape:
        return tensor
    place = tuple(slice(min(sizes)) for sizes in zip(tensor.shape, own.shape, strict=True))
    grown = own.clone()
    grown[place] = tensor[place].to(own.device)
    return grown


def with_leading(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """A state with as many replicas as another has: the first ones, and for those beyond, the other's rows.

    Only the counters of steps are the same for all of them, and follow the state.
    """
    if "step" not in state or state["step"].shape == own["step"].shape:
        return state
    rows = {name: tensor if state["step"].ndim else tensor[None] for name, tensor in state.items()}
    if not own["step"].ndim:
        return {name: tensor[0] for name, tensor in rows.items()}
    replicas = len(own["step"])
    found: dict[str, Tensor] = {}
    for name, tensor in rows.items():
        missing = replicas - len(tensor)
        if missing <= 0:
            found[name] = tensor[:replicas]
        elif name in OF_ALL or name not in own or own[name].shape[1:] != tensor.shape[1:]:
            found[name] = torch.cat([tensor, tensor[:1].expand(missing, *tensor.shape[1:])])
        else:
            found[name] = torch.cat([tensor, own[name][-missing:].to(tensor.device)])
    return found


def number(counted: Tensor) -> int:
    """A count that all replicas share."""
    return int(counted.flatten()[0])


def _first(tensor: Tensor, leading: torch.Size) -> Tensor:
    return tensor[0] if leading else tensor


def _rows(tensor: Tensor, leading: torch.Size) -> Sequence[Tensor]:
    return list(tensor) if leading else [tensor]
