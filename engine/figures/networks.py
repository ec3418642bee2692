"""Blocks and architectures: the nodes that they expand to, with shapes, parameters and multiply-adds."""

from __future__ import annotations

from glassnet.engine.catalog import kind_of
from glassnet.engine.conformance.places import hosts, plannable
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.figures.figure import Bars, Figure
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Node
from glassnet.engine.network import planner
from glassnet.engine.network.plan import PlannedNode
from glassnet.engine.network.published import published_nodes

#: Nodes that are listed; a deep network has hundreds.
MOST = 40

NOTE = (
    "Planned on shapes alone: an architecture at its published size, a block in a small network that it "
    "fits into."
)

#: Options that the example decides.
DECIDED = {"kind", "name", "inputs", "weights", "width"}


def figure(item: Node) -> Figure:
    """Parameters and multiply-adds of each node. Raises ValueError where it fits into no example."""
    nodes = _nodes(item)
    return Figure(
        (
            Bars("Parameters", "", tuple(_bar(node, node.parameters) for node in nodes)),
            Bars("Multiply-adds of a sample", "", tuple(_bar(node, node.macs) for node in nodes)),
        ),
        NOTE,
    )


def _bar(node: PlannedNode, value: int) -> tuple[str, float, str]:
    name = node.name.partition(".")[2] or node.kind
    return name, float(value), " × ".join(map(str, node.shape))


def _nodes(item: Node) -> list[PlannedNode]:
    if isinstance(item, Architecture) and item.published_input is not None:
        options = item.model_dump(mode="json", exclude=DECIDED | {"classes"})
        return published_nodes(type(item), item.published_input, **options)[:MOST]
    options = {"kind": kind_of(type(item)), **item.model_dump(mode="json", exclude=DECIDED)}
    document = next((each for each in hosts(type(item), options) if plannable(each)), None)
    if document is None:
        raise ValueError("with these options it fits into no example; expected others")
    nodes = planner.plan(Experiment.parse(document)).nodes
    return [node for node in nodes if node.name == "item" or node.name.startswith("item.")][:MOST]
