"""Initializers: the initial values of parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call


class Initializer(Item, ABC):
    """An in-place initialisation of a parameter, with random numbers from a generator of its own."""

    @abstractmethod
    def call(self) -> Call:
        """The call that fills Name("tensor"), drawing from Name("generator")."""
