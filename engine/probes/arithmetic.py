"""Arithmetic: every number that goes into one map, or one unit, for one sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import torch
from torch import Tensor, nn

from engine.catalog import Choice, option
from engine.inputs import Input
from engine.inputs.sample import SampleInput
from engine.node import Reference
from engine.probes import Arrays, Picture
from engine.replay import capture

if TYPE_CHECKING:
    from engine.trainer import Trainer

#: Numbers of one frame: beyond it nobody could follow the sum anyway.
MOST_NUMBERS = 2_000_000

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d)
POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)


class Arithmetic(Picture):
    """Arithmetic: what one map of a node is computed from, number by number, for one sample.

    Arrays, all float32 unless said otherwise: `output` (h, w), the map as the node gives it; `input`
    (channels, h, w), the channels it reads, of which the first is number `first` int32 of what arrives;
    `kernel` (channels, h, w) and `bias` where there are some; `size`, `stride`, `dilation` and `padding`
    (above, left) int32 (2,); `transposed` uint8, whether the kernel is laid down at each input instead.
    For dense nodes `input`, `kernel` (numbers,), `bias`, `output` (1,). `after/NAME` is the map behind each
    node of `through`. Where the map belongs to the network's answer and a softmax reads that: `logits` and
    `shares` (classes,).
    """

    kind: Literal["arithmetic"] = "arithmetic"
    hz: float = option(5.0, "How many frames a second to send at most.", unit="1/s", gt=0, le=30)
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The sample that the network is shown.")
    node: Reference | None = option(None, "The node; left out: the first that has weights.")
    map: int = option(0, "Which of its maps or units, from 0.", ge=0, le=1_000_000)
    through: list[Reference] = option(
        [], "Nodes behind it that change the map in its place, such as an activation.", max_length=16
    )

    def prepare(self, trainer: Trainer) -> Callable[[], Arrays]:
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
        read = reading(trainer.looking.get_submodule(node), self.map)
        judged = trainer.plan.judged[0]
        logits = judged if judged in (node, *self.through) and _is_softmax(trainer) else None

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            arrived: list[Tensor] = []

            def keep(module: nn.Module, *tensors: Tensor) -> object:
                arrived.extend(tensors)
                return module(*tensors)

            values = trainer.looking(inputs, around={node: keep})
            rest = [values[logits]] if logits else []
            return (arrived[0], values[node], *(values[name] for name in self.through), *rest)

        first = compute()
        numbers = first[0].numel() + first[1].numel()
        if numbers > MOST_NUMBERS:
            raise ValueError(f"'{node}' works on {numbers:,} numbers; expected at most {MOST_NUMBERS:,}")
        again = capture(compute)[1] if trainer.replays else compute

        def look() -> Arrays:
            arrived, output, *others = again()
            arrays = read(arrived[0]) | {"output": _one(output, self.map)}
            for name, value in zip(self.through, others, strict=False):
                arrays[f"after/{name}"] = _one(value, self.map)
            if logits:
                arrays["logits"] = others[-1][0].float()
                arrays["shares"] = torch.softmax(others[-1][0].float(), dim=0)
            return arrays

        return look


def reading(module: nn.Module, index: int) -> Callable[[Tensor], Arrays]:
    """What a module reads for one of its maps, from all that arrives without the batch. Raises ValueError."""
    if isinstance(module, nn.Linear):
        return lambda arrived: {
            "input": arrived.float(),
            "kernel": module.weight[index].detach().float(),
            **_bias(module.bias, index),
        }
    if isinstance(module, CONVOLUTIONS):
        width = module.in_channels // module.groups
        first = index // (module.out_channels // module.groups) * width
        return lambda arrived: {
            **_picture(arrived, first, width),
            "kernel": _flat(module.weight[index].detach()),
            **_bias(module.bias, index),
            **sliding(module),
        }
    if isinstance(module, TRANSPOSED):
        width = module.in_channels // module.groups
        each = module.out_channels // module.groups
        first = index // each * width
        return lambda arrived: {
            **_picture(arrived, first, width),
            "kernel": _flat(module.weight[first : first + width, index % each].detach()),
            **_bias(module.bias, index),
            **sliding(module, transposed=True),
        }
    if isinstance(module, POOLS):
        return lambda arrived: {**_picture(arrived, index, 1), **sliding(module)}
    raise ValueError(
        f"no arithmetic is shown of {type(module).__name__}; expected a convolution, pooling or a dense node"
    )


def sliding(module: nn.Module, *, transposed: bool = False) -> Arrays:
    """How a window moves: `size`, `stride`, `padding` above and left, `dilation`; rows first."""
    size = _pair(getattr(module, "kernel_size"), 1)  # noqa: B009 (torch's modules share no base that has it)
    dilation = _pair(getattr(module, "dilation", 1), 1)
    padding = getattr(module, "padding", 0)
    if padding == "same":
        padding = tuple((k - 1) * d // 2 for k, d in zip(size, dilation, strict=True))
    elif padding == "valid":
        padding = 0
    pairs = {
        "size": size,
        "stride": _pair(getattr(module, "stride"), 1),  # noqa: B009
        "padding": _pair(padding, 0),
        "dilation": dilation,
    }
    arrays = {name: torch.tensor(pair, dtype=torch.int32) for name, pair in pairs.items()}
    return arrays | {"transposed": torch.tensor(int(transposed), dtype=torch.uint8)}


def _pair(value: int | tuple[int, ...], alone: int) -> tuple[int, int]:
    """Rows and columns; a sequence is one row, whose size along the other axis is `alone`."""
    if isinstance(value, int):
        return value, value
    return (alone, value[0]) if len(value) == 1 else (value[0], value[1])


def _picture(arrived: Tensor, first: int, width: int) -> Arrays:
    return {
        "input": _flat(arrived[first : first + width]),
        "first": torch.tensor(first, dtype=torch.int32),
    }


def _flat(maps: Tensor) -> Tensor:
    """(channels, length) or (channels, h, w) as (channels, h, w) float32."""
    return (maps[:, None] if maps.ndim == 2 else maps).float()


def _bias(bias: Tensor | None, index: int) -> Arrays:
    return {} if bias is None else {"bias": bias[index].detach().float()}


def _one(value: Tensor, index: int) -> Tensor:
    """One map (h, w) of an output with its batch of one; a number as (1,), a sequence as one row."""
    chosen = value[0, index].float()
    return chosen.reshape(1) if chosen.ndim == 0 else chosen[None] if chosen.ndim == 1 else chosen


def _is_softmax(trainer: Trainer) -> bool:
    return trainer.experiment.task.losses[0].labels == "index"
