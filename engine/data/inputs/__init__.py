"""Inputs: what a probe or a study shows to the network, chosen by a person."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from glassnet.engine.catalog import Item
from glassnet.engine.data.load import Data
from glassnet.engine.files.blobs import Blobs


class UnreadableInput(ValueError):
    """A file that shows nothing to a network, however often it is tried."""


class Input(Item, ABC):
    """One sample to look at, as the data set would have it."""

    @abstractmethod
    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        """The sample before selection and normalisation, with a leading axis of one: (1, …) float32.

        `data.transform` makes it what the network gets. Raises ValueError, saying what was expected,
        where the data set has no such sample.
        """

    def target(self, data: Data) -> int | None:
        """The class the sample is known to be; None where nobody knows."""
        return None
