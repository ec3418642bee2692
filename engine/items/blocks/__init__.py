"""Blocks: nodes that expand into several nodes with scoped names."""

from __future__ import annotations

from abc import ABC, abstractmethod

from glassnet.engine.items.node import INPUT, Context, Node


class Expansion(Node, ABC):
    """A node that expands into others: a block, or a whole architecture.

    Inside the expansion the block's input is called `input`, further ones `input2`, `input3`, …, and the last
    node is the block's output; others are read from outside by their names, such as `pyramid.level3`. The
    block's name is prefixed to the names of its nodes: `residual1.linear1`.
    """

    @abstractmethod
    def expand(self, context: Context) -> list[Node]:
        """The nodes of the expansion, each with a name."""


def inside_name(position: int) -> str:
    """What the input of a block at a position, from 0, is called inside: `input`, `input2`, `input3`, …"""
    return INPUT if position == 0 else f"{INPUT}{position + 1}"


class Block(Expansion, ABC):
    """A few nodes that are used together."""
