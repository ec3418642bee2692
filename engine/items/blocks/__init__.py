"""Blocks: nodes that stand for several, and expand into them under scoped names."""

from __future__ import annotations

from abc import ABC, abstractmethod

from glassnet.engine.items.node import Context, Node


class Expansion(Node, ABC):
    """A node that expands into others: a block, or a whole architecture.

    The expansion reads what the block reads under the name `input`, and its last node is the block's
    output. Its nodes get the block's name before theirs: `residual1.linear1`.
    """

    @abstractmethod
    def expand(self, context: Context) -> list[Node]:
        """The nodes inside, each with a name."""


class Block(Expansion, ABC):
    """A few nodes that are used together."""
