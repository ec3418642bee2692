"""Activations: functions applied to a unit's weighted sum. Each is a network node."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar, Literal

from glassnet.engine.items.node import Operation


class Activation(Operation, ABC):
    """An elementwise function; shapes are unchanged."""

    folds: ClassVar[bool] = True
    #: How a signal goes down through it by the deconvnet and guided backprop: by their rule, or as it is.
    #: None: they have no rule for it.
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = None
    #: The function and its derivative, as published.
    formula: ClassVar[str]
    derivative: ClassVar[str]
