"""Blocks: nodes that expand into several nodes with scoped names."""

from __future__ import annotations

from abc import ABC, abstractmethod

from glassnet.engine.items.node import Context, Node


class Expansion(Node, ABC):
    """A node that expands into others: a block, or a whole architecture.

    Inside the expansion the block's input is called `input`, and the last node is the block's output.
    The block's name is prefixed to the names of its nodes: `residual1.linear1`.
    """

    @abstractmethod
    def expand(self, context: Context) -> list[Node]:
        """The nodes of the expansion, each with a name."""


class Block(Expansion, ABC):
    """A few nodes that are used together."""
