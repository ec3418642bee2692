"""Losses: the error of a prediction. The cost is their mean over a set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Reference

#: The encoding of a loss's targets: class index, 0/1 or ±1 per class (one number for two classes), values.
Encoding = Literal["index", "zero_one", "plus_minus", "value"]


class Loss(Item, ABC):
    """A function of a node's output and the targets: one number, the mean over the batch."""

    #: The encoding of class labels; None where the loss is not for classes.
    labels: ClassVar[Encoding | None]
    #: Whether the loss compares values, for regression.
    values: ClassVar[bool] = False
    formula: ClassVar[str]

    node: Reference | None = option(None, "The node whose output the loss reads; empty: the last one.")
    weight: float = option(1.0, "Factor of this loss in the sum.", ge=0, le=1e6, live=True)

    @abstractmethod
    def call(self) -> Call:
        """A module that takes (output, target)."""
