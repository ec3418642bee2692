"""The surface: the network's output over the plane, and that of each unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.frame import quantize
from glassnet.engine.items.node import INPUT, Reference
from glassnet.engine.network.plan import Plan
from glassnet.engine.probes import Arrays, Picture
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The most activations of a frame where no limit is set.
MOST_NUMBERS = 200_000_000


class Surface(Picture):
    """Surface: the output over the plane as a picture, with a heatmap of every drawn unit.

    Arrays: `output` uint8 (resolution, resolution), row 0 at the top, with `output.range` (2,);
    for more than two classes also `class` uint8, and the output is its confidence. For each node
    `unit/NAME` uint8 (units, resolution, resolution) with `unit/NAME.range` (units, 2); the features
    are `unit/input`.
    """

    kind: Literal["surface"] = "surface"
    guide: ClassVar[Guide | None] = Guide(
        pros=("All that a network of two inputs does, at one glance.",),
        cons=("Two inputs only.",),
        use="To see every unit as a function.",
        example=Example(
            "Units of the first layer are edges, those of later layers put them together.",
            preset="circle",
        ),
        shows=(
            "output",
            "unit/",
        ),
    )
    resolution: int = option(50, "Points along one side of the plane.", unit="px", ge=8, le=256)
    units: list[Reference] | None = option(
        None, "Nodes whose units are drawn; empty list: none; left out: one for each column.", max_length=200
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        plane = trainer.data.dataset.plane
        if plane is None:
            raise ValueError(
                f"'{trainer.data.dataset.kind}' has no plane to draw over; expected points of the plane"
            )
        units = columns(trainer.plan) if self.units is None else [INPUT, *self.units]
        for name in units:
            _check_vector(trainer.plan, name)
        numbers = self.resolution**2 * trainer.plan.activations
        most = trainer.limits.activations or MOST_NUMBERS
        if numbers > most:
            raise ValueError(
                f"a resolution of {self.resolution} takes {numbers:,} numbers; expected at most {most:,}"
            )
        inputs = trainer.data.transform(grid(plane, self.resolution)).to(trainer.device, trainer.dtype)
        # Heatmaps are sent unit by unit, so results are computed in column-major layout.
        inputs = inputs.t().contiguous().t()
        answer = trainer.plan.loss_nodes[0]
        task = trainer.experiment.task

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            values = trainer.evaluation_network(inputs)
            return (task.shown(task.losses[0], values[answer]), *(values[name] for name in units))

        again = capture(compute, drawn=True)[1] if trainer.replays else compute
        # Reused, because allocating megabytes for each frame costs as much as filling them.
        widths = {INPUT: trainer.plan.input_shape} | {p.name: p.shape for p in trainer.plan.nodes}
        widest = max((widths[name][0] for name in units), default=1)
        scratch = torch.empty(widest, self.resolution**2)
        classes = len(trainer.data.dataset.classes or ())
        side = self.resolution

        def look() -> Arrays:
            shown, *values = on_host(again())
            arrays = _answer(shown.reshape(1, side, side), classes)
            for name, value in zip(units, values, strict=True):
                picture, ranges = quantize(value.t(), scratch[: value.shape[1]])
                arrays[f"unit/{name}"] = picture.view(-1, side, side)
                arrays[f"unit/{name}.range"] = ranges
            return arrays

        return look


def grid(plane: float, side: int) -> Tensor:
    """The points of a grid over the square from −plane to plane, row by row from the top left: (side², 2)."""
    line = torch.linspace(-plane, plane, side)
    return torch.stack([line.repeat(side), line.flip(0).repeat_interleave(side)], dim=1)


def columns(plan: Plan) -> list[str]:
    """The input, and the last node of each column of the network's drawing.

    A node that only changes the output of the preceding one (activation, normalisation, dropout) is drawn in
    its place, unless another node reads that output, too.
    """
    readers: dict[str, list[str]] = {}
    for placed in plan.nodes:
        for source in placed.sources:
            readers.setdefault(source.name, []).append(placed.name)
    hidden = {
        placed.sources[0].name
        for placed in plan.nodes
        if placed.item.folds and readers[placed.sources[0].name] == [placed.name]
    }
    return [INPUT] + [p.name for p in plan.nodes if p.name not in hidden and len(p.shape) == 1]


def _check_vector(plan: Plan, name: str) -> None:
    known = {placed.name: placed.shape for placed in plan.nodes} | {INPUT: plan.input_shape}
    if name not in known:
        raise ValueError(f"'{name}' names no node; expected one of {', '.join(known)}")
    if len(known[name]) != 1:
        raise ValueError(f"node '{name}' gives images; expected a node that gives a vector")


def _answer(shown: Tensor, classes: int) -> Arrays:
    """The picture of the output (1, side, side); for more than two classes, class and confidence."""
    if classes <= 2:
        picture, ranges = quantize(shown)
        return {"output": picture[0], "output.range": ranges[0]}
    best = shown.floor()
    picture = ((shown - best) * 255).round().to(torch.uint8)
    return {"output": picture[0], "output.range": torch.tensor([0.0, 1.0]), "class": best[0].to(torch.uint8)}
