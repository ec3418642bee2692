"""Optimizers: how a gradient becomes a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from engine.call import Call
from engine.catalog import Item, option


class Optimizer(Item, ABC):
    """An update rule, element by element.

    The trainer keeps all parameters that one optimizer moves in one flat tensor, so a rule is written
    once, as its equation, and costs as many kernels as the equation has terms, however many layers
    there are. Replicas trained together are a leading axis of the same tensors.
    """

    #: The names of the tensors kept beside each parameter; they start at zero.
    slots: ClassVar[tuple[str, ...]] = ()
    formula: ClassVar[str]

    learning_rate: float = option(
        0.01, "η, the length of the step along the gradient.", gt=0, le=100, log=True, live=True
    )

    @abstractmethod
    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        """Move `parameter` (elements,) in place; `gradient` may be overwritten.

        `state` holds the slots, each shaped like the parameter; `rate` is the scheduled learning rate
        and `count` the number of this update, from 1, both 0-d float64.
        """

    @abstractmethod
    def call(self) -> Call:
        """The optimizer of torch that does the same, over Name("parameters")."""
