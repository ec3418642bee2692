"""Architectures at their published size: parameters, multiply-adds and receptive field, as planned."""

from __future__ import annotations

from typing import Any, NamedTuple

from glassnet.engine.catalog import kind_of
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Shape
from glassnet.engine.network.plan import PlannedNode
from glassnet.engine.network.planner import plan


class Published(NamedTuple):
    """The size of an architecture as it was published."""

    year: int
    input: Shape
    parameters: int
    macs: int
    #: Sides in pixels of what one place of the last feature maps depends on.
    receptive_field: tuple[int, ...]


def published(architecture: type[Architecture]) -> Published | None:
    """The published size of an architecture; None where its class does not say what it was made for."""
    year, shape = architecture.year, architecture.published_input
    if year is None or shape is None:
        return None
    inside = published_nodes(architecture, shape)
    field = next(placed.receptive_field for placed in reversed(inside) if len(placed.shape) > 1)
    return Published(
        year,
        shape,
        sum(placed.parameters for placed in inside),
        sum(placed.macs for placed in inside),
        shape[1:] if field is None else tuple(axis.size for axis in field),
    )


def published_nodes(architecture: type[Architecture], shape: Shape, **options: Any) -> list[PlannedNode]:
    """The planned nodes of an architecture for inputs of a shape, with as many classes as were published."""
    name = "published"
    node = {"kind": kind_of(architecture), "name": name, "classes": architecture.published_classes}
    network = [
        {**options, **node},
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]  # which are of the task, and not counted
    nodes = plan(Experiment.parse({"data": _data_of(shape), "network": network})).nodes
    return [placed for placed in nodes if placed.name.startswith(f"{name}.")]


def _data_of(shape: Shape) -> dict[str, Any]:
    """Data of a shape: pictures that are described, and that planning does not need."""
    channels, side, _ = shape
    return {"kind": "own_images", "size": side, "channels": channels}
