"""An architecture planned alone, for any size of picture: its nodes, blocks and totals as rows to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from glassnet.engine.catalog import catalog, kind_of
from glassnet.engine.errors import InvalidExperiment, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Node, Shape
from glassnet.engine.network.depth import depth, groups
from glassnet.engine.network.plan import PlannedNode, numbers
from glassnet.engine.network.planner import plan

#: The name under which an architecture is planned; names of its nodes are given without it.
NAME = "planned"

#: So many that no batch is of one picture, of whose last maps of one pixel no norm could take a variance.
ENOUGH_PICTURES = 100


class PlannedArchitecture(NamedTuple):
    """The nodes of an architecture that is planned alone, and the kinds of the blocks they are in."""

    architecture: Architecture
    input: Shape
    nodes: list[PlannedNode]
    blocks: dict[str, str]

    def totals(self) -> dict[str, int]:
        """Parameters, multiply-adds and activations of one sample, and the depth in layers with weights."""
        return {
            "parameters": sum(placed.parameters for placed in self.nodes),
            "macs": sum(placed.macs for placed in self.nodes),
            "activations": sum(numbers(shape) for placed in self.nodes for shape in placed.shapes),
            "depth": depth(self.nodes),
        }

    def describe(self) -> dict[str, Any]:
        """Nodes, blocks and totals as JSON values; names are those inside the architecture."""
        return {
            "input": list(self.input),
            "nodes": [_row(placed) for placed in self.nodes],
            "blocks": {_inside(name): kind for name, kind in self.blocks.items() if _says_more(name, kind)},
            "totals": self.totals(),
        }


def planned_architecture(
    kind: str, options: Mapping[str, Any], size: Any = None, channels: Any = None
) -> PlannedArchitecture:
    """An architecture planned for square pictures; what is left out is as published.

    Raises InvalidExperiment with pointers to the options: /depth, /width, /size, /channels, or, where the
    network cannot be built, to the whole; where it could be for pictures as published, to /size.
    """
    item = catalog(Node)[kind]
    assert issubclass(item, Architecture)
    data = picture_data(item, size, channels)
    node = {"classes": item.published_classes, **options, "kind": kind_of(item), "name": NAME}
    # The last layers are the task's, and are left out of what is returned.
    document = {"data": data, "network": [node, {"kind": "flatten"}, {"kind": "linear", "units": None}]}
    try:
        experiment = Experiment.parse(document)
        planned = plan(experiment)
    except InvalidExperiment as error:
        problems = [_about_options(problem) for problem in error.problems]
        if size is not None and not any(problem.pointer for problem in problems) and _fits(document, item):
            problems = [problem.moved("/size") for problem in problems]
        raise InvalidExperiment(problems) from None
    architecture = experiment.network[0]
    assert isinstance(architecture, Architecture)
    inside = [placed for placed in planned.nodes if placed.name.startswith(f"{NAME}.")]
    blocks = {name: kind for name, kind in planned.blocks.items() if name.startswith(NAME)}
    return PlannedArchitecture(architecture, experiment.data.shape, inside, blocks)


def picture_data(item: type[Architecture], size: Any = None, channels: Any = None) -> dict[str, Any]:
    """Data of square pictures, which planning does not need; what is left out is as published."""
    published = item.published_input or (3, 224, 224)
    return {
        "kind": "own_images",
        "size": published[1] if size is None else size,
        "channels": published[0] if channels is None else channels,
        "pictures": ENOUGH_PICTURES,
    }


def _fits(document: Mapping[str, Any], item: type[Architecture]) -> bool:
    """Whether the network of a document could be built for pictures of the published size."""
    published = picture_data(item, channels=document["data"]["channels"])
    try:
        plan(Experiment.parse({**document, "data": published}))
    except InvalidExperiment:
        return False
    return True


def _about_options(problem: Problem) -> Problem:
    """A problem of the planned document, with its pointer into the architecture's options."""
    message = problem.message.replace(f"'{NAME}.", "'").replace(f"node '{NAME}': ", "")
    for outer in ("/network/0", "/data"):
        if problem.pointer.startswith(outer):
            return Problem(problem.pointer.removeprefix(outer), message)
    return Problem("", message)


def _row(placed: PlannedNode) -> dict[str, Any]:
    windows = placed.item.windows(placed.context)
    field = placed.receptive_field
    return {
        "name": _inside(placed.name),
        "kind": placed.kind,
        "inputs": [_inside(source.name) for source in placed.sources],
        "shape": list(placed.shape),
        "kernel": [window.size for window in windows] if windows else None,
        "stride": [window.stride for window in windows] if windows else None,
        "groups": groups(placed),
        "parameters": placed.parameters,
        "macs": placed.macs,
        "receptive_field": None if field is None else [axis.size for axis in field],
    }


def _says_more(name: str, kind: str) -> bool:
    """Whether the kind of a block says more than that nodes stand together."""
    return name != NAME and "body" not in catalog(Node)[kind].model_fields


def _inside(name: str) -> str:
    """The name of a node or block inside the architecture."""
    return name.removeprefix(f"{NAME}.")
