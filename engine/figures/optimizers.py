"""Optimizers: the path down Beale's surface from one start, and the height along it."""

from __future__ import annotations

import torch

from glassnet.engine.descent.descent import PointOptimizer
from glassnet.engine.figures.figure import Axis, Chart, Figure, Line, Plane
from glassnet.engine.figures.surfaces import heights
from glassnet.engine.figures.values import floats, tensor_of
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.surfaces.bowls import Beale

STEPS, START = 250, (1.0, 1.5)

#: The part of the surface around the paths: left, right, bottom, top.
REGION = (-0.5, 4.0, -1.0, 2.2)

NOTE = (
    f"{STEPS} steps on Beale's function from x = 1, y = 1.5, by the update that trains networks; its minimum "
    "is at x = 3, y = 0.5."
)


def figure(item: Optimizer) -> Figure:
    """The path of an optimizer, and its heights."""
    surface = Beale()
    descent = PointOptimizer(item, tensor_of([START]))
    rate, places = tensor_of([item.learning_rate])[0], [descent.position.clone()]
    for _ in range(STEPS):
        descent.step(surface.slope(descent.places), rate)
        places.append(descent.position.clone())
    path = torch.cat(places)
    losses = surface.value(path)
    x, y = floats(path[:, 0]), floats(path[:, 1])
    steps = [float(step) for step in range(STEPS + 1)]
    return Figure(
        (
            Plane(
                "Path on Beale's surface",
                Axis("x"),
                Axis("y"),
                REGION,
                paths=(Line("", x, y),),
                heights=heights(surface, REGION),
            ),
            Chart("Height", Axis("step"), Axis("f", log=True), (Line("", steps, floats(losses)),)),
        ),
        NOTE,
    )
