"""Filters: the weights of the first layers as pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.frame import quantize
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import INPUT, Reference, Shape
from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.activation_maps import as_maps

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class Filters(Picture):
    """Filters: the kernels of convolutions, and the weights of dense units that read the picture itself.

    Arrays: for each node `filter/NODE` uint8 (filters, channels, h, w), or (filters, channels, depth, h, w),
    with `filter/NODE.range` (filters, 2), one range for all channels of a filter; kernels of signals are one
    row high. Where not all are sent, `filter/NODE.shape` int32 is the full shape.
    """

    kind: Literal["filters"] = "filters"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The first layer can be read as it is.",),
        cons=("Deeper filters look at maps, not at pixels.",),
        use="To see edges and spots of colour, and dead filters.",
        example=Example(
            "Filters that stay noise have learned nothing.",
            preset="gratings",
        ),
        shows=("filter/",),
    )
    hz: float = frame_rate(5.0)
    nodes: list[Reference] | None = option(
        None, "Layers whose filters are sent; left out: those that read the picture itself.", max_length=64
    )
    most: int = option(64, "Filters of one layer that are sent at most: the first.", ge=1, le=4096)
    channels: int = option(16, "Channels of one filter that are sent at most: the first.", ge=1, le=1024)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        names = first_layers(trainer.plan) if self.nodes is None else list(dict.fromkeys(self.nodes))
        if not names:
            raise ValueError("no layer looks at a picture; expected a convolution or a dense layer of pixels")
        weights = {name: _weight(trainer, name) for name in names}

        def look() -> Arrays:
            arrays: Arrays = {}
            for name, (weight, shape) in weights.items():
                whole = weight.detach().reshape(shape)
                few = whole[: self.most, : self.channels]
                few = torch.stack([as_maps(kernel) for kernel in few]).float()
                picture, ranges = quantize(few)
                arrays |= {f"filter/{name}": picture, f"filter/{name}.range": ranges}
                if whole.shape[:2] != few.shape[:2]:
                    arrays[f"filter/{name}.shape"] = torch.tensor(whole.shape, dtype=torch.int32)
            return arrays

        return look


def first_layers(plan: Plan) -> list[str]:
    """The convolutions and dense layers that read the picture itself, in the network's order."""
    if len(plan.input_shape) < 2:
        return []
    passed = {INPUT}
    found = []
    for placed in plan.nodes:
        if not all(source.name in passed for source in placed.sources):
            continue
        if _passes(placed):
            passed.add(placed.name)
        elif _filter_shape(plan, placed.name) is not None:
            found.append(placed.name)
    return found


def _filter_shape(plan: Plan, name: str) -> Shape | None:
    """The shape (filters, channels, …) of a node's weight; None where it cannot be drawn as filters."""
    placed = plan[name]
    weight = placed.own.get("weight")
    if weight is None or len(weight) == 1:
        return None
    if len(weight) > 2:
        return weight
    pixels = _before_flatten(plan, name)
    return (weight[0], *pixels) if pixels is not None else None


def _before_flatten(plan: Plan, name: str) -> Shape | None:
    """The shape of the picture that a dense node reads flattened; None where it reads something else."""
    known = {placed.name: placed for placed in plan.nodes}
    shape, at = plan.input_shape, name
    while at in known:
        at = known[at].sources[0].name
        if at in known and not _passes(known[at]):
            return None
    return shape if len(shape) > 1 else None


def _passes(placed: PlannedNode) -> bool:
    """Whether a node keeps the positions of pixels, so that a layer after it still reads the picture."""
    item = placed.item
    return item.role in ("data", "flattening") or (item.folds and not isinstance(item, Activation))


def _weight(trainer: Observed, name: str) -> tuple[Tensor, Shape]:
    known = {placed.name for placed in trainer.plan.nodes}
    shape = _filter_shape(trainer.plan, name) if name in known else None
    if shape is None:
        able = [p.name for p in trainer.plan.nodes if _filter_shape(trainer.plan, p.name) is not None]
        raise ValueError(f"'{name}' has no filters; expected one of {', '.join(able) or 'none here'}")
    return trainer.evaluation_network.get_parameter(f"{name}.weight"), shape
