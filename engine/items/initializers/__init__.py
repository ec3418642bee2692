"""Initializers: how a weight starts."""

from __future__ import annotations

from abc import ABC, abstractmethod

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call


class Initializer(Item, ABC):
    """Fills a parameter in place, drawing from a generator of its own."""

    @abstractmethod
    def call(self) -> Call:
        """The filling, with the names `tensor` and `generator`."""
