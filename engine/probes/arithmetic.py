"""Arithmetic: all numbers that one map or unit is computed from, for one sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.layers.convolving import ConvolutionModule
from glassnet.engine.items.layers.unshared import TiledConvolution, UnsharedConvolution
from glassnet.engine.items.node import Reference
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The most numbers of one frame: a larger sum cannot be followed by eye.
MOST_NUMBERS = 2_000_000

#: Modules of global pooling, with their value of `mean`.
GLOBAL_POOLS = {
    nn.AdaptiveMaxPool1d: 0,
    nn.AdaptiveMaxPool2d: 0,
    nn.AdaptiveAvgPool1d: 1,
    nn.AdaptiveAvgPool2d: 1,
}


class Arithmetic(Picture):
    """Arithmetic: what one map of a node is computed from, number by number, for one sample.

    Arrays, all float32 unless stated otherwise: `output` (h, w), the map; `input` (channels, h, w), the
    channels it reads, starting at channel `first` int32 of the node's input; `kernel` (rows, columns,
    channels, h, w) and `bias` (rows, columns) where they exist, repeated over the positions: one for all, or
    one per position. `size`, `stride`, `dilation` and `padding` (above, left) int32 (2,); `transposed` uint8,
    whether the kernel is placed at each input instead; `mean` uint8 for pooling: 0 the largest, 1 the mean
    with the padding, 2 the mean without it. For dense nodes `input`, `kernel` (numbers,), `bias`, `output`
    (1,). `after/NAME` is the map after each node of `through`. Where the map belongs to the network's output
    and a softmax follows: `logits` and `shares` (classes,).
    """

    kind: Literal["arithmetic"] = "arithmetic"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every product and sum of one number, as in a textbook.",),
        cons=("One map at a time.",),
        use="To check convolution by hand.",
        example=Example(
            "Choose a place of a map, and see its window, kernel and sum.",
            preset="digits-convolution",
        ),
        shows=(
            "input",
            "kernel",
            "output",
        ),
    )
    hz: float = frame_rate(5.0)
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The sample that the network is shown.")
    node: Reference | None = option(None, "The node; left out: the first that has weights.")
    map: int = option(0, "Which of its maps or units, from 0.", ge=0, le=1_000_000)
    through: list[Reference] = option(
        [], "Nodes after it that change the map elementwise, such as an activation.", max_length=16
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        known = [placed.name for placed in trainer.plan.nodes]
        weighing = [placed.name for placed in trainer.plan.nodes if placed.own]
        node = self.node or (weighing or known)[0]
        for name in (node, *self.through):
            if name not in known:
                raise ValueError(f"'{name}' names no node; expected one of {', '.join(known)}")
        placed = trainer.plan[node]
        if self.map >= placed.shape[0]:
            raise ValueError(f"map {self.map} of '{node}'; expected one of 0 to {placed.shape[0] - 1}")
        inputs = trainer.data.transform(self.input.raw(trainer.data, trainer.blobs))
        inputs = inputs.to(trainer.device, trainer.dtype)
        read = reading(trainer.evaluation_network.get_submodule(node), self.map)
        judged = trainer.plan.loss_nodes[0]
        logits = judged if judged in (node, *self.through) and _is_softmax(trainer) else None

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            arrived: list[Tensor] = []

            def keep(module: nn.Module, *tensors: Tensor) -> object:
                arrived.extend(tensors)
                return module(*tensors)

            values = trainer.evaluation_network(inputs, substitutes={node: keep})
            rest = [values[logits]] if logits else []
            return (arrived[0], values[node], *(values[name] for name in self.through), *rest)

        first = compute()
        numbers = first[0].numel() + first[1].numel()
        if numbers > MOST_NUMBERS:
            raise ValueError(f"'{node}' works on {numbers:,} numbers; expected at most {MOST_NUMBERS:,}")
        again = capture(compute)[1] if trainer.replays else compute

        def look() -> Arrays:
            arrived, output, *others = on_host(again())
            arrays = read(arrived[0]) | {"output": _one(output, self.map)}
            for name, value in zip(self.through, others, strict=False):
                arrays[f"after/{name}"] = _one(value, self.map)
            if logits:
                arrays["logits"] = others[-1][0].float()
                arrays["shares"] = torch.softmax(others[-1][0].float(), dim=0)
            return arrays

        return look


def reading(module: nn.Module, index: int) -> Callable[[Tensor], Arrays]:
    """A function from a module's input without the batch to the arrays of one map. Raises ValueError."""
    match module:
        case nn.Linear():
            return lambda arrived: {
                "input": arrived.float(),
                "kernel": module.weight[index].detach().float(),
                **_constant(module.bias, index),
            }
        case nn.Conv1d() | nn.Conv2d() | ConvolutionModule():
            _refuse_volumes(module.kernel_size)
            width = module.in_channels // module.groups
            first = index // (module.out_channels // module.groups) * width
            return lambda arrived: {
                **_picture(arrived, first, width),
                "kernel": _flat(module.weight[index].detach())[None, None],
                **_biases(module.bias, index, module.out_channels, getattr(module, "places", None)),
                **sliding(module),
            }
        case nn.ConvTranspose1d() | nn.ConvTranspose2d():
            width = module.in_channels // module.groups
            each = module.out_channels // module.groups
            first = index // each * width
            return lambda arrived: {
                **_picture(arrived, first, width),
                "kernel": _flat(module.weight[first : first + width, index % each].detach())[None, None],
                **_biases(module.bias, index, module.out_channels, None),
                **sliding(module),
                "transposed": torch.tensor(1, dtype=torch.uint8),
            }
        case UnsharedConvolution() | TiledConvolution():
            return lambda arrived: {
                **_picture(arrived, 0, len(arrived)),
                **_of_places(module, index),
                **sliding(module),
            }
        case nn.MaxPool1d() | nn.MaxPool2d():
            return lambda arrived: {**_picture(arrived, index, 1), **sliding(module), "mean": _flag(0)}
        case nn.AvgPool1d() | nn.AvgPool2d():
            mean = _flag(1 if module.count_include_pad else 2)
            return lambda arrived: {**_picture(arrived, index, 1), **sliding(module), "mean": mean}
        case nn.Sequential() if type(module[0]) in GLOBAL_POOLS:
            mean = _flag(GLOBAL_POOLS[type(module[0])])
            return lambda arrived: {**_picture(arrived, index, 1), **_everywhere(arrived), "mean": mean}
    raise ValueError(
        f"no arithmetic is shown of {type(module).__name__}; expected a convolution, pooling or a dense node"
    )


