"""Plan: the graph of named nodes of a network, with shapes and costs, before it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from glassnet.engine.catalog.shown import Shown
from glassnet.engine.errors import Problem
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import INPUT, Context, Node, Operation, Shape
from glassnet.engine.network.receptive_field import ReceptiveField
from glassnet.engine.network.way import Way, ways


@dataclass(frozen=True)
class Source:
    """An output of a node: the node's full name, and the index of its port."""

    name: str
    port: int = 0


@dataclass(frozen=True)
class PlannedNode:
    """A node of a plan: its item, sources, shapes and costs."""

    name: str
    item: Operation
    pointer: str
    sources: tuple[Source, ...]
    ties: str | None
    shapes: tuple[Shape, ...]
    context: Context
    #: The shapes of its own parameters, by their names in the module; empty where it uses another node's.
    own: dict[str, Shape]
    macs: int
    receptive_field: ReceptiveField
    #: Whether the document has it at its pointer; else the block that is there has added it.
    written: bool

    @property
    def parameters(self) -> int:
        return sum(map(numbers, self.own.values()))

    @property
    def kind(self) -> str:
        return self.item.kind

    @property
    def followed(self) -> bool:
        """Whether the probe `arithmetic` shows its numbers, which it does where none of them are volumes."""
        return self.item.followed and all(len(shape) < 4 for shape in (*self.context.shapes, self.shape))

    @property
    def shape(self) -> Shape:
        """The shape of the first output, without the batch."""
        return self.shapes[0]


@dataclass
class Plan(Shown):
    """The graph of an experiment: nodes checked, ordered and measured."""

    nodes: list[PlannedNode]
    #: The full names of the nodes that the task's losses read.
    loss_nodes: list[str]
    input_shape: Shape
    #: The kinds of the blocks that nodes were expanded from, by the blocks' full names.
    blocks: dict[str, str] = field(default_factory=dict)
    #: What can be trained, and does not do what was meant.
    warnings: list[Problem] = field(default_factory=list)
    #: The document's blocks and architectures by pointer, each with the nodes that it expands to.
    insides: Mapping[str, tuple[Node, Sequence[Node]]] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        return sum(placed.parameters for placed in self.nodes)

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample, forward."""
        return sum(placed.macs for placed in self.nodes)

    @property
    def activations(self) -> int:
        """Numbers that the forward pass of one sample keeps."""
        return sum(numbers(shape) for placed in self.nodes for shape in placed.shapes)

    def loss_dependencies(self) -> set[str]:
        """The names of the nodes that some loss depends on."""
        return self._loss_dependencies

    @cached_property
    def _loss_dependencies(self) -> set[str]:
        return self.dependencies(*self.loss_nodes)

    def dependencies(self, *names: str) -> set[str]:
        """The names of these nodes, and of all that they depend on."""
        found = set(names)
        for placed in reversed(self.nodes):
            if placed.name in found:
                found.update(source.name for source in placed.sources)
                found.update([placed.ties] if placed.ties else [])
        return found

    @cached_property
    def ways(self) -> Mapping[str, Way]:
        """All that each node depends on, by the node's name."""
        return ways(self.nodes)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> PlannedNode:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, PlannedNode]:
        return {placed.name: placed for placed in self.nodes}

    def describe(self) -> dict[str, Any]:
        """The plan as JSON values: nodes and totals."""
        return {
            "input": {"name": INPUT, "shape": list(self.input_shape)},
            "nodes": [
                {
                    "name": placed.name,
                    "kind": placed.kind,
                    "role": placed.item.role,
                    "downward": placed.item.downward if isinstance(placed.item, Activation) else None,
                    "size_option": placed.item.size_option,
                    "slides": placed.item.slides,
                    "transposed": placed.item.transposed,
                    "followed": placed.followed,
                    "way": self.ways[placed.name].as_json(self.nodes),
                    "pointer": placed.pointer,
                    "written": placed.written,
                    "inputs": [source.name for source in placed.sources],
                    "shape": list(placed.shape),
                    "parameters": placed.parameters,
                    "macs": placed.macs,
                    "receptive_field": None
                    if placed.receptive_field is None
                    else [axis.size for axis in placed.receptive_field],
                }
                for placed in self.nodes
            ],
            "outputs": list(dict.fromkeys(self.loss_nodes)),
            "warnings": [warning.document() for warning in self.warnings],
            "totals": {"parameters": self.parameters, "macs": self.macs, "activations": self.activations},
        }


def numbers(shape: Shape) -> int:
    """The number of elements of a tensor of this shape."""
    product = 1
    for size in shape:
        product *= size
    return product
