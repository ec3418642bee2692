"""TrainingState: everything that the next step depends on, as one flat dictionary of tensors.

    parameters/NODE.NAME  buffers/NODE.NAME  optimizer/GROUP/…  gradients/GROUP/…  regularizer/INDEX/…
    schedule/GROUP/METRIC  order/permutation  order/batch  generator/PURPOSE  stop/KEY/NAME
    loss/sum  loss/count  step

The storage of the tensors never changes: training and loading modify them in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from glassnet.engine.data.order import Order
from glassnet.engine.network.module import Network
from glassnet.engine.training.checkpoint import LARGE
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.soundness import check_fits, check_sound, on_this_device
from glassnet.engine.training.stopping import Stopping

#: How the names of tensors begin whose axes are units, channels or places of a network.
OF_UNITS = ("parameters/", "buffers/", "optimizer/", "gradients/", "regularizer/")


class TrainingState:
    """The tensors, counters and generators of one training."""

    def __init__(
        self,
        network: Network,
        groups: Sequence[ParameterGroup],
        regularizers: Sequence[AppliedRegularizer],
        order: Order,
        generators: Mapping[str, torch.Generator],
        stopping: Stopping,
        device: str,
    ) -> None:
        """The state before the first step. `generators` by purpose."""
        self.network, self.groups, self.order, self.generators = network, groups, order, generators
        self._regularizers, self._stopping = regularizers, stopping
        self._persistent = network.state_dict().keys() - dict(network.named_parameters()).keys()
        self.steps_taken = 0
        #: Sum of the batch losses since it was last taken, and how many.
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device)
        self.loss_count = 0

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
        state = on_this_device({**self._nothing_collected(), **state}, own)
        check_fits(state, own)
        check_sound(state, self.order.per_epoch, self.generators)
        self.restore(state.items())

    def load_matching(self, state: Mapping[str, Tensor]) -> list[str]:
        """Load the tensors of another experiment's state that have a name in this one; returns their names.

        Of a tensor of another size the leading slice on each axis is taken over: the units that stay keep
        their weights, and those that are new start at their own initial values. Raises CheckpointError, and
        changes nothing, where what would be taken is damaged.
        """
        own = self.tensors()
        taken = {name: fitted(tensor, own[name]) for name, tensor in state.items() if fits(name, tensor, own)}
        same_order = {"order/permutation", "order/batch"} <= taken.keys()
        if not same_order or int(taken["order/batch"]) > self.order.per_epoch:
            # Other samples or batches: an epoch of their own begins.
            taken = {name: tensor for name, tensor in taken.items() if not name.startswith("order/")}
        check_sound({**own, **taken}, self.order.per_epoch, self.generators)
        self.restore(taken.items())
        return list(taken)

    @torch.no_grad()
    def restore(self, state: Iterable[tuple[str, Tensor]]) -> None:
        """Set what a state names, unchecked; the rest stays."""
        own = dict(self._tensors())
        for name, tensor in state:
            own[name].copy_(tensor)
            if name.startswith("generator/"):
                self.generators[name.removeprefix("generator/")].set_state(tensor.cpu())
        self._stopping.restore(own)
        self.order.resume_at(int(own["order/batch"]))
        self.loss_count, self.steps_taken = int(own["loss/count"]), int(own["step"])

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, parameter in self.network.named_parameters():
            yield f"parameters/{name}", parameter
        for name, buffer in self.network.named_buffers():
            if name in self._persistent:
                yield f"buffers/{name}", buffer
        for index, group in enumerate(self.groups):
            yield from group.state(f"optimizer/{index}")
            yield from group.collected(f"gradients/{index}")
            yield from group.counted(f"schedule/{index}")
        for index, regularizer in enumerate(self._regularizers):
            yield from regularizer.state(f"regularizer/{index}")
        yield from self.order.state()
        for name, generator in self.generators.items():
            yield f"generator/{name}", generator.get_state()
        yield from self._stopping.tensors()
        yield "loss/sum", self.loss_sum
        yield "loss/count", torch.tensor(self.loss_count)
        yield "step", torch.tensor(self.steps_taken)

    def _nothing_collected(self) -> dict[str, Tensor]:
        """What a state lacks that was written when gradients between updates were not kept."""
        return {
            name: torch.zeros_like(tensor)
            for index, group in enumerate(self.groups)
            for name, tensor in group.collected(f"gradients/{index}")
        }


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
