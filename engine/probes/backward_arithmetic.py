"""Backward arithmetic: the gradients of one convolution or pooling, number by number, for one sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.layers.convolving import ConvolutionModule
from glassnet.engine.items.node import Reference
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.arithmetic import MOST_NUMBERS, sliding
from glassnet.engine.training.host import on_host
from glassnet.engine.training.one_sample import OneSample, check_size

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: The most weights of the kernels of one group, which are all sent.
MOST_WEIGHTS = 500_000

Convolution = nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d | nn.ConvTranspose2d | ConvolutionModule
Pooling = nn.MaxPool1d | nn.MaxPool2d | nn.AvgPool1d | nn.AvgPool2d


class BackwardArithmetic(Picture):
    """Backward arithmetic: how the gradient goes back through one convolution or pooling, for one sample.

    In float64 on a copy, in evaluation mode, as autograd has it. Arrays, float32 unless stated otherwise, of
    the channels and maps of one group: `input` (channels, h, w), what the node reads, starting at channel
    `first` int32 of its input; `gradient` (maps, h, w), that of the loss by the node's maps, starting at map
    `first_map` int32; `input.gradient` (channels, h, w). Of a convolution `kernel` and `kernel.gradient`
    (maps, channels, h, w), where it has a bias `bias.gradient` (maps,), and `transposed` uint8, whether it
    lays the kernel down at each input instead; of pooling `mean` uint8 as in `arithmetic`. `size`,
    `stride`, `dilation` and `padding` (above, left) int32 (2,). LeCun et al. 1998, section II.
    """

    kind: Literal["backward_arithmetic"] = "backward_arithmetic"
    recorded: ClassVar[bool] = False
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every product and sum of a convolution's gradients, as in a textbook.",),
        cons=("One sample, and one group of maps.",),
        use="To check backpropagation through a convolution by hand.",
        example=Example(
            "Open Arithmetic, then Backward: the gradient of a pixel is a sum over the flipped kernel.",
            preset="digits-convolution",
        ),
        mistakes=(
            Mistake(
                "The gradient passes the kernel as the input did.",
                "It passes the kernel flipped: a pixel counts in each output through another weight.",
            ),
        ),
        shows=(
            "input",
            "gradient",
            "input.gradient",
        ),
    )
    hz: float = frame_rate(2.0)
    input: Annotated[Input, Choice(Input)] = option(
        SampleInput(), "The sample: one of the data, because a loss needs its target."
    )
    node: Reference | None = option(None, "The node; left out: the first that slides a window.")
    map: int = option(0, "Which of its maps, from 0: its group is sent.", ge=0, le=1_000_000)

    def check(self, plan: Plan) -> None:
        """Raise ValueError where the network is too large, or has no such node."""
        check_size(plan)
        names = [placed.name for placed in plan.nodes]
        if self.node is not None and self.node not in names:
            raise ValueError(f"'{self.node}' names no node; expected one of {', '.join(names)}")

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        self.check(trainer.plan)
        sample = OneSample(trainer, self.input)
        node = self.node or _first(sample)
        module: Any = sample.network.get_submodule(node)
        maps = trainer.plan[node].shape[0]
        if not _slides(module):
            raise ValueError(
                f"'{node}' is no node that slides one window over pictures or sequences; "
                "expected a convolution with one kernel for all places, or a pooling"
            )
        if self.map >= maps:
            raise ValueError(f"map {self.map} of '{node}'; expected one of 0 to {maps - 1}")
        group = _Group.of(module, self.map)
        source = trainer.plan[node].sources[0].name
        _check_numbers(trainer.plan, node, source, group)

        def look() -> Arrays:
            sample.follow()
            arrays = _looked(sample, node, source, group)
            tensors = on_host([tensor.detach() for tensor in arrays.values()])
            found = {name: tensor.float() for name, tensor in zip(arrays, tensors, strict=True)}
            return found | group.places() | _geometry(module)

        return look


class _Group:
    """The channels and maps that one group of a node joins, as slices of them."""

    def __init__(self, channels: slice, maps: slice, kernels: slice | None) -> None:
        """`kernels`: the first axis of the weights that belongs to the group; None for pooling."""
        self.channels, self.maps, self.kernels = channels, maps, kernels

    @classmethod
    def of(cls, module: Any, index: int) -> _Group:
        """The group of a map."""
        if isinstance(module, Pooling):
            own = slice(index, index + 1)
            return cls(own, own, None)
        each, width = module.out_channels // module.groups, module.in_channels // module.groups
        group = index // each
        maps, channels = (
            slice(group * each, (group + 1) * each),
            slice(group * width, (group + 1) * width),
        )
        return cls(channels, maps, channels if _is_transposed(module) else maps)

    def places(self) -> Arrays:
        return {
            "first": torch.tensor(self.channels.start, dtype=torch.int32),
            "first_map": torch.tensor(self.maps.start, dtype=torch.int32),
        }


def _slides(module: object) -> bool:
    """Whether one window slides over pictures or sequences, not volumes."""
    if isinstance(module, ConvolutionModule):
        return len(module.kernel_size) <= 2
    return isinstance(module, Convolution | Pooling)


def _is_transposed(module: nn.Module) -> bool:
    return isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d)


def _first(sample: OneSample) -> str:
    """The first node whose backward arithmetic is shown. Raises ValueError where there is none."""
    for name, module in sample.network.named_modules():
        if _slides(module):
            return str(name)
    raise ValueError("no node of this network slides a window; expected a convolution or a pooling")


def _check_numbers(plan: Plan, node: str, source: str, group: _Group) -> None:
    """Raise ValueError where a frame would be too large to be followed."""
    shapes = [plan[node].shape, plan.input_shape if source not in plan else plan[source].shape]
    numbers = sum(torch.Size(shape).numel() for shape in shapes)
    if numbers > MOST_NUMBERS:
        raise ValueError(f"'{node}' works on {numbers:,} numbers; expected at most {MOST_NUMBERS:,}")
    weights = 0 if group.kernels is None else plan[node].parameters
    if weights > MOST_WEIGHTS:
        raise ValueError(f"'{node}' has {weights:,} weights; expected at most {MOST_WEIGHTS:,}")


def _looked(sample: OneSample, node: str, source: str, group: _Group) -> dict[str, Tensor]:
    """The arrays of a group: the gradient that arrives, and what this node alone makes of it."""
    passed = sample.run()
    module: Any = sample.network.get_submodule(node)
    given = passed.outputs[node]
    (gradient,) = torch.autograd.grad(passed.loss, given, allow_unused=True, materialize_grads=True)
    # Once more by itself: others may read the same input, or use the same weights.
    with torch.enable_grad():
        arrived = passed.outputs[source].detach().requires_grad_()
        again = module(arrived)
    parameters = {} if group.kernels is None else dict(module.named_parameters())
    back, *own = torch.autograd.grad(again, [arrived, *parameters.values()], gradient)
    arrays = {
        "input": _flat(arrived[0, group.channels]),
        "gradient": _flat(gradient[0, group.maps]),
        "input.gradient": _flat(back[0, group.channels]),
    }
    if group.kernels is None:
        return arrays
    arrays["kernel"] = _kernels(module, module.weight[group.kernels])
    arrays["kernel.gradient"] = _kernels(module, own[0][group.kernels])
    if module.bias is not None and len(module.bias) == module.out_channels:  # not one for each place
        arrays["bias.gradient"] = own[1][group.maps]
    return arrays


def _kernels(module: nn.Module, weights: Tensor) -> Tensor:
    """The kernels of a group as (maps, channels, h, w), whichever axis is first in torch's layout."""
    kernels = weights[:, :, None] if weights.ndim == 3 else weights
    return kernels.transpose(0, 1) if _is_transposed(module) else kernels


def _flat(maps: Tensor) -> Tensor:
    """(channels, length) or (channels, h, w) as (channels, h, w)."""
    return maps[:, None] if maps.ndim == 2 else maps


def _geometry(module: Any) -> Arrays:
    """The window, and how a pooling sums it up."""
    window = sliding(module)
    match module:
        case nn.MaxPool1d() | nn.MaxPool2d():
            return {**window, "mean": _flag(0)}
        case nn.AvgPool1d() | nn.AvgPool2d():
            return {**window, "mean": _flag(1 if module.count_include_pad else 2)}
    return {**window, "transposed": _flag(int(_is_transposed(module)))}


def _flag(value: int) -> Tensor:
    return torch.tensor(value, dtype=torch.uint8)
