"""The plan of a network: its graph of named nodes, with shapes and costs, before a number is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import INPUT, Context, Operation, Shape
from glassnet.engine.network.receptive_field import ReceptiveField


@dataclass(frozen=True)
class Source:
    """An output of a node: its full name, and which of its ports."""

    name: str
    port: int = 0


@dataclass(frozen=True)
class Placed:
    """A node in its place."""

    name: str
    item: Operation
    pointer: str
    sources: tuple[Source, ...]
    ties: str | None
    shapes: tuple[Shape, ...]
    context: Context
    #: The shapes of its own parameters, by their names in the module; none where they are another node's.
    own: dict[str, Shape]
    macs: int
    receptive_field: ReceptiveField

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
class Plan:
    """The graph of an experiment, checked, ordered and measured, without a number computed."""

    nodes: list[Placed]
    #: The full name of the node that each of the task's losses reads.
    judged: list[str]
    input_shape: Shape

    @property
    def parameters(self) -> int:
        return sum(placed.parameters for placed in self.nodes)

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample, forward."""
        return sum(placed.macs for placed in self.nodes)

    @property
    def activations(self) -> int:
        """Numbers that one sample's forward pass leaves."""
        return sum(numbers(shape) for placed in self.nodes for shape in placed.shapes)

    def judging(self) -> set[str]:
        """The nodes that some loss depends on."""
        return self._judging

    @cached_property
    def _judging(self) -> set[str]:
        found = set(self.judged)
        for placed in reversed(self.nodes):
            if placed.name in found:
                found.update(source.name for source in placed.sources)
                found.update([placed.ties] if placed.ties else [])
        return found

    def __getitem__(self, name: str) -> Placed:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Placed]:
        return {placed.name: placed for placed in self.nodes}

    def describe(self) -> dict[str, Any]:
        """Nodes and totals as plain data."""
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
                    "pointer": placed.pointer,
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
            "outputs": list(dict.fromkeys(self.judged)),
            "totals": {"parameters": self.parameters, "macs": self.macs, "activations": self.activations},
        }


def numbers(shape: Shape) -> int:
    """How many numbers a tensor of this shape holds."""
    product = 1
    for size in shape:
        product *= size
    return product
