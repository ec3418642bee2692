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

#: Parts that are listed. A network of more nodes, a deep one has hundreds, is listed stage by stage.
MOST = 40

NOTE = (
    "Planned on shapes alone: an architecture at its published size, a block in a small network that it "
    "fits into."
)

#: Options that the example decides.
DECIDED = {"kind", "name", "inputs", "weights", "width"}


def figure(item: Node) -> Figure:
    """Parameters and multiply-adds of each part. Raises ValueError where it fits into no example."""
    parts = _parts(_nodes(item))
    return Figure(
        (
            Bars("Parameters", "", tuple(_bar(name, sum(n.parameters for n in p), p) for name, p in parts)),
            Bars(
                "Multiply-adds of a sample",
                "",
                tuple(_bar(name, sum(n.macs for n in p), p) for name, p in parts),
            ),
        ),
        NOTE,
    )


def _parts(nodes: list[PlannedNode]) -> list[tuple[str, list[PlannedNode]]]:
    """The nodes by their names inside; of a deep network its stages and blocks, each with what is in it."""
    deep = len(nodes) > MOST
    parts: dict[str, list[PlannedNode]] = {}
    for node in nodes:
        inside = node.name.partition(".")[2] or node.kind
        parts.setdefault(inside.partition(".")[0] if deep else inside, []).append(node)
    return list(parts.items())[:MOST]


def _bar(name: str, value: int, part: list[PlannedNode]) -> tuple[str, float, str]:
    return name, float(value), " × ".join(map(str, part[-1].shape))


def _nodes(item: Node) -> list[PlannedNode]:
    if isinstance(item, Architecture) and item.published_input is not None:
        options = item.model_dump(mode="json", exclude=DECIDED | {"classes"})
        return published_nodes(type(item), item.published_input, **options)
    options = {"kind": kind_of(type(item)), **item.model_dump(mode="json", exclude=DECIDED)}
    document = next((each for each in hosts(type(item), options) if plannable(each)), None)
    if document is None:
        raise ValueError("with these options it fits into no example; expected others")
    nodes = planner.plan(Experiment.parse(document)).nodes
    return [node for node in nodes if node.name == "item" or node.name.startswith("item.")]