def sliding(module: Any) -> Arrays:
    """The window of a module: `size`, `stride`, `padding` above and left, `dilation`; rows first."""
    axes = 1 if isinstance(module, nn.Conv1d | nn.ConvTranspose1d | nn.MaxPool1d | nn.AvgPool1d) else 2
    size = getattr(module, "kernel_size", None) or module.kernel
    pairs = {
        "size": _pair(size, axes, 1),
        "stride": _pair(module.stride, axes, 1),
        "padding": _pair(module.padding, axes, 0),
        "dilation": _pair(getattr(module, "dilation", 1), axes, 1),
    }
    return {name: torch.tensor(pair, dtype=torch.int32) for name, pair in pairs.items()}


def _pair(value: int | tuple[int, ...], axes: int, alone: int) -> tuple[int, int]:
    """Rows and columns; a sequence is one row, whose size along the other axis is `alone`."""
    values = (value,) * axes if isinstance(value, int) else value
    return (alone, values[0]) if len(values) == 1 else (values[0], values[1])


def _everywhere(arrived: Tensor) -> Arrays:
    """The window of global pooling: the whole map."""
    size = torch.tensor(_flat(arrived[:1]).shape[1:], dtype=torch.int32)
    ones = torch.ones_like(size)
    return {"size": size, "stride": size, "padding": torch.zeros_like(size), "dilation": ones}


def _refuse_volumes(size: tuple[int, ...]) -> None:
    if len(size) > 2:
        raise ValueError("the node works on volumes; expected a node over pictures or sequences")


def _of_places(module: UnsharedConvolution | TiledConvolution, index: int) -> Arrays:
    """The kernels and biases of one map, by position (unshared) or tile (tiled)."""
    if isinstance(module, TiledConvolution):
        tiled, rows, columns = True, module.tiles, module.tiles
    else:
        tiled, (rows, columns) = False, module.places
    weight = module.weight.detach().float()
    kernel = weight.view(rows, columns, module.filters, *weight.shape[1:])[:, :, index]
    if module.bias is None:
        return {"kernel": kernel}
    bias = module.bias.detach().float()
    if len(bias) == module.filters:
        return {"kernel": kernel, "bias": bias[index].view(1, 1)}
    own = bias.view(-1, module.filters)[:, index] if tiled else bias.view(module.filters, -1)[index]
    return {"kernel": kernel, "bias": own.view(rows, columns)}


def _picture(arrived: Tensor, first: int, width: int) -> Arrays:
    return {
        "input": _flat(arrived[first : first + width]),
        "first": torch.tensor(first, dtype=torch.int32),
    }


def _constant(bias: Tensor | None, index: int) -> Arrays:
    return {} if bias is None else {"bias": bias[index].detach().float()}


def _flag(value: int) -> Tensor:
    return torch.tensor(value, dtype=torch.uint8)


def _biases(bias: Tensor | None, index: int, filters: int, places: tuple[int, ...] | None) -> Arrays:
    """The bias of one map: one number (1, 1), or one for each position (h, w)."""
    if bias is None:
        return {}
    own = bias.detach().float().view(filters, -1)[index]
    return {"bias": own.view(-1, places[-1]) if places and len(own) > 1 else own.view(1, 1)}


def _flat(maps: Tensor) -> Tensor:
    """(channels, length) or (channels, h, w) as (channels, h, w) float32."""
    return (maps[:, None] if maps.ndim == 2 else maps).float()


def _one(value: Tensor, index: int) -> Tensor:
    """One map (h, w) of an output with a batch of one; a number as (1,), a sequence as one row."""
    chosen = value[0, index].float()
    return chosen.reshape(1) if chosen.ndim == 0 else chosen[None] if chosen.ndim == 1 else chosen


def _is_softmax(trainer: Observed) -> bool:
    return trainer.experiment.task.losses[0].labels == "index"
