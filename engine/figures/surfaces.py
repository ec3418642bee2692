"""Cost surfaces: their heights, minima and start, and cuts through the start."""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.figures.figure import Axis, Chart, Figure, Line, Plane
from glassnet.engine.figures.values import floats, spaced, tensor_of
from glassnet.engine.items.surfaces import CostSurface

#: Heights along an axis, and places of a cut.
GRID, POINTS = 90, 241

Region = tuple[float, float, float, float]


def heights(surface: CostSurface, region: Region) -> Tensor:
    """The heights of a part of a surface: (rows, columns), the top row first."""
    left, right, bottom, top = region
    x, y = spaced(left, right, GRID), spaced(top, bottom, GRID)
    return surface.value(torch.stack(torch.meshgrid(x, y, indexing="xy"), -1))


def figure(item: CostSurface) -> Figure:
    """A surface from above, and its height along both axes through the usual start."""
    (left, right), (bottom, top) = item.domain
    region = (left, right, bottom, top)
    x, y = item.start
    minima = [Line("Minimum", [at[0] for at in item.minima], [at[1] for at in item.minima])]
    marks = (Line("Start", [x], [y]), *(minima if item.minima else ()))
    across, along = spaced(left, right, POINTS), spaced(bottom, top, POINTS)
    names = item.axes
    return Figure(
        (
            Plane("From above", Axis(names[0]), Axis(names[1]), region, marks, heights=heights(item, region)),
            _cut(item, names[0], across, torch.stack([across, 0 * across + y], 1)),
            _cut(item, names[1], along, torch.stack([0 * along + x, along], 1)),
        ),
        "The cuts go through the start. All heights are computed by the surface itself.",
    )


def _cut(item: CostSurface, name: str, places: Tensor, at: Tensor) -> Chart:
    line = Line("", floats(places), floats(item.value(tensor_of(floats(at)))))
    return Chart(f"Along {name}", Axis(name), Axis("f"), (line,))
