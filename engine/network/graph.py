"""A list of nodes read as a graph: what each reads, in which order they can be placed."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.items.node import INPUT, Node


def references(nodes: Sequence[Node]) -> list[list[str]]:
    """What each node reads, with the node before filled in; an `input` node reads the data."""
    return [
        node.inputs
        if node.inputs is not None
        else [INPUT if index == 0 or node.role == "data" else nodes[index - 1].name or ""]
        for index, node in enumerate(nodes)
    ]


def order(nodes: Sequence[Node], reads: Sequence[Sequence[str]], pointers: Sequence[str]) -> list[int]:
    """The list's own order where that works; otherwise each node after what it reads, depth first."""
    position = {node.name or "": index for index, node in enumerate(nodes)}
    needed = [
        [
            position[name]
            for name in map(top, [*reads[index], *([node.weights] if node.weights else [])])
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


def top(reference: str) -> str:
    """The node of its own list that a reference goes to: `block1.conv2:output` → `block1`."""
    return reference.split(":")[0].split(".")[0]


def matches(pattern: str, name: str) -> bool:
    """Whether a node belongs to a pattern; a block's name stands for everything inside it."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")
