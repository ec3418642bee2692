"""Inputs: single samples, chosen by the user, that a probe or a study runs through the network."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from glassnet.engine.catalog import Item
from glassnet.engine.data.load import Data
from glassnet.engine.files.blobs import Blobs


class UnreadableInput(ValueError):
    """A file that cannot be read as an input, now or later."""


class Input(Item, ABC):
    """One sample of the data set's shape, chosen by the user."""

    @abstractmethod
    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        """The sample before selection and normalisation, with a leading axis of one: (1, …) float32.

        `data.transform` converts it to the network's input. Raises ValueError, with what was expected,
        where the data set has no such sample.
        """

    def source(self, data: Data) -> Tensor | None:
        """The signal (1, channels, length) that the sample is a transform of; None where of none."""
        return None

    def target(self, data: Data) -> int | None:
        """The known class of the sample; None where it has no label."""
        return None

    def targets(self, data: Data) -> Tensor | None:
        """The sample's target as its data set has it, (1, …); None where it is not of the data."""
        return None
