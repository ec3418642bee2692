"""Activations: what a unit does with its weighted sum. They are nodes like any other."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from glassnet.engine.items.node import Operation


class Activation(Operation, ABC):
    """A function applied to every number by itself; shapes stay as they are."""

    folds: ClassVar[bool] = True
    #: The function and its derivative, as published.
    formula: ClassVar[str]
    derivative: ClassVar[str]
