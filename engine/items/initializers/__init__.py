"""Initializers: the initial values of parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call


class Initializer(Item, ABC):
    """An in-place initialisation of a parameter, with random numbers from a generator of its own."""

    @abstractmethod
    def call(self) -> Call:
        """The call that fills Name("tensor"), drawing from Name("generator")."""

    def call_for_bias(self, weight: tuple[int, ...]) -> Call:
        """The call for a bias, where a rule needs the fan of its layer, whose weights have this shape."""
        return self.call()

    def call_for(self, parameter: str, shapes: Mapping[str, tuple[int, ...]]) -> Call:
        """The call for a parameter of a node, of whose parameters these are the shapes."""
        is_bias = parameter != "weight" and len(shapes[parameter]) == 1 and "weight" in shapes
        return self.call_for_bias(shapes["weight"]) if is_bias else self.call()
