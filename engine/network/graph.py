"""A list of nodes as a graph: references between nodes, and an order of execution."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.items.node import INPUT, Node


def references(nodes: Sequence[Node]) -> list[list[str]]:
    """The references of each node, the preceding node by default; an `input` node reads the data."""
    return [
        node.inputs
        if node.inputs is not None
        else [INPUT if index == 0 or node.role == "data" else nodes[index - 1].name or ""]
        for index, node in enumerate(nodes)
    ]


def topological_order(
    nodes: Sequence[Node], reads: Sequence[Sequence[str]], pointers: Sequence[str]
) -> list[int]:
    """A topological order: that of the list where it is one, else depth first.

    Raises InvalidExperiment, with the pointer of a node, where the graph has a cycle.
    """
    position = {node.name or "": index for index, node in enumerate(nodes)}
    needed = [
        [
            position[name]
            for name in map(top_level_node, [*reads[index], *([node.weights] if node.weights else [])])
            if name in position
        ]
        for index, node in enumerate(nodes)
    ]
    found: list[int] = []
    done: set[int] = set()
    for start in range(len(nodes)):
        path = [start]
        while path:
            index = path[-1]
            ahead = next((n for n in needed[index] if n not in done), None)
            if index in done or ahead is None:
                path.pop()
                if index not in done:
                    done.add(index)
                    found.append(index)
            elif ahead in path:
                circle = [*path[path.index(ahead) :], ahead]
                names = " → ".join(nodes[i].name or "" for i in reversed(circle))
                raise InvalidExperiment.at(
                    pointers[min(circle)], f"{names} is a cycle; expected a graph without one"
                )
            else:
                path.append(ahead)
    return found


def top_level_node(reference: str) -> str:
    """The top-level node that a reference leads to: `block1.conv2:output` → `block1`."""
    return reference.split(":")[0].split(".")[0]


def matches(pattern: str, name: str) -> bool:
    """Whether a node's name matches a pattern; a block's name matches every node inside it."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def is_frozen(name: str, frozen: Sequence[str]) -> bool:
    """Whether training leaves a node as it is: whether one of the patterns of `training.frozen` matches."""
    return any(matches(pattern, name) for pattern in frozen)
