"""Optimizers: how a gradient becomes a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call


class Optimizer(Item, ABC):
    """An update rule, element by element.

    The trainer keeps all parameters that one optimizer moves in one flat tensor, so a rule is written
    once, as its equation, and costs as many kernels as the equation has terms, however many layers
    there are. Replicas trained together are a leading axis of the same tensors.
    """

    #: The names of the tensors kept beside each parameter; they start at zero.
    slots: ClassVar[tuple[str, ...]] = ()
    #: The names of numbers kept once for all parameters, float64; they start at zero.
    scalars: ClassVar[tuple[str, ...]] = ()
    #: The option that says how much of the past direction is kept. Its value may be a tensor, too.
    inertia: ClassVar[str | None] = None
    formula: ClassVar[str]

    learning_rate: float = option(
        0.01, "η, the length of the step along the gradient.", gt=0, le=100, log=True, live=True
    )

    @abstractmethod
    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        """Move `parameter` (elements,) in place; `gradient` may be overwritten.

        `state` holds the slots, each shaped like the parameter, and the scalars; `rate` is the scheduled
        learning rate and `count` the number of this update, from 1, both 0-d float64. Where replicas
        differ in their rate or in their `inertia`, that number and the scalars are (replicas, 1).
        """

    def position(self, parameter: Tensor, state: dict[str, Tensor]) -> Tensor:
        """Where the method says it is; `parameter` is where it wants the gradient."""
        return parameter

    @abstractmethod
    def call(self) -> Call:
        """The optimizer of torch that does the same, over Name("parameters")."""


def is_on(option: object) -> bool:
    """Whether a term with this factor takes part; with one factor for each replica, it always does."""
    return isinstance(option, Tensor) or option != 0
