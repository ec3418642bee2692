"""Methods of computing the loss at many points of a slice through weight space, θ + Σ cᵢ dᵢ.

Three methods give the same numbers. *Looped* moves the parameters of one network from point to point.
*Vectorised* runs many networks as one under `vmap`. *Stacked* is for dense layers: many networks are one
batched product, laid out unit by unit, so that losses reduce over whole rows.

All share the computations that do not depend on the point. The first layer with weights is linear in the
coefficients: its outputs at θ and along each direction are computed once, x(W + Σ cᵢ Dᵢ) = xW + Σ cᵢ xDᵢ.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional

from glassnet.engine.items.activations import Activation
from glassnet.engine.items.layers.dropout import SeededDropout
from glassnet.engine.items.layers.merge import Concatenation, Sum
from glassnet.engine.landscape.objective import Objective, Part
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.network.module import Substitute
from glassnet.engine.network.plan import PlannedNode
from glassnet.engine.training.criterion import BuiltLoss
from glassnet.engine.training.replay import capture

#: The most numbers of a first layer's outputs that are cached per direction.
MOST_KEPT = 8_000_000


#: Modules whose output is linear in weights and bias taken together.
LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass(frozen=True)
class Slice:
    """A slice through weight space: its origin (size,) and directions (directions, size)."""

    origin: Tensor
    axes: Tensor


class Unsupported(Exception):
    """A network that a method does not support."""


@dataclass(frozen=True)
class LinearOutput:
    """The output of a node without weights before it: at θ, and along each direction."""

    at_origin: Tensor
    #: (directions, …); None where the output does not depend on weights.
    along: Tensor | None

    def at(self, point: Tensor) -> Tensor:
        """The output at coefficients (directions,)."""
        value = self.at_origin
        for number, slope in enumerate(self.along if self.along is not None else ()):
            value = torch.addcmul(value, slope, point[number])
        return value


class SlicedObjective:
    """An objective along a slice, with the computations that are shared by all points."""

    def __init__(self, objective: Objective, through: Slice) -> None:
        self.objective, network = objective, objective.network
        weights, self.directions = Weights(network), len(through.axes)
        origin, axes = weights.views(through.origin), weights.views(through.axes)
        with torch.no_grad():
            for name, view in origin.items():
                network.get_parameter(name).copy_(view)
        #: The linear outputs of each part of the samples, by node.
        self.firsts = [self._found(part, axes) for part in objective.parts]
        # A later node may share parameters with a first one.
        later = [placed.name for placed in objective.plan.nodes if placed.name not in self.firsts[0]]
        wanted = {id(p) for name in later for p in network.get_submodule(name).parameters()}
        names = [name for name, parameter in network.named_parameters() if id(parameter) in wanted]
        #: The parameters that are needed at each point, and their positions in the vector.
        self.weights = Weights(network, names)
        none = through.origin.new_empty(0)
        self.origin = torch.cat([none, *(origin[name].reshape(-1) for name in names)])
        rows = [axes[name].reshape(self.directions, -1) for name in names]
        self.axes = torch.cat([none.expand(self.directions, 0), *rows], dim=1)

    @torch.no_grad()
    def _found(self, part: Part, axes: dict[str, Tensor]) -> dict[str, LinearOutput]:
        """The linear outputs of the nodes without weights before them."""
        network = self.objective.network
        names = {id(parameter): name for name, parameter in network.named_parameters()}
        values, arrived = _recorded(self.objective, part.inputs)
        found: dict[str, LinearOutput] = {}
        for placed in self.objective.plan.nodes:
            moved = [s.name for s in placed.sources if s.name in values and not _stands(found, s.name)]
            value = values[placed.name]
            if moved or not isinstance(value, Tensor):
                continue
            module = network.get_submodule(placed.name)
            own = {key: axes[names[id(parameter)]] for key, parameter in module.named_parameters()}
            if not own:
                found[placed.name] = LinearOutput(value, None)
            elif type(module) in LINEAR and value.numel() * self.directions <= MOST_KEPT:
                along = [
                    functional_call(module, {key: axis[i] for key, axis in own.items()}, arrived[placed.name])
                    for i in range(self.directions)
                ]
                found[placed.name] = LinearOutput(value, torch.stack(along))
        return found


def _stands(found: dict[str, LinearOutput], name: str) -> bool:
    """Whether the output of a node does not depend on the weights."""
    return name in found and found[name].along is None


def _recorded(objective: Objective, inputs: Tensor) -> tuple[dict[str, Any], dict[str, tuple[Tensor, ...]]]:
    """The outputs and the inputs of every node."""
    values: dict[str, Any] = {}
    arrived: dict[str, tuple[Tensor, ...]] = {}

    def record(name: str, module: nn.Module, *inputs: Tensor) -> Tensor:
        arrived[name], values[name] = inputs, module(*inputs)
        result: Tensor = values[name]
        return result

    names = [placed.name for placed in objective.plan.nodes]
    objective.network(inputs, substitutes={name: partial(record, name) for name in names})
    return values, arrived


class Method(ABC):
    """A method of computing the losses at `chunk` points at once."""

    name: str

    def __init__(self, sliced: SlicedObjective, chunk: int) -> None:
        """Raises Unsupported where the method does not support the network."""
        self.sliced, self.objective, self.chunk = sliced, sliced.objective, chunk

    @abstractmethod
    def losses(self, points: Tensor) -> Tensor:
        """The losses (points,) at points (points, directions), at most `chunk` of them."""


class Looped(Method):
    """The loop over points with one network, whose pass is captured where that is faster."""

    name = "loop"

    def __init__(
        self, sliced: SlicedObjective, *, recalibrate: Callable[[nn.Module], None] | None = None
    ) -> None:
        """`recalibrate` is called on the network at each point before it is evaluated."""
        super().__init__(sliced, 1)
        self._flat = sliced.origin.clone()
        network = self.objective.network
        for name, view in sliced.weights.views(self._flat).items():
            network.get_parameter(name).data = view
        self._point = self._flat.new_zeros(sliced.directions)
        self._recalibrate = recalibrate
        self._again: Callable[[], Sequence[Tensor]] | None = None
        if self.objective.replays and recalibrate is None:
            self._again = capture(self._compute)[1]

    @torch.no_grad()
    def losses(self, points: Tensor) -> Tensor:
        found = []
        for point in points:
            self._point.copy_(point)
            torch.addmv(self.sliced.origin, self.sliced.axes.t(), self._point, out=self._flat)
            if self._recalibrate:
                self._recalibrate(self.objective.network)
            found.append((self._again or self._compute)()[0].clone())
        return torch.stack(found)

    @torch.no_grad()
    def _compute(self) -> Sequence[Tensor]:
        objective, sums = self.objective, []
        for part, firsts in zip(objective.parts, self.sliced.firsts, strict=True):
            outputs = objective.network(part.inputs, substitutes=_around(firsts, self._point))
            sums.append(objective.summed(outputs, part.targets))
        return (objective.concluded(sums),)


class Vectorised(Method):
    """Many points at once by `vmap`, for any network."""

    name = "vmap"

    def __init__(self, sliced: SlicedObjective, chunk: int) -> None:
        super().__init__(sliced, chunk)
        #: The substitutes of nodes.
        self._instead: dict[str, Substitute] = {}

    @torch.no_grad()
    def losses(self, points: Tensor) -> Tensor:
        parts = zip(self.objective.parts, self.sliced.firsts, strict=True)
        return self.objective.concluded(
            [vmap(partial(self._one, part, firsts))(points) for part, firsts in parts]
        )

    def _one(self, part: Part, firsts: dict[str, LinearOutput], point: Tensor) -> list[Tensor]:
        sliced, objective = self.sliced, self.objective
        parameters = sliced.weights.views(sliced.origin + point @ sliced.axes)
        substitutes = {"substitutes": {**self._instead, **_around(firsts, point)}}
        outputs = functional_call(objective.network, parameters, (part.inputs,), substitutes)
        return objective.summed(outputs, part.targets)


class Unfolded(Vectorised):
    """Many points at once by `vmap`, with convolutions as products of weights and unfolded windows.

    A convolution with many points' weights would be a grouped one, which is slow on GPUs.
    """

    name = "vmap, unfolded"

    def __init__(self, sliced: SlicedObjective, chunk: int) -> None:
        super().__init__(sliced, chunk)
        network = self.objective.network
        names = [placed.name for placed in self.objective.plan.nodes if placed.name not in sliced.firsts[0]]
        self._instead = {name: _product for name in names if _is_plain(network.get_submodule(name))}
        if not self._instead:
            raise Unsupported("no convolution of several points is there to unfold")


def _is_plain(module: nn.Module) -> bool:
    if type(module) is not nn.Conv2d or isinstance(module.padding, str):
        return False
    return module.groups == 1 and module.padding_mode == "zeros" and module.dilation == (1, 1)


def _product(module: nn.Conv2d, x: Tensor) -> Tensor:
    """The output of a convolution from its windows: (samples, height, width, channels · kernel)."""
    (up, left), (rows, columns) = map(int, module.padding), module.kernel_size
    windows = functional.pad(x, (left, left, up, up))
    windows = windows.unfold(2, rows, module.stride[0]).unfold(3, columns, module.stride[1])
    windows = windows.permute(0, 2, 3, 1, 4, 5).flatten(3)
    return functional.linear(windows, module.weight.flatten(1), module.bias).permute(0, 3, 1, 2)


def _around(firsts: dict[str, LinearOutput], point: Tensor) -> dict[str, Substitute]:
    return {name: partial(_given, first, point) for name, first in firsts.items()}


def _given(first: LinearOutput, point: Tensor, module: nn.Module, *arrived: Tensor) -> Tensor:
    return first.at(point)


class Stacked(Method):
    """Dense networks, one batched product per layer for all points: (points, units, samples)."""

    name = "stacked"

    def __init__(self, sliced: SlicedObjective, chunk: int) -> None:
        super().__init__(sliced, chunk)
        network, plan = self.objective.network, self.objective.plan
        names = {id(parameter): name for name, parameter in network.named_parameters()}
        self._rules: dict[str, Callable[..., Tensor]] = {}
        moving: set[str] = set()
        for placed in plan.nodes:
            first = sliced.firsts[0].get(placed.name)
            moves = first is None or first.along is not None
            if moves:
                moving.add(placed.name)
            if first is None:
                if not all(source.name in moving for source in placed.sources):
                    raise Unsupported(f"node '{placed.name}' reads what stays and what moves")
                self._rules[placed.name] = self._rule(placed, network.get_submodule(placed.name), names)
            elif moves and len(placed.shape) != 1:
                raise Unsupported(f"node '{placed.name}' gives images")
        for node in plan.loss_nodes:
            if node not in moving:
                raise Unsupported(f"node '{node}' does not move")
        # (directions, units, samples), the layout of the batched products.
        self._firsts = [
            {name: _unit_major(first) for name, first in firsts.items() if first.along is not None}
            for firsts in sliced.firsts
        ]
        #: The parameters at the points of the current batch, by name.
        self._now: dict[str, Tensor] = {}

    def _rule(self, placed: PlannedNode, module: nn.Module, names: dict[int, str]) -> Callable[..., Tensor]:
        """The function that computes a node for all points: (points, units, samples) → the same layout."""
        own = {key: names[id(parameter)] for key, parameter in module.named_parameters()}
        match module:
            case nn.Linear():
                return partial(self._linear, own["weight"], own.get("bias"))
            case nn.BatchNorm1d() if module.running_mean is not None and len(placed.shape) == 1:
                return partial(self._batch_norm, module, own.get("weight"), own.get("bias"))
            case Sum():
                return lambda module, *inputs: module(*inputs)
            case Concatenation():
                return lambda module, *inputs: torch.cat(inputs, dim=1)
            case SeededDropout():
                return lambda module, x: x
            case _ if isinstance(placed.item, Activation) and not own:
                return lambda module, x: module(x)
        raise Unsupported(f"node '{placed.name}' is no dense layer")

    def _linear(self, weight: str, bias: str | None, module: nn.Module, x: Tensor) -> Tensor:
        if bias is None:
            return torch.bmm(self._now[weight], x)
        return torch.baddbmm(self._now[bias].unsqueeze(-1), self._now[weight], x)

    def _batch_norm(
        self, norm: nn.BatchNorm1d, weight: str | None, bias: str | None, module: nn.Module, x: Tensor
    ) -> Tensor:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = torch.rsqrt(norm.running_var + norm.eps).expand(len(x), -1)
        if weight is not None:
            scale = scale * self._now[weight]
        shift = -norm.running_mean * scale
        if bias is not None:
            shift = shift + self._now[bias]
        return torch.addcmul(shift.unsqueeze(-1), x, scale.unsqueeze(-1))

    @torch.no_grad()
    def losses(self, points: Tensor) -> Tensor:
        sliced, objective = self.sliced, self.objective
        self._now = sliced.weights.views(torch.addmm(sliced.origin, points, sliced.axes))
        sums = []
        for part, firsts, stacked in zip(objective.parts, sliced.firsts, self._firsts, strict=True):
            substitutes: dict[str, Substitute] = dict(self._rules)
            for name, first in firsts.items():
                known = stacked.get(name)
                moved = partial(_stays, first) if known is None else partial(_moved, known, points)
                substitutes[name] = moved
            outputs = objective.network(part.inputs, substitutes=substitutes)
            read = zip(objective.losses, objective.plan.loss_nodes, part.targets, strict=True)
            sums.append([_summed(loss, outputs[node], target) for loss, node, target in read])
        return objective.concluded(sums)


def _unit_major(first: LinearOutput) -> tuple[Tensor, Tensor]:
    assert first.along is not None
    return first.at_origin.t().contiguous(), first.along.transpose(1, 2).contiguous()


def _stays(first: LinearOutput, module: nn.Module, *arrived: Tensor) -> Tensor:
    return first.at_origin


def _moved(known: tuple[Tensor, Tensor], points: Tensor, module: nn.Module, *arrived: Tensor) -> Tensor:
    value, along = known
    for number, slope in enumerate(along):
        value = torch.addcmul(value, slope, points[:, number, None, None])
    return value


def _summed(loss: BuiltLoss, outputs: Tensor, target: Tensor) -> Tensor:
    """What the loss at each point is concluded from: outputs (points, units, samples) → (points, numbers)."""
    module = loss.module
    if type(module) is nn.CrossEntropyLoss and module.weight is None and not module.label_smoothing:
        right = target.expand(len(outputs), 1, -1)
        total = -functional.log_softmax(outputs, dim=1).gather(1, right).sum(dim=(1, 2)).double()
        return torch.stack([total, torch.full_like(total, len(target))], dim=1)
    sums: Tensor = vmap(partial(loss.item.summed, module), in_dims=(0, None))(outputs.transpose(1, 2), target)
    return sums
