"""Activation maps: the outputs of every node for one sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.frame import quantize
from glassnet.engine.items.node import INPUT, Reference, Shape
from glassnet.engine.probes import Arrays, Picture
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The greatest number of float16, to which larger ones are clamped.
LARGEST_HALF = 65504.0


class ActivationMaps(Picture):
    """Activation maps: the output of each node for one sample, in evaluation mode.

    Arrays: for each node of maps `maps/NODE` uint8 (maps, h, w) with `maps/NODE.range` (maps, 2), or
    float16 without a range; for each node of numbers `values/NODE` float32 (numbers,). Where not all is
    sent, `maps/NODE.shape` (or `values/NODE.shape`) int32 is the full shape. `sample` is the raw sample,
    `target` int32 its class where that is known, and `answer` float32 the network's prediction: a probability
    for each class, or values. Signals are maps one row high; those of volumes are (maps, depth, h, w).
    """

    kind: Literal["activation_maps"] = "activation_maps"
    guide: ClassVar[Guide | None] = Guide(
        pros=("What each layer makes of one sample, in full.",),
        cons=("One sample at a time, and many maps.",),
        use="To follow a picture through a network.",
        example=Example(
            "Maps become smaller and more selective from layer to layer.",
            preset="digits-convolution",
        ),
        shows=(
            "sample",
            "maps/convolution",
            "maps/relu",
            "answer",
        ),
    )
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The sample that the network reads.")
    nodes: list[Reference] | None = option(
        None, "The nodes to show, which may include `input`; left out: all.", max_length=200
    )
    most: int = option(64, "Maps or numbers of one node that are sent at most: the first.", ge=1, le=65536)
    side: int = option(
        128,
        "The longest side of a map; a larger one is averaged down. A signal may have side² numbers; of a "
        "longer one, the extremes of each stretch are sent.",
        unit="px",
        ge=4,
        le=2048,
    )
    encoding: Literal["uint8", "float16"] = option(
        "uint8", "How maps are sent: as pictures with their range, or as half-precision numbers."
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        raw = self.input.raw(trainer.data, trainer.blobs)
        inputs = trainer.data.transform(raw).to(trainer.device, trainer.dtype)
        names = chosen_nodes(trainer, self.nodes)
        task, judged = trainer.experiment.task, trainer.plan.loss_nodes[0]
        masks = trainer.data.dataset.family == "masks"

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            values = trainer.evaluation_network(inputs)
            loss, output = task.losses[0], values[judged]
            answers = [task.probabilities(loss, output), *([task.predictions(loss, output)] if masks else [])]
            return (*answers, *(values[name] for name in names))

        again = capture(compute)[1] if trainer.replays else compute
        fixed = _sample(raw)
        target = self.input.target(trainer.data)
        if target is not None:
            fixed["target"] = torch.tensor(target, dtype=torch.int32)

        def look() -> Arrays:
            answer, *values = on_host(again())
            arrays = fixed | {"answer": answer[0].float()}
            if masks:
                arrays["mask"] = values.pop(0)[0].to(torch.uint8)
            for name, value in zip(names, values, strict=True):
                arrays |= self._sent(name, value[0])
            return arrays

        return look

    def _sent(self, name: str, value: Tensor) -> Arrays:
        """The arrays of one node's output, without the batch: (maps, …) or (numbers,)."""
        if value.ndim < 2:
            numbers = value.reshape(-1).float()
            return _whole_or_part(f"values/{name}", numbers[: self.most].clone(), numbers.shape)
        maps = as_maps(value)
        few = shrunk(maps[: self.most].float(), self.side)
        name = f"maps/{name}"
        if self.encoding == "float16":
            return _whole_or_part(name, few.clamp(-LARGEST_HALF, LARGEST_HALF).half(), maps.shape)
        picture, ranges = quantize(few)
        return _whole_or_part(name, picture, maps.shape) | {f"{name}.range": ranges}


def chosen_nodes(trainer: Observed, nodes: list[str] | None) -> list[str]:
    """The requested nodes, each once; None: all of them. Raises ValueError."""
    known = [INPUT, *(placed.name for placed in trainer.plan.nodes)]
    for name in nodes or []:
        if name not in known:
            raise ValueError(f"'{name}' names no node; expected one of {', '.join(known)}")
    return known if nodes is None else list(dict.fromkeys(nodes))


def as_maps(value: Tensor) -> Tensor:
    """(channels, length) as one row each, (channels, 1, length); pictures and volumes unchanged."""
    return value[:, None] if value.ndim == 2 else value


def shrunk(maps: Tensor, side: int) -> Tensor:
    """Maps (maps, h, w) or (maps, depth, h, w) reduced to at most `side` a side, over equal windows.

    Windows are averaged; of signals, maps of one row, the extremes are kept, as waves average to nothing.
    """
    *sizes, width = maps.shape[1:]
    if sizes == [1]:
        return maps if width <= side * side else extremes(maps, side * side)
    if max(*sizes, width) <= side:
        return maps
    share = min(1.0, side / max(sizes[-1], width))
    height, width = (max(1, round(share * each)) for each in (sizes[-1], width))
    if len(sizes) == 1:
        return torch.nn.functional.adaptive_avg_pool2d(maps, (height, width))
    return torch.nn.functional.adaptive_avg_pool3d(maps, (min(sizes[0], side), height, width))


def extremes(signals: Tensor, most: int) -> Tensor:
    """Signals (…, length) as the least and the greatest number of each stretch, in turn: (…, ≤ most)."""
    stretch = -(-signals.shape[-1] // max(1, most // 2))
    # The last number is repeated, so that every stretch is full.
    missing = -signals.shape[-1] % stretch
    full = torch.cat([signals, signals[..., -1:].expand(*signals.shape[:-1], missing)], dim=-1)
    stretches = full.reshape(*full.shape[:-1], -1, stretch)
    return torch.stack([stretches.amin(-1), stretches.amax(-1)], dim=-1).flatten(-2)


def _sample(raw: Tensor) -> Arrays:
    """The raw sample: numbers, or a picture with one range for all its channels."""
    sample = raw[0].float()
    if sample.ndim < 2:
        return {"sample": sample.clone()}
    picture, ranges = quantize(as_maps(sample)[None])
    return {"sample": picture[0], "sample.range": ranges[0]}


def _whole_or_part(name: str, sent: Tensor, whole: Shape) -> Arrays:
    arrays = {name: sent}
    if sent.shape != whole:
        arrays[f"{name}.shape"] = torch.tensor(whole, dtype=torch.int32)
    return arrays
