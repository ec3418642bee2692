"""Losses: how wrong one sample's answer is. The cost is their mean over a set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Reference

#: How a loss wants its targets: class index, 0/1 or ±1 per class (one number for two classes), values.
Encoding = Literal["index", "zero_one", "plus_minus", "value"]


class Loss(Item, ABC):
    """Compares what a node says with the targets and gives one number, the mean over the batch."""

    #: The encoding of class labels; None where the loss is not for classes.
    labels: ClassVar[Encoding | None]
    #: Whether the loss compares values, for regression.
    values: ClassVar[bool] = False
    formula: ClassVar[str]

    node: Reference | None = option(None, "The node whose output is judged; empty: the last one.")
    weight: float = option(1.0, "Factor of this loss in the sum.", ge=0, le=1e6, live=True)

    @abstractmethod
    def call(self) -> Call:
        """A module that takes (output, target)."""
