"""Optimizers: update rules from gradients to steps."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Problem


class Optimizer(Item, ABC):
    """An elementwise update rule.

    The trainer keeps all parameters of an optimizer in one flat tensor, so a rule is written once, as its
    equation, and costs as many kernels as the equation has terms, however many layers there are. Replicas
    trained together are a leading axis of the same tensors.
    """

    #: The names of the state tensors of each parameter; they start at zero.
    slots: ClassVar[tuple[str, ...]] = ()
    #: The names of state numbers shared by all parameters, float64; they start at zero.
    scalars: ClassVar[tuple[str, ...]] = ()
    #: The option that is the share of the past direction that is kept. Its value may also be a tensor.
    inertia: ClassVar[str | None] = None
    formula: ClassVar[str]

    learning_rate: float = option(
        0.01, "η, the length of the step along the gradient.", gt=0, le=100, log=True, live=True
    )

    @abstractmethod
    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        """Update `parameter` (elements,) in place; `gradient` may be overwritten.

        `state` holds the slots, each shaped like the parameter, and the scalars; `rate` is the scheduled
        learning rate and `count` the number of this update, from 1, both 0-d float64. Where replicas
        differ in their rate or in their `inertia`, that number and the scalars are (replicas, 1).
        """

    def position(self, parameter: Tensor, state: dict[str, Tensor]) -> Tensor:
        """The method's current point; `parameter` is the point at which it takes the gradient."""
        return parameter

    def stability_edge(self, rate: float) -> float:
        """The sharpness beyond which the method diverges on a quadratic; NaN where no formula is known."""
        return math.nan

    def warning(self) -> Problem | None:
        """What its options do not do together, with pointers within; None where they go together."""
        return None

    @abstractmethod
    def call(self) -> Call:
        """The equivalent torch optimizer over Name("parameters")."""


def is_on(option: object) -> bool:
    """Whether a term with this factor is computed: it is not 0, or differs between replicas."""
    return isinstance(option, Tensor) or option != 0
